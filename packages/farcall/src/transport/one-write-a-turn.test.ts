import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { PreparedHeaders, type Stream } from "@farcall/http2"
import { sessionByHand } from "../test-support/session-by-hand.js"
import type { StreamOwner } from "./http2-session.js"

/** POST http://a/, by HPACK's static table. */
const request = Buffer.from("838684410161", "hex")
const response = new PreparedHeaders([":status", "200"])
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

/** A server's session whose requests wait until they are answered by hand. */
function waitingServer() {
  const streams = new Map<number, Stream<StreamOwner>>()
  const waits: StreamOwner = { onHeaders() {}, onData() {}, onReset() {}, onWritable() {} }
  const byHand = sessionByHand({
    accept(stream) {
      streams.set(stream.id, stream)
      return waits
    },
  })
  const answer = (...ids: number[]): void => {
    for (const id of ids) byHand.session.connection.sendHeaders(streams.get(id)!, response, undefined, true)
  }
  return { ...byHand, answer }
}

/** Bytes of an answer: a frame's header, and one field of the static table. */
const one = 9 + 1

describe("answers of one connection", () => {
  it("leave in one write with the turn's promises where all that came has been answered", () => {
    const { log, read, answer, promisesDone, turnOver } = waitingServer()
    read(requests(1, 3, 5))
    answer(1, 3, 5)
    assert.deepEqual(log, [])
    promisesDone()
    assert.deepEqual(log, [3 * one])
    turnOver()
    assert.deepEqual(log, [3 * one])
  })

  it("wait for the turn's others where streams are still open", () => {
    const { log, read, answer, promisesDone, turnOver } = waitingServer()
    read(requests(1, 3, 5, 7))
    answer(1, 3)
    promisesDone()
    assert.deepEqual(log, [])
    answer(7)
    assert.deepEqual(log, [])
    turnOver()
    assert.deepEqual(log, [3 * one])
  })

  it("do not wait for a stream that may be the only one for long", () => {
    const { log, read, answer, promisesDone } = waitingServer()
    read(requests(1, 3))
    answer(3)
    promisesDone()
    assert.deepEqual(log, [one])
  })

  it("are written anew in each turn", () => {
    const { log, read, answer, promisesDone, turnOver } = waitingServer()
    for (const id of [1, 5]) {
      read(requests(id, id + 2))
      answer(id, id + 2)
      promisesDone()
      turnOver()
    }
    assert.deepEqual(log, [2 * one, 2 * one])
  })
})
