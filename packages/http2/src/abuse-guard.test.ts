import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { AbuseGuard } from "./abuse-guard.js"
import { ConnectionError } from "./errors.js"
import { ErrorCode } from "./frame/error-code.js"
import { FrameType } from "./frame/header.js"
import type { ConnectionOptions } from "./handler.js"
import { type Limits, resolveLimits } from "./limits.js"
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
  [
    "unread RST_STREAM for stream errors",
    { unsentControlClose: 4 },
    4,
    (peer, i) => concat([peer.source.headers(3 + 2 * i, requestFields), windowUpdate(3 + 2 * i, 0)]),
  ],
  [
    "frames for a stream that the peer has reset",
    { glitches: 5 },
    5,
    (_, i) => (i === 0 ? concat([rstStream(1, ErrorCode.CANCEL), windowUpdate(1, 1)]) : windowUpdate(1, 1)),
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

/** How often `say` may be called before it is too much. */
function allowance(limits: Partial<Limits>, say: (guard: AbuseGuard) => void, guard = guarded(limits)): number {
  for (let count = 0; count < 10_000; count++) {
    try {
      say(guard)
    } catch (error) {
      assert.ok(error instanceof ConnectionError && error.code === ErrorCode.ENHANCE_YOUR_CALM)
      return count
    }
  }
  throw new Error("there is no bound")
}

const guarded = (limits: Partial<Limits>) => new AbuseGuard(resolveLimits(limits))

describe("WINDOW_UPDATE", () => {
  it("may come twice for each stream, and twice as often as is said for each DATA frame", () => {
    const guard = guarded({ windowUpdatesPerDataFrame: 10 })
    for (let i = 0; i < 3; i++) guard.streamOpened()
    assert.equal(
      allowance({}, () => guard.windowUpdate(4), guard),
      100 + 2 * (3 + 10 * 4),
    )
  })
})

describe("PRIORITY", () => {
  it("may come for each stream, and for one that is not yet there", () => {
    const guard = guarded({ priorityFramesPerStream: 3 })
    for (let i = 0; i < 2; i++) guard.streamOpened()
    assert.equal(
      allowance({}, () => guard.priority(), guard),
      3 * 3,
    )
  })
})

describe("a reset", () => {
  const resets = (age: number, answered: boolean) => (guard: AbuseGuard) => guard.peerReset(0, age, answered)

  it("is a rapid one before the stream is a second old, unless something came back", () => {
    assert.equal(allowance({ rapidResets: 2 }, resets(999, false)), 2)
    assert.throws(() => allowance({ rapidResets: 2 }, resets(1000, false)), /no bound/)
    assert.throws(() => allowance({ rapidResets: 2 }, resets(999, true)), /no bound/)
  })
})

describe("a budget", () => {
  const glitches = { glitches: 4, glitchesPerSecond: 2 }
  const at = (now: number) => (guard: AbuseGuard) => guard.glitch(now)

  it("fills by so many a second from when it was last taken from, empty or not", () => {
    const guard = guarded(glitches)
    assert.equal(allowance({}, at(5000), guard), 4)
    assert.equal(allowance({}, at(5499), guard), 0, "half a second for one")
    assert.equal(allowance({}, at(5500), guard), 1)
    guard.glitch(6000)
    assert.equal(allowance({}, at(7000), guard), 2)
  })

  it("never holds more than it began with, however long nothing is taken", () => {
    const guard = guarded(glitches)
    guard.glitch(1000)
    guard.glitch(1000)
    assert.equal(allowance({}, at(3000), guard), 4)
    assert.equal(allowance({}, at(100_000), guard), 4)
  })
})
