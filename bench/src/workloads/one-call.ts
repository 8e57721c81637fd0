import { h2load, type UnaryLoad } from "../measure/h2load.js"
import { farcallClient } from "../stacks/farcall-client.js"
import type { Bench } from "./workload.js"

/** The call of examples/echo that every server answers. */
export const method = "echo.Echo/Reply"
export const message = "Hello, World!"
export const answer: string = `You said: ${message}`

/** A unary call that is made again and again. */
export interface OneCall {
  readonly method: string
  /** Bytes of the request's message. */
  readonly size: number
  /** With gRPC's prefix. */
  readonly request: Uint8Array
  /** The same of the response, in bytes. */
  readonly responseLength: number
  /** Makes it once, by our own client. @throws Error when the answer is another than it should be */
  check(address: string, secured: boolean): Promise<void>
}

export const echoCall: OneCall = {
  method,
  size: framed(message).length - 5,
  request: framed(message),
  responseLength: framed(answer).length,
  async check(address, secured) {
    const client = farcallClient(address, secured)
    const { message: heard } = await client.reply(message)
    await client.close()
    if (heard !== answer) throw new Error(`the server answered ${JSON.stringify(heard)}, not ${JSON.stringify(answer)}`)
  },
}

/** Warms a server up with ever more calls, and says how many it answers in the time of one measurement. */
export async function callsFor(bench: Bench, url: string, load: UnaryLoad): Promise<number> {
  const atOnce = load.connections * load.streams
  let calls = atOnce * 20
  for (;;) {
    const rate = await h2load(bench.cores.load, url, load, calls)
    if (calls / rate > bench.seconds / 2) return Math.max(atOnce, Math.round(rate * bench.seconds))
    calls = Math.round(Math.min(calls * 4, rate * bench.seconds))
  }
}

/** The message `{ string message = 1 }` behind gRPC's prefix, for texts under 128 bytes. */
export function framed(text: string): Uint8Array {
  const bytes = Buffer.from(text)
  return prefixed(Buffer.concat([Buffer.from([0x0a, bytes.length]), bytes]))
}

/** A message of less than 256 bytes behind gRPC's prefix. */
export function prefixed(message: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message])
}
