import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { PreparedHeaders, type Stream } from "@farcall/http2"
import { type Clock, systemClock } from "../core/clock.js"
import { Http2Session, type StreamOwner } from "./http2-session.js"
import type { Wire, WireHandler } from "./wire.js"

const greeting = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from("000000040000000000", "hex"),
])
/** POST http://a/, by HPACK's static table. */
const request = Buffer.from("838684410161", "hex")
const answer = new PreparedHeaders([":status", "200"])
const HEADERS = 1
const END_STREAM_AND_HEADERS = 5

/** The requests of these streams, as one read brings them. */
function requests(...ids: number[]): Buffer {
  return Buffer.concat(
    ids.flatMap((id) => {
      const header = Buffer.alloc(9)
      header.writeUIntBE(request.length, 0, 3)
      header[3] = HEADERS
      header[4] = END_STREAM_AND_HEADERS
      header.writeUInt32BE(id, 5)
      return [header, request]
    }),
  )
}

/** A server's session whose requests wait until they are answered by hand, and whose time goes on by hand. */
function waitingServer() {
  const writes: number[] = []
  const soon: (() => void)[] = []
  const deferred: (() => void)[] = []
  const clock: Clock = {
    ...systemClock,
    soon: (task) => void soon.push(task),
    defer: (task) => void deferred.push(task),
  }
  let handler!: WireHandler
  const wire: Wire = {
    peer: "test",
    local: "test",
    unsent: 0,
    attach: (attached) => {
      handler = attached
    },
    write(segments, done) {
      writes.push(segments.reduce((sum, { length }) => sum + length, 0))
      done()
    },
    pauseReading() {},
    resumeReading() {},
    end() {},
    destroy() {},
  }
  const streams = new Map<number, Stream<StreamOwner>>()
  const waits: StreamOwner = { onHeaders() {}, onData() {}, onReset() {}, onWritable() {} }
  const session = new Http2Session(
    "server",
    wire,
    clock,
    {
      accept(stream) {
        streams.set(stream.id, stream)
        return waits
      },
      onIdle() {},
      onClosed() {},
    },
    undefined,
  )
  session.start()
  const run = (tasks: (() => void)[]): void => {
    for (const task of tasks.splice(0)) task()
  }
  const read = (bytes: Buffer): void => handler.onChunk(bytes, 0, bytes.length)
  read(greeting)
  run(soon)
  run(deferred)
  writes.length = 0
  return {
    writes,
    read,
    answer: (...ids: number[]) => {
      for (const id of ids) session.connection.sendHeaders(streams.get(id)!, answer, undefined, true)
    },
    promisesDone: () => run(soon),
    turnOver: () => run(deferred),
  }
}

/** Bytes of an answer: a frame's header, and one field of the static table. */
const one = 9 + 1

describe("answers of one connection", () => {
  it("leave in one write with the turn's promises where all that came has been answered", () => {
    const { writes, read, answer, promisesDone, turnOver } = waitingServer()
    read(requests(1, 3, 5))
    answer(1, 3, 5)
    assert.deepEqual(writes, [])
    promisesDone()
    assert.deepEqual(writes, [3 * one])
    turnOver()
    assert.deepEqual(writes, [3 * one])
  })

  it("wait for the turn's others where streams are still open", () => {
    const { writes, read, answer, promisesDone, turnOver } = waitingServer()
    read(requests(1, 3, 5, 7))
    answer(1, 3)
    promisesDone()
    assert.deepEqual(writes, [])
    answer(7)
    assert.deepEqual(writes, [])
    turnOver()
    assert.deepEqual(writes, [3 * one])
  })

  it("do not wait for a stream that may be the only one for long", () => {
    const { writes, read, answer, promisesDone } = waitingServer()
    read(requests(1, 3))
    answer(3)
    promisesDone()
    assert.deepEqual(writes, [one])
  })

  it("are written anew in each turn", () => {
    const { writes, read, answer, promisesDone, turnOver } = waitingServer()
    for (const id of [1, 5]) {
      read(requests(id, id + 2))
      answer(id, id + 2)
      promisesDone()
      turnOver()
    }
    assert.deepEqual(writes, [2 * one, 2 * one])
  })
})
