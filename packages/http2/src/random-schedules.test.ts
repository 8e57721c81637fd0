import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import type { Connection } from "./connection.js"
import type { Stream } from "./stream.js"
import { requestFields, responseFields } from "./test-support/frames.js"
import { JoinedPair } from "./test-support/joined-pair.js"
import { Recorder } from "./test-support/recorder.js"

/** What one side sends on one stream, how, and how fast the other side takes it. */
interface Transfer {
  readonly sizes: readonly number[]
  /** Encoded in place where that is allowed, else handed over. */
  readonly inPlace: boolean
  /** Taken at each turn; less than what comes piles up. */
  readonly appetite: number
  readonly trailers: boolean
}

interface Schedule {
  readonly calls: readonly { readonly request: Transfer; readonly response: Transfer }[]
  readonly streamWindow: number
  readonly peerStreamWindow: number
  readonly frameSize: number
  readonly highWater: number
  readonly sendBufferSize: number
  /** Into pieces of this size the bytes are cut on their way. */
  readonly chunk: number
}

const transfer: fc.Arbitrary<Transfer> = fc.record({
  sizes: fc.array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 60_000 })), { maxLength: 6 }),
  inPlace: fc.boolean(),
  appetite: fc.integer({ min: 1, max: 30_000 }),
  trailers: fc.boolean(),
})

const window = fc.oneof(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 500, max: 300_000 }))

const schedule: fc.Arbitrary<Schedule> = fc.record({
  calls: fc.array(fc.record({ request: transfer, response: transfer }), { minLength: 1, maxLength: 8 }),
  streamWindow: window,
  peerStreamWindow: window,
  frameSize: fc.integer({ min: 16_384, max: 100_000 }),
  highWater: fc.integer({ min: 1, max: 100_000 }),
  sendBufferSize: fc.integer({ min: 1, max: 100_000 }),
  chunk: fc.integer({ min: 1, max: 70_000 }),
})

test("whatever the windows and the haste, all arrives in order and every counter returns to zero", () => {
  fc.assert(fc.property(schedule, run), { numRuns: 60 })
})

test("large messages through windows of a few bytes and a few kilobytes", () => {
  for (const [streamWindow, mebibytes] of [
    [700, 0.5],
    [5000, 4],
    [70_000, 4],
  ]) {
    const sizes = Array.from({ length: 32 * mebibytes }, () => 32 * 1024)
    const request = { sizes, inPlace: false, appetite: 1 << 20, trailers: false }
    const response = { sizes, inPlace: true, appetite: 1 << 20, trailers: true }
    run({
      calls: [{ request, response }],
      streamWindow,
      peerStreamWindow: streamWindow,
      frameSize: 16_384,
      highWater: 256 * 1024,
      sendBufferSize: 64 * 1024,
      chunk: 65_536,
    })
  }
})

/** One side of one call: sends its sizes one after the other while it may, and checks what it gets. */
class Side {
  readonly connection: Connection<string>
  readonly sends: Transfer
  readonly gets: Transfer
  /** Of what it sends; the other end of the call has the one that differs in the last bit. */
  readonly seed: number
  stream: Stream<string> | undefined = undefined
  received = 0
  unconsumed = 0
  ended = false
  #next = 0
  #sent = 0
  #finished = false

  constructor(connection: Connection<string>, sends: Transfer, gets: Transfer, seed: number) {
    this.connection = connection
    this.sends = sends
    this.gets = gets
    this.seed = seed
  }

  get done(): boolean {
    return this.#finished && this.ended
  }

  send(): void {
    const { stream, connection, sends } = this
    if (stream === undefined || this.#finished) return
    while (this.#next < sends.sizes.length && stream.writable) {
      const size = sends.sizes[this.#next++]
      const last = this.#next === sends.sizes.length && !sends.trailers
      if (size > 0 && sends.inPlace && connection.beginData(stream, size)) {
        const { output, outputOffset } = connection
        this.#fill(output, outputOffset, size)
        connection.commitData(stream, outputOffset + size, last)
      } else {
        const bytes = new Uint8Array(size)
        this.#fill(bytes, 0, size)
        connection.sendOwned(stream, bytes, 0, size, last)
      }
      this.#sent += size
    }
    if (this.#next < sends.sizes.length) return
    this.#finished = true
    if (sends.trailers) connection.sendHeaders(stream, ["t", "1"], undefined, true)
    else if (sends.sizes.length === 0) connection.endStream(stream)
  }

  /** The next so many bytes of what it sends. */
  #fill(target: Uint8Array, start: number, size: number): void {
    const { seed } = this
    const sent = this.#sent
    for (let i = 0; i < size; i++) target[start + i] = byteAt(seed, sent + i)
  }

  receive(chunk: Uint8Array, start: number, stop: number, end: boolean): void {
    for (let i = start; i < stop; i++) {
      const expected = byteAt(this.seed ^ 1, this.received++)
      if (chunk[i] !== expected) assert.equal(chunk[i], expected, `byte ${this.received - 1}`)
    }
    this.unconsumed += stop - start
    if (end) this.ended = true
  }

  consume(): void {
    if (this.stream === undefined) return
    const size = Math.min(this.unconsumed, this.gets.appetite)
    this.unconsumed -= size
    this.connection.consumed(this.stream, size)
  }
}

function byteAt(seed: number, at: number): number {
  return (at * 31 + (at >>> 8) + seed * 17) & 0xff
}

class SidesHandler extends Recorder {
  readonly sides: Map<number, Side> = new Map()

  override onData(stream: Stream<string>, chunk: Uint8Array, start: number, stop: number, end: boolean): void {
    this.sides.get(stream.id)?.receive(chunk, start, stop, end)
  }

  override onWritable(stream: Stream<string>): void {
    this.sides.get(stream.id)?.send()
  }
}

function run(plan: Schedule): void {
  const client = new SidesHandler()
  const server = new SidesHandler()
  const common = {
    maxFrameSize: plan.frameSize,
    outputHighWater: plan.highWater,
    sendBufferSize: plan.sendBufferSize,
    // Windows of a byte make a frame, and its credit, of every byte.
    windowUpdatesPerDataFrame: 1000,
  }
  const pair = new JoinedPair<string, string>(
    client,
    server,
    { ...common, streamWindow: plan.streamWindow, connectionWindow: 65_535 },
    { ...common, streamWindow: plan.peerStreamWindow, connectionWindow: 65_535 },
  )
  pair.chunk = plan.chunk
  pair.settle()
  client.hooks.headers = (stream, kind, _block, end) => {
    const side = client.sides.get(stream.id)
    if (side !== undefined && kind !== "informational" && end) side.ended = true
  }
  server.hooks.headers = (stream, kind, _block, end) => {
    if (kind === "initial") {
      const call = plan.calls[(stream.id - 1) / 2]
      const side = new Side(pair.server, call.response, call.request, 2 * stream.id + 1)
      side.stream = stream
      server.sides.set(stream.id, side)
      pair.server.sendHeaders(stream, responseFields, undefined, false)
    }
    const side = server.sides.get(stream.id)
    if (side !== undefined && end) side.ended = true
  }
  plan.calls.forEach((call, i) => {
    const side = new Side(pair.client, call.request, call.response, 4 * i + 2)
    side.stream = pair.client.openStream(requestFields, undefined, false, `call ${i}`)
    assert.ok(side.stream)
    client.sides.set(side.stream.id, side)
  })
  const sides = () => [...client.sides.values(), ...server.sides.values()]
  for (let turn = 0; turn < 1_000_000; turn++) {
    for (const side of sides()) {
      side.send()
      side.consume()
    }
    pair.settle()
    for (const connection of [pair.client, pair.server]) {
      assert.equal(connection.pendingOutput, 0)
      assert.ok(connection.counters.sendWindow >= 0)
    }
    if (server.sides.size === plan.calls.length && sides().every((side) => side.done && side.unconsumed === 0)) break
    assert.equal(client.error ?? server.error, undefined)
  }
  for (const side of sides()) assert.equal(side.received, sum(side.gets.sizes))
  for (const [connection, handler] of [
    [pair.client, client],
    [pair.server, server],
  ] as const) {
    assert.equal(handler.error, undefined)
    assert.equal(handler.closures.length, 0)
    const { inboundHeld, outboundQueued, pendingOutput } = connection.counters
    assert.deepEqual(
      { inboundHeld, outboundQueued, pendingOutput, openStreams: connection.openStreams },
      { inboundHeld: 0, outboundQueued: 0, pendingOutput: 0, openStreams: 0 },
    )
  }
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0)
}
