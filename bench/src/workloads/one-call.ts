import { h2load, type UnaryLoad } from "../measure/h2load.js"
import type { Bench } from "./workload.js"

/** The call of examples/echo that every server answers. */
export const method = "echo.Echo/Reply"
export const message = "Hello, World!"
export const answer: string = answerTo(message)

export function answerTo(text: string): string {
  return `You said: ${text}`
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
  return Buffer.concat([Buffer.from([0, 0, 0, 0, bytes.length + 2, 0x0a, bytes.length]), bytes])
}
