import assert from "node:assert/strict"
import { it } from "node:test"
import { type Clock, systemClock } from "../core/clock.js"
import { Http2Session, type SessionOwner } from "./http2-session.js"
import type { Wire, WireHandler } from "./wire.js"

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
const settings = Buffer.from("000000040000000000", "hex")
/** Frames of a type that means nothing: 40,000 bytes. */
const chunk = Buffer.alloc(40_000)
for (let at = 0; at < chunk.length; at += 1000) {
  chunk.writeUIntBE(991, at, 3)
  chunk[at + 3] = 0xfe
}

/** A session on a wire that notes when it is read. A chunk takes as long as `ms` says. */
function sessionOf(ms: number) {
  const log: string[] = []
  const deferred: (() => void)[] = []
  let time = 0
  const clock: Clock = { ...systemClock, now: () => (time += ms), defer: (task) => void deferred.push(task) }
  let handler!: WireHandler
  const wire: Wire = {
    peer: "test",
    local: "test",
    unsent: 0,
    attach: (attached) => {
      handler = attached
    },
    write: (_segments, done) => done(),
    pauseReading: () => void log.push("pause"),
    resumeReading: () => void log.push("resume"),
    end: () => {},
    destroy: () => {},
  }
  const owner: SessionOwner = {
    onSettings() {},
    onCapacity() {},
    onGoAway() {},
    onPong() {},
    onIdle() {},
    onClosed() {},
  }
  new Http2Session("server", wire, clock, owner, undefined).start()
  const greeting = Buffer.concat([preface, settings])
  handler.onChunk(greeting, 0, greeting.length)
  const turn = (): void => {
    for (const task of deferred.splice(0)) task()
  }
  return { log, handler, turn }
}

it("a large chunk that took long is the last one in its turn", () => {
  const { log, handler, turn } = sessionOf(1.5)
  turn()
  handler.onChunk(chunk, 0, chunk.length)
  assert.deepEqual(log, ["pause"])
  turn()
  assert.deepEqual(log, ["pause", "resume"])
  // A small one is not: there is nothing behind it.
  handler.onChunk(chunk, 0, 10_000)
  turn()
  assert.deepEqual(log, ["pause", "resume"])
})

it("one that is quickly read is followed by others", () => {
  const { log, handler, turn } = sessionOf(0.1)
  for (let i = 0; i < 5; i++) handler.onChunk(chunk, 0, chunk.length)
  turn()
  assert.deepEqual(log, [])
})
