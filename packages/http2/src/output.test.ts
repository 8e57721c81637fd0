import assert from "node:assert/strict"
import { test } from "node:test"
import { BufferPool } from "./buffer-pool.js"
import { Output } from "./output.js"
import { FrameTranscript } from "./test-support/frame-transcript.js"
import { concat, requestFields, responseFields } from "./test-support/frames.js"
import { JoinedPair } from "./test-support/joined-pair.js"
import { Recorder } from "./test-support/recorder.js"

/** Overwrites what is given back, and tells when a buffer is handed out or given back twice. */
class PoisoningPool extends BufferPool {
  readonly inUse: Set<Uint8Array> = new Set()
  acquired = 0

  override acquire(): Uint8Array {
    const buffer = super.acquire()
    assert.equal(this.inUse.has(buffer), false, "a buffer in use was handed out")
    this.inUse.add(buffer)
    this.acquired++
    return buffer
  }

  override release(buffer: Uint8Array): void {
    assert.equal(this.inUse.delete(buffer), true, "a buffer was given back that was not in use")
    buffer.fill(0xdd)
    super.release(buffer)
  }
}

test("what is queued comes out in order, once", () => {
  const pool = new PoisoningPool(16)
  const output = new Output(() => {}, pool)
  const text = new TextEncoder().encode("abcdefghijklmnopqrstuvwxyz0123456789")
  output.copy(text, 0, 10)
  const big = text.slice(10, 14)
  output.append(big, 0, 4)
  output.copy(text, 14, 36)
  assert.equal(output.pending, 36)
  const taken = output.take()
  assert.equal(new TextDecoder().decode(concat(taken)), new TextDecoder().decode(text))
  assert.equal(taken[1].buffer, big.buffer, "an appended payload is not copied")
  assert.deepEqual(output.take(), [])
  assert.equal(output.pending, 36)
  output.written()
  assert.equal(output.pending, 0)
  assert.equal(pool.inUse.size, 0)
})

test("buffers go back only when their own batch has been written", () => {
  const pool = new PoisoningPool(16)
  const output = new Output(() => {}, pool)
  const batches = ["first", "second", "third"].map((word) => {
    output.copy(new TextEncoder().encode(word), 0, word.length)
    return output.take()
  })
  assert.equal(pool.inUse.size, 3)
  output.written()
  assert.equal(pool.inUse.size, 2)
  output.copy(new TextEncoder().encode("fourth"), 0, 6)
  const words = [...batches.slice(1), output.take()].map((batch) => new TextDecoder().decode(concat(batch)))
  assert.deepEqual(words, ["second", "third", "fourth"])
  for (let i = 0; i < 5; i++) output.written()
  assert.equal(pool.inUse.size, 0)
  assert.equal(output.pending, 0)
})

test("output is announced once until it is taken, and not before the first time", () => {
  let announced = 0
  const output = new Output(() => announced++)
  output.copy(Uint8Array.of(1), 0, 1)
  assert.equal(announced, 0)
  output.take()
  output.copy(Uint8Array.of(1), 0, 1)
  output.copy(Uint8Array.of(1), 0, 1)
  assert.equal(announced, 1)
  output.take()
  output.announce()
  output.announce()
  assert.equal(announced, 2)
})

test("HEADERS, DATA and trailers of a reply are one segment; a large payload is one of its own, uncopied", () => {
  const server = new Recorder()
  const pair = new JoinedPair(new Recorder(), server)
  pair.settle()
  const payload = new Uint8Array(16_000).fill(5)
  server.hooks.headers = (stream) => {
    const size = stream.id === 1 ? 5000 : payload.length
    pair.server.sendHeaders(stream, responseFields, undefined, false)
    pair.server.sendOwned(stream, payload, 0, size, false)
    pair.server.sendHeaders(stream, ["grpc-status", "0"], undefined, true)
  }
  pair.client.openStream(requestFields, undefined, true, "small")
  pair.carry(pair.client, pair.server)
  const small = pair.server.takeOutput()
  assert.equal(small.length, 1)
  assert.equal(new FrameTranscript().read(small).length, 3)
  pair.client.openStream(requestFields, undefined, true, "large")
  pair.carry(pair.client, pair.server)
  const large = pair.server.takeOutput()
  assert.equal(large.length, 3)
  assert.equal(large[1].buffer, payload.buffer)
})

test("a buffer in use is never handed out: traffic both ways over poisoned buffers, written late", () => {
  const pool = new PoisoningPool()
  const client = new Recorder()
  const server = new Recorder()
  const pair = new JoinedPair<string, string>(client, server, { bufferPool: pool }, { bufferPool: pool })
  server.hooks.headers = (stream) => pair.server.sendHeaders(stream, responseFields, undefined, false)
  server.hooks.data = (stream, size, end) => {
    pair.server.consumed(stream, size)
    const echo = new Uint8Array(size).fill(stream.id)
    pair.server.sendOwned(stream, echo, 0, size, end)
    if (end) pair.server.release(stream)
  }
  client.hooks.data = (stream, size) => pair.client.consumed(stream, size)
  pair.settle()
  const inFlight: [from: typeof pair.client, segments: Uint8Array[]][] = []
  for (let round = 0; round < 200; round++) {
    const stream = pair.client.openStream(requestFields, undefined, false, `call ${round}`)
    if (stream !== undefined) {
      const size = (round * 7919) % 30_000
      assert.ok(size === 0 || pair.client.beginData(stream, size) || pair.client.pendingOutput > 0)
      pair.client.sendOwned(stream, new Uint8Array(size + 1).fill(stream.id), 0, size + 1, true)
    }
    for (const [from, to] of [
      [pair.client, pair.server],
      [pair.server, pair.client],
    ]) {
      const segments = from.takeOutput()
      if (segments.length > 0) inFlight.push([from, segments])
      // Three writes are always under way: the bytes are looked at only when the fourth begins.
      if (inFlight.length <= 3) continue
      const [sender, late] = inFlight.shift() as (typeof inFlight)[number]
      const receiver = sender === pair.client ? pair.server : pair.client
      for (const segment of late) receiver.receive(segment, 0, segment.length, 0)
      sender.written()
      assert.ok(to)
    }
  }
  while (inFlight.length > 0) {
    const [sender, late] = inFlight.shift() as (typeof inFlight)[number]
    const receiver = sender === pair.client ? pair.server : pair.client
    for (const segment of late) receiver.receive(segment, 0, segment.length, 0)
    sender.written()
    for (const from of [pair.client, pair.server]) {
      const segments = from.takeOutput()
      if (segments.length > 0) inFlight.push([from, segments])
    }
  }
  assert.equal(client.error, undefined)
  assert.equal(server.error, undefined)
  assert.equal(pair.client.openStreams, 0)
  assert.equal(pool.inUse.size, 0)
  assert.ok(pool.acquired > 100)
  const lines = client.take().filter((line) => line.startsWith("data"))
  assert.ok(lines.length >= 190, `${lines.length} answers`)
})
