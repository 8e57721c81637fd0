import assert from "node:assert/strict"
import { ErrorCode } from "./frame/error-code.js"
import { FrameType } from "./frame/header.js"
import type { ConnectionOptions } from "./handler.js"
import { type ScriptedPeer, script } from "./test-support/frame-script.js"
import {
  concat,
  data,
  frame,
  ping,
  requestFields,
  responseFields,
  rstStream,
  settings,
  windowUpdate,
} from "./test-support/frames.js"

const opaque = [0, 0, 0, 0, 0, 0, 0, 0]

/** What can be said `count` times, and is too much with one more. Stream 1 is open. */
type Row = readonly [
  name: string,
  options: ConnectionOptions,
  count: number,
  say: (peer: ScriptedPeer, i: number) => Uint8Array,
]

const rows: readonly Row[] = [
  ["empty DATA frames", { maxEmptyDataFrames: 3 }, 3, () => data(1, "")],
  ["unread answers to PING", { unsentControlClose: 4 }, 4, () => ping(opaque)],
  ["unread answers to SETTINGS", { unsentControlClose: 4 }, 4, () => settings()],
  [
    "streams above our GOAWAY",
    { glitches: 5 },
    5,
    (peer, i) => {
      if (i === 0) peer.connection.goAway(1, ErrorCode.NO_ERROR)
      return peer.source.headers(3 + 2 * i, requestFields)
    },
  ],
  ["frames of unknown types", { glitches: 5 }, 5, () => frame(0x20, 0, 0, [])],
  ["PRIORITY frames", { priorityFramesPerStream: 3 }, 6, () => frame(FrameType.PRIORITY, 0, 1, [0, 0, 0, 0, 1])],
  // A hundred at the start, and two for the stream.
  ["WINDOW_UPDATE frames", {}, 102, () => windowUpdate(1, 1)],
  [
    "stream errors",
    { maxProvokedResets: 3 },
    3,
    (peer, i) => concat([peer.source.headers(3 + 2 * i, requestFields), windowUpdate(3 + 2 * i, 0)]),
  ],
  [
    "streams reset as soon as opened",
    { rapidResets: 3 },
    3,
    (peer, i) => concat([peer.source.headers(3 + 2 * i, requestFields), rstStream(3 + 2 * i, ErrorCode.CANCEL)]),
  ],
]

for (const [name, options, count, say] of rows) {
  script(`too many ${name}: ENHANCE_YOUR_CALM`, "server", options, (peer) => {
    peer.greet()
    peer.recorder.hooks.reset = (stream) => peer.connection.release(stream)
    peer.say(peer.source.headers(1, requestFields))
    for (let i = 0; i < count; i++) peer.say(say(peer, i))
    assert.equal(peer.errorCode, undefined)
    peer.say(say(peer, count))
    assert.match(peer.hear().at(-1) ?? "", /^GOAWAY [0-9]+ ENHANCE_YOUR_CALM$/)
    assert.equal(peer.errorCode, "ENHANCE_YOUR_CALM")
    // Every stream that was heard of is told how it ended, the one that was too much included.
    const events = peer.recorder.take()
    const linesOf = (word: string) => events.filter((line) => line.startsWith(word)).length
    assert.equal(linesOf("reset"), linesOf("initial"))
  })
}

script("empty DATA frames in a row only", "server", { maxEmptyDataFrames: 3 }, (peer) => {
  peer.greet()
  peer.say(peer.source.headers(1, requestFields))
  for (let i = 0; i < 20; i++) peer.say(data(1, i % 3 === 2 ? "x" : ""))
  assert.equal(peer.errorCode, undefined)
})

script("reading pauses while answers wait unread", "server", { unsentControlPause: 2 }, (peer) => {
  peer.greet()
  peer.say(ping(opaque), ping(opaque))
  assert.equal(peer.connection.wantsInput, true)
  peer.say(ping(opaque))
  assert.equal(peer.connection.wantsInput, false)
  peer.connection.takeOutput()
  assert.equal(peer.connection.wantsInput, false, "taken is not written")
  peer.connection.written()
  assert.equal(peer.connection.wantsInput, true)
})

script("reading pauses while headers wait unread", "server", { outputHighWater: 0, outputPause: 100 }, (peer) => {
  peer.greet()
  peer.say(peer.source.headers(1, requestFields, true))
  assert.equal(peer.connection.wantsInput, true)
  peer.connection.sendHeaders(peer.recorder.stream(1), [":status", "200", "x", "y".repeat(150)], undefined, true)
  assert.equal(peer.connection.wantsInput, false)
  peer.hear()
  assert.equal(peer.connection.wantsInput, true)
})

script("a server stops reading while too many frames wait unread", "server", { maxOutboundFrames: 5 }, (peer) => {
  peer.greet()
  for (const id of [1, 3, 5, 7, 9]) {
    peer.say(peer.source.headers(id, requestFields, true))
    peer.connection.sendHeaders(peer.recorder.stream(id), responseFields, undefined, true)
  }
  assert.equal(peer.connection.counters.unsentFrames, 5)
  assert.equal(peer.connection.wantsInput, true)
  peer.say(peer.source.headers(11, requestFields, true))
  peer.connection.sendHeaders(peer.recorder.stream(11), responseFields, undefined, true)
  assert.equal(peer.connection.wantsInput, false)
  peer.connection.takeOutput()
  assert.equal(peer.connection.wantsInput, false, "taken is not written")
  peer.connection.written()
  assert.equal(peer.connection.wantsInput, true)
  assert.equal(peer.connection.counters.unsentFrames, 0)
})

script("our own resets are no answers", "server", { unsentControlClose: 2, unsentControlPause: 1 }, (peer) => {
  peer.greet()
  for (let id = 1; id < 20; id += 2) {
    peer.say(peer.source.headers(id, requestFields))
    peer.connection.reset(peer.recorder.stream(id), ErrorCode.CANCEL)
  }
  peer.say(ping(opaque))
  assert.equal(peer.connection.wantsInput, true)
  assert.equal(peer.errorCode, undefined)
})

script("honest cancels: of streams that lived, or got an answer", "server", { rapidResets: 1 }, (peer) => {
  peer.greet()
  peer.recorder.hooks.headers = (stream) => {
    if (stream.id < 20) peer.connection.sendHeaders(stream, responseFields, undefined, false)
  }
  peer.recorder.hooks.reset = (stream) => peer.connection.release(stream)
  for (let id = 1; id < 20; id += 2) peer.say(peer.source.headers(id, requestFields), rstStream(id, ErrorCode.CANCEL))
  for (let id = 21; id < 40; id += 2) {
    peer.say(peer.source.headers(id, requestFields))
    peer.now += 1000
    peer.say(rstStream(id, ErrorCode.CANCEL))
  }
  assert.equal(peer.errorCode, undefined)
})

script("budgets fill again", "server", { glitches: 2, glitchesPerSecond: 2 }, (peer) => {
  peer.greet()
  for (let i = 0; i < 20; i++) {
    peer.say(frame(0x20, 0, 0, []), frame(0x20, 0, 0, []))
    peer.now += 1000
  }
  assert.equal(peer.errorCode, undefined)
  peer.say(frame(0x20, 0, 0, []), frame(0x20, 0, 0, []), frame(0x20, 0, 0, []))
  assert.equal(peer.errorCode, "ENHANCE_YOUR_CALM")
})
