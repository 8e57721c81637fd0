import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { Connection } from "./connection.js"
import type { Role } from "./handler.js"
import { FrameTranscript } from "./test-support/frame-transcript.js"
import {
  concat,
  frame,
  goAway,
  HeaderSource,
  ping,
  preface,
  requestFields,
  responseFields,
  settings,
} from "./test-support/frames.js"
import { Recorder } from "./test-support/recorder.js"

const role: fc.Arbitrary<Role> = fc.constantFrom("client", "server")

/** Something that looks like a frame, on one of few streams, more often than not wrong. */
const anyFrame = fc
  .tuple(
    fc.integer({ min: 0, max: 11 }),
    fc.oneof(fc.constantFrom(0, 1, 4, 5, 8, 9, 0x2d), fc.integer({ min: 0, max: 255 })),
    fc.constantFrom(0, 1, 1, 3, 3, 5, 2, 7),
    fc.oneof(fc.constantFrom(0, 4, 5, 6, 8).chain(exactly), fc.uint8Array({ maxLength: 60 })),
  )
  .map(([type, flags, streamId, payload]) => frame(type, flags, streamId, payload))

function exactly(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length })
}

const anyBytes = fc.uint8Array({ maxLength: 300 })

test("nothing that a peer sends makes receive throw, and chunks make no difference", () => {
  fc.assert(
    fc.property(role, fc.array(anyFrame, { maxLength: 12 }), fc.infiniteStream(fc.integer({ min: 1, max: 40 })), check),
    { numRuns: 3000 },
  )
})

test("… nor bytes that are no frames", () => {
  fc.assert(
    fc.property(role, anyBytes, fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (side, bytes, cuts) =>
      check(side, [bytes], cuts),
    ),
    { numRuns: 500 },
  )
})

test("… nor does what waits for the end of a chunk change what comes before it", () => {
  const byteByByte = { next: () => ({ done: false, value: 1 }) }
  check("client", [goAway(0, 0), ping([1, 2, 3, 4, 5, 6, 7, 8]), frame(0, 0, 0, [])], byteByByte)
})

function check(side: Role, frames: readonly Uint8Array[], cuts: Iterator<number>): void {
  const source = new HeaderSource()
  const open = side === "client" ? source.headers(1, responseFields) : source.headers(1, requestFields)
  const bytes = concat([...(side === "server" ? [preface] : []), settings(), open, ...frames])
  const whole = play(side, bytes, () => bytes.length)
  const cut = play(side, bytes, () => cuts.next().value)
  assert.deepEqual(cut, whole)
  const closings = whole.events.filter((line) => line.startsWith("close"))
  assert.ok(closings.length === 0 || (closings.length === 1 && whole.events.at(-1) === closings[0]))
}

function play(side: Role, bytes: Uint8Array, next: () => number) {
  const recorder = new Recorder()
  const connection = new Connection<string>(side, recorder)
  if (side === "client") {
    connection.openStream(requestFields, undefined, false, "a")
    connection.openStream(requestFields, undefined, true, "b")
  }
  for (let at = 0; at < bytes.length; ) {
    const stop = Math.min(at + next(), bytes.length)
    const chunk = bytes.slice(at, stop)
    connection.receive(chunk, 0, chunk.length, 0)
    chunk.fill(0xee)
    at = stop
  }
  const transcript = new FrameTranscript()
  const answers = transcript.read(connection.takeOutput())
  assert.equal(transcript.unread, 0)
  connection.written()
  // `onIdle` waits for the end of a chunk, and a connection that has failed by then is not idle but closed.
  const events = recorder.take().filter((line) => line !== "idle")
  return { events, answers, error: recorder.error?.message }
}
