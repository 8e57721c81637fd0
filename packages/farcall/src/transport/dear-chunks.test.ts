import assert from "node:assert/strict"
import { it } from "node:test"
import { sessionByHand } from "../test-support/session-by-hand.js"

/** Frames of a type that means nothing: 40,000 bytes. */
const chunk = Buffer.alloc(40_000)
for (let at = 0; at < chunk.length; at += 1000) {
  chunk.writeUIntBE(991, at, 3)
  chunk[at + 3] = 0xfe
}

/** A session whose chunks take as long as `ms` says. */
function sessionOf(ms: number) {
  let time = 0
  return sessionByHand({}, () => (time += ms))
}

it("a large chunk that took long is the last one in its turn", () => {
  const { log, read, turnOver } = sessionOf(1.5)
  turnOver()
  read(chunk)
  assert.deepEqual(log, ["pause"])
  turnOver()
  assert.deepEqual(log, ["pause", "resume"])
  // A small one is not: there is nothing behind it.
  read(chunk.subarray(0, 10_000))
  turnOver()
  assert.deepEqual(log, ["pause", "resume"])
})

it("one that is quickly read is followed by others", () => {
  const { log, read, turnOver } = sessionOf(0.1)
  for (let i = 0; i < 5; i++) read(chunk)
  turnOver()
  assert.deepEqual(log, [])
})
