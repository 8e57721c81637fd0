import assert from "node:assert/strict"
import { test } from "node:test"
import { BufferPool } from "./buffer-pool.js"
import { ErrorCode } from "./frame/error-code.js"
import type { Stream } from "./stream.js"
import { requestFields } from "./test-support/frames.js"
import { JoinedPair } from "./test-support/joined-pair.js"
import { Recorder } from "./test-support/recorder.js"

/** Long buffers that come back are overwritten, so that bytes which have not left yet would be seen to change. */
class PoisoningLongPool extends BufferPool {
  readonly lent: Set<Uint8Array> = new Set()
  made: Set<Uint8Array> = new Set()

  override acquireLong(size: number): Uint8Array {
    const buffer = super.acquireLong(size)
    assert.equal(this.lent.has(buffer), false, "a buffer in use was handed out")
    this.lent.add(buffer)
    this.made.add(buffer)
    return buffer
  }

  override release(buffer: Uint8Array): void {
    if (this.made.has(buffer)) {
      assert.equal(this.lent.delete(buffer), true, "a buffer was given back that was not in use")
      buffer.fill(0xdd)
    }
    super.release(buffer)
  }
}

/** Counts the bytes of DATA that come, and those that are not what their stream is filled with. */
class Counter extends Recorder {
  came = 0
  wrong = 0
  onBytes: (stream: Stream<string>, size: number) => void = () => {}

  override onData(stream: Stream<string>, chunk: Uint8Array, start: number, stop: number): void {
    for (let i = start; i < stop; i++) if (chunk[i] !== stream.id % 256) this.wrong++
    this.came += stop - start
    this.onBytes(stream, stop - start)
  }
}

interface Lending {
  readonly pool: PoisoningLongPool
  readonly pair: JoinedPair<string, string>
  readonly server: Counter
  /** Opens a stream and sends `size` bytes of its id on it. */
  send(size: number, end: boolean): Stream<string>
}

function lending(): Lending {
  const pool = new PoisoningLongPool()
  const server = new Counter()
  const pair = new JoinedPair<string, string>(new Recorder(), server, { bufferPool: pool })
  server.onBytes = (stream, size) => pair.server.consumed(stream, size)
  pair.settle()
  return {
    pool,
    pair,
    server,
    send(size, end) {
      const stream = pair.client.openStream(requestFields, undefined, false, "long")
      assert.ok(stream)
      const buffer = pair.client.longBuffer(size)
      assert.ok(buffer.length >= size)
      buffer.fill(stream.id % 256, 0, size)
      pair.client.sendOwned(stream, buffer, 0, size, end, true)
      return stream
    },
  }
}

test("a long buffer is used again once all of it has been written, and not before", () => {
  const { pool, pair, server, send } = lending()
  for (let round = 0; round < 20; round++) {
    send(1_000_000, true)
    send(700_000, true)
    assert.equal(pool.lent.size, 2)
    pair.settle()
    assert.equal(pool.lent.size, 0, `round ${round}`)
  }
  assert.equal(server.wrong, 0)
  assert.equal(server.came, 20 * 1_700_000)
  assert.ok(pool.made.size <= 3, `${pool.made.size} buffers were made`)
})

test("a long buffer that leaves in one frame is used again as well", () => {
  const { pool, pair, send } = lending()
  send(10_000, true)
  assert.equal(pool.lent.size, 1)
  pair.settle()
  assert.equal(pool.lent.size, 0)
})

test("a buffer that was not lent stays its owner's", () => {
  const { pool, pair } = lending()
  const released: Uint8Array[] = []
  pool.release = (buffer) => released.push(buffer)
  for (const size of [10_000, 100_000]) {
    const stream = pair.client.openStream(requestFields, undefined, false, "own")
    assert.ok(stream)
    const own = new Uint8Array(size).fill(stream.id)
    pair.client.sendOwned(stream, own, 0, size, true)
    pair.settle()
    assert.ok(released.length > 0 && !released.includes(own))
  }
})

test("a long buffer whose stream is reset is not used again while a part of it may be on its way", () => {
  const { pool, pair, send } = lending()
  const stream = send(2_000_000, false)
  const first = pair.client.takeOutput()
  pair.client.reset(stream, ErrorCode.CANCEL)
  assert.ok(first.some((segment) => segment.length > 8192 && segment.every((byte) => byte === 1)))
  pair.client.written()
  pair.settle()
  assert.equal(pool.lent.size, 1, "it is left to the garbage collector")
})

test("the pool keeps no more than its capacity, and hands out nothing that is far too long", () => {
  const pool = new BufferPool(1024, 2, 100_000)
  const small = pool.acquireLong(2000)
  const large = pool.acquireLong(90_000)
  pool.release(small)
  assert.notEqual(pool.acquireLong(400), small, "of four times the size it is a waste")
  assert.equal(pool.acquireLong(1500), small)
  pool.release(small)
  pool.release(large)
  pool.release(pool.acquireLong(20_000))
  assert.notEqual(pool.acquireLong(2000), small, "what was kept longest went first")
  const tooLong = pool.acquireLong(200_000)
  pool.release(tooLong)
  assert.notEqual(pool.acquireLong(200_000), tooLong)
})
