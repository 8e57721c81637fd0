import type { ConnectionCounters, ConnectionError } from "@farcall/http2"
import { createClient } from "farcall"
import { createTestPair, virtualClock } from "farcall/testing"
import { systemClock } from "../../../packages/farcall/dist/core/clock.js"
import type { GrpcServer } from "../../../packages/farcall/dist/server/server.js"
import { Parrot } from "../../../packages/farcall/dist/test-support/parrot.js"
import type { Http2Session } from "../../../packages/farcall/dist/transport/http2-session.js"
import { inMemoryWires } from "../../../packages/farcall/dist/transport/in-memory.js"
import type { Wire, WireHandler } from "../../../packages/farcall/dist/transport/wire.js"
import type { Attack } from "./attack.js"
import { greetingOf, HostileEar } from "./hostile-peer.js"

type Text = { readonly text: string }

/** What a connection held at the most, in each respect by itself. */
type Most = { -readonly [Key in keyof ConnectionCounters]: number }

/** How an attack went against a server in this process. */
export interface Siege {
  /** What the hostile client was told. */
  readonly ear: HostileEar
  /** The error that the server ended the connection with. */
  readonly error: ConnectionError | undefined
  readonly closed: boolean
  readonly most: Most
  /** The server's clock when the connection was closed. */
  readonly closedAt: number
  /** Calls of an honest client on another connection, one for each burst; all went well. */
  readonly honestCalls: number
}

/** A server's handlers: quick ones, an answer of 16 MiB, and one that never reads nor ends. */
const servicer = {
  say: (request: Text): Text => request,
  async gather(requests: AsyncIterable<Text>): Promise<Text> {
    let count = 0
    for await (const _ of requests) count++
    return { text: String(count) }
  },
  async *repeat({ text }: Text): AsyncGenerator<Text> {
    for (let i = 0; i < 16_000; i++) yield { text }
  },
  async *chat(requests: AsyncIterable<Text>): AsyncGenerator<Text> {
    await new Promise(() => {})
    yield* requests
  },
}

/**
 * Lets a hostile client at a server, over a wire in memory, until it is cut off or has said `bursts` bursts. Between any
 * two, an honest client on another connection makes a call. Time is the test's own.
 * @param after what the hostile client says when it has not been cut
 * @throws StatusError when an honest call fails
 */
export async function besiege(attack: Attack, bursts: number, after?: Uint8Array): Promise<Siege> {
  const clock = virtualClock()
  const most = {} as Most
  let closedAt = -1
  let error: ConnectionError | undefined
  await using honest = await createTestPair(Parrot, servicer, { server: { clock, onHandlerError: () => {} } })
  const [near, far] = inMemoryWires(systemClock)
  const session = (honest.server as GrpcServer).accept(far) as Http2Session
  const onClose = session.onClose.bind(session)
  session.onClose = (reason) => {
    error = reason
    closedAt = clock.now()
    onClose(reason)
  }
  const peer = new MemoryAttacker(near, attack.deaf === true)
  const client = createClient(Parrot, honest.channel)
  let honestCalls = 0
  const look = (): void => {
    for (const [name, value] of Object.entries(session.connection.counters) as [keyof Most, number][]) {
      most[name] = Math.max(most[name] ?? 0, value)
    }
  }
  await peer.say(greetingOf(attack))
  look()
  for (let n = 0; n < bursts && closedAt < 0; n++) {
    const burst = attack.burst(n)
    if (burst !== undefined) await peer.say(burst)
    look()
    await clock.advance(burst === undefined ? 1000 : (attack.pauseMs ?? 0))
    const text = `call ${n}`
    if ((await client.say({ text })).text !== text) throw new Error(`${text} was answered with something else`)
    honestCalls++
    look()
  }
  if (closedAt < 0 && after !== undefined) {
    await peer.say(after)
    for (let turn = 0; turn < 10; turn++) await clock.advance(0)
  }
  await clock.advance(0)
  peer.wire.destroy()
  return { ear: peer.ear, error, closed: closedAt >= 0, most, closedAt, honestCalls }
}

/** A hostile client's end of a wire in memory. */
class MemoryAttacker implements WireHandler {
  readonly ear = new HostileEar()
  readonly wire: Wire
  #closed = false
  #waiting: (() => void) | undefined = undefined

  constructor(wire: Wire, deaf: boolean) {
    this.wire = wire
    wire.attach(this)
    if (deaf) wire.pauseReading()
  }

  /** Resolves when the server has taken the bytes, will take no more, or has stopped reading. */
  async say(bytes: Uint8Array): Promise<void> {
    if (this.#closed || bytes.length === 0) return
    const taken = new Promise<void>((resolve) => {
      this.#waiting = resolve
      this.wire.write([bytes], resolve)
    })
    await Promise.race([taken, turns(20)])
  }

  onChunk(chunk: Uint8Array, start: number, stop: number): void {
    this.ear.hear(chunk.slice(start, stop))
  }

  onWireEnd(): void {}

  onWireClosed(): void {
    this.#closed = true
    this.#waiting?.()
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}
