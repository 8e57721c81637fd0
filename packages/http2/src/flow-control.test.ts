import assert from "node:assert/strict"
import { test } from "node:test"
import { InboundWindow, OutboundWindow } from "./flow-control.js"
import { ErrorCode } from "./frame/error-code.js"
import type { ScriptedPeer } from "./test-support/frame-script.js"
import { script } from "./test-support/frame-script.js"
import {
  data,
  paddedData,
  preface,
  requestFields,
  responseFields,
  settings,
  settingsAck,
  windowUpdate,
} from "./test-support/frames.js"

test("an outbound window grows to 2^31-1 and no further", () => {
  const window = new OutboundWindow(65_535)
  assert.equal(window.grow(2 ** 31 - 1 - 65_535), true)
  assert.equal(window.grow(1), false)
  assert.equal(window.available, 2 ** 31 - 1)
})

test("an outbound window may be negative", () => {
  const window = new OutboundWindow(100)
  window.available -= 100
  assert.equal(window.grow(-60), true)
  assert.equal(window.available, -60)
})

test("credit is announced by halves of the window", () => {
  const window = new InboundWindow(100)
  assert.equal(window.receive(80), true)
  assert.equal(window.held, 80)
  assert.equal(window.release(49), 0)
  assert.equal(window.held, 31)
  assert.equal(window.release(1), 50)
  assert.equal(window.available, 70)
  assert.equal(window.receive(71), false)
})

test("a window made smaller is negative until what is outstanding has come", () => {
  const window = new InboundWindow(100)
  window.receive(90)
  window.resize(100, 20)
  assert.equal(window.available, -70)
  assert.equal(window.held, 90)
  assert.equal(window.release(90), 90)
  assert.equal(window.available, 20)
})

test("another initial size moves a window by the difference, also one that has grown", () => {
  const window = new InboundWindow(100)
  assert.equal(window.growTo(300), 200)
  window.receive(50)
  window.resize(100, 40)
  assert.deepEqual([window.size, window.available, window.held], [240, 190, 50])
  window.resize(40, 140)
  assert.deepEqual([window.size, window.available, window.held], [340, 290, 50])
})

const block = new Uint8Array(16_384)

/** Windows that stay as they are. */
const fixed = { maxStreamWindow: 0, maxConnectionWindow: 0 }

script("the connection gets credit on receipt, the stream when its reader has taken DATA", "server", fixed, (peer) => {
  peer.greet()
  peer.say(peer.source.headers(1, requestFields))
  for (let i = 0; i < 15; i++) peer.say(data(1, block))
  assert.deepEqual(peer.hear(), [])
  assert.equal(peer.connection.counters.inboundHeld, 15 * 16_384)
  peer.connection.consumed(peer.recorder.stream(1), 131_071)
  assert.deepEqual(peer.hear(), [])
  peer.connection.consumed(peer.recorder.stream(1), 1)
  assert.deepEqual(peer.hear(), ["WINDOW_UPDATE 1 +131072"])
  for (let i = 0; i < 9; i++) peer.say(data(1, block))
  assert.deepEqual(peer.hear(), [])
  peer.say(peer.source.headers(3, requestFields))
  for (let i = 0; i < 8; i++) peer.say(data(3, block))
  assert.deepEqual(peer.hear(), ["WINDOW_UPDATE 0 +524288"])
  assert.throws(() => peer.connection.consumed(peer.recorder.stream(3), 131_073), RangeError)
})

script("DATA thrown away after a reset gives credit to the connection", "server", fixed, (peer) => {
  peer.greet()
  peer.say(peer.source.headers(1, requestFields))
  peer.connection.reset(peer.recorder.stream(1), ErrorCode.CANCEL)
  peer.hear()
  for (let i = 0; i < 32; i++) peer.say(data(1, block))
  assert.deepEqual(peer.hear(), ["WINDOW_UPDATE 0 +524288"])
  assert.deepEqual(peer.recorder.take().slice(1), [])
})

script("padding counts in flow control and is given back at once", "server", { streamWindow: 1000 }, (peer) => {
  peer.greet()
  peer.expect(
    [peer.source.headers(1, requestFields), paddedData(1, "ab", 251), paddedData(1, "cd", 255)],
    ["initial 1 :method=POST :scheme=http :path=/a/b :authority=host", 'data 1 "abcd"'],
    ["WINDOW_UPDATE 1 +508"],
  )
  peer.expect([paddedData(1, "e", 200, true)], ['data 1 end "e"'], [])
  peer.say(peer.source.headers(3, requestFields))
  peer.expect(
    [paddedData(3, "", 9), paddedData(3, "", 9, true)],
    ["initial 3 :method=POST :scheme=http :path=/a/b :authority=host", 'data 3 end ""'],
    [],
  )
})

script("no credit for a stream that has ended", "server", { streamWindow: 100 }, (peer) => {
  peer.greet()
  peer.say(peer.source.headers(1, requestFields), data(1, new Uint8Array(100), true))
  assert.equal(peer.connection.counters.inboundHeld, 100)
  peer.connection.consumed(peer.recorder.stream(1), 100)
  assert.equal(peer.connection.counters.inboundHeld, 0)
  assert.deepEqual(peer.hear(), [])
})

script("our own window is in force when it is acknowledged", "server", { streamWindow: 100 }, (peer) => {
  peer.hear()
  peer.say(preface, settings(), peer.source.headers(1, requestFields), data(1, new Uint8Array(1000)))
  assert.equal(peer.recorder.stream(1).state, "open")
  assert.deepEqual(peer.hear(), ["SETTINGS ACK"])
  // Acknowledged, the window of 100 stands at 100 - 1000.
  peer.say(settingsAck, data(1, "x"))
  assert.deepEqual(peer.hear(), ["RST_STREAM 1 FLOW_CONTROL_ERROR"])
})

/** A client with stream 1 open, towards a server whose stream windows are 100. */
function opened(peer: ScriptedPeer) {
  peer.greet(4, 100)
  const stream = peer.connection.openStream(requestFields, undefined, false, "me")
  assert.ok(stream)
  peer.hear()
  return stream
}

script("DATA stops at the stream's window and goes on with WINDOW_UPDATE", "client", {}, (peer) => {
  const stream = opened(peer)
  peer.connection.sendOwned(stream, new Uint8Array(250), 0, 250, true)
  assert.deepEqual(peer.hear(), [`DATA 1 "${"\\u0000".repeat(100)}"`])
  assert.equal(stream.queued, 150)
  peer.expect([windowUpdate(1, 149)], [], ["DATA 1 149 bytes"])
  peer.expect([windowUpdate(1, 1)], [], ['DATA 1 end "\\u0000"'])
  assert.equal(stream.state, "half-closed (local)")
  assert.equal(stream.queued, 0)
})

script("a lower initial window makes windows negative", "client", {}, (peer) => {
  const stream = opened(peer)
  peer.connection.sendOwned(stream, new Uint8Array(120), 0, 120, true)
  peer.hear()
  // Used 100 of 100; with 10 it stands at -90.
  peer.expect([settings(4, 10)], ["settings"], ["SETTINGS ACK"])
  assert.equal(stream.outbound.available, -90)
  assert.equal(peer.connection.beginData(stream, 1), false)
  peer.expect([windowUpdate(1, 90)], [], [])
  peer.expect([windowUpdate(1, 1)], [], ['DATA 1 "\\u0000"'])
  peer.expect([settings(4, 200)], ["settings"], ["SETTINGS ACK", `DATA 1 end "${"\\u0000".repeat(19)}"`])
})

script("DATA stops at the connection's window, an end does not", "client", {}, (peer) => {
  peer.greet(4, 1_000_000, 5, 70_000)
  const [a, b] = ["a", "b"].map((owner) => peer.connection.openStream(requestFields, undefined, false, owner))
  assert.ok(a && b)
  peer.hear()
  peer.connection.sendOwned(a, new Uint8Array(65_635), 0, 65_635, false)
  assert.deepEqual(peer.hear(), ["DATA 1 65535 bytes"])
  assert.equal(peer.connection.counters.sendWindow, 0)
  assert.equal(peer.connection.beginData(b, 10), false)
  peer.connection.endStream(b)
  assert.deepEqual(peer.hear(), ['DATA 3 end ""'])
  peer.expect([windowUpdate(0, 1000)], ["writable 1"], [`DATA 1 "${"\\u0000".repeat(100)}"`])
  assert.equal(peer.connection.counters.sendWindow, 900)
})

script("a payload in the output that is more than the window is cut", "client", {}, (peer) => {
  const stream = opened(peer)
  assert.equal(peer.connection.beginData(stream, 1000), true)
  const start = peer.connection.outputOffset
  peer.connection.output.fill(0x61, start, start + 130)
  peer.connection.commitData(stream, start + 130, true)
  // What follows in the output must not touch what was queued.
  peer.connection.ping(new Uint8Array(8).fill(0x62))
  assert.deepEqual(peer.hear(), [`DATA 1 "${"a".repeat(100)}"`, "PING 6262626262626262"])
  assert.equal(stream.queued, 30)
  peer.expect([windowUpdate(1, 100)], [], [`DATA 1 end "${"a".repeat(30)}"`])
})

script("a payload in the output that is more than a frame is cut", "client", {}, (peer) => {
  peer.greet(4, 100_000)
  const stream = peer.connection.openStream(requestFields, undefined, false, "me")
  assert.ok(stream)
  peer.hear()
  assert.equal(peer.connection.beginData(stream, 40_000), true)
  peer.connection.commitData(stream, peer.connection.outputOffset + 40_000, true)
  assert.deepEqual(peer.hear(), ["DATA 1 16384 bytes", "DATA 1 16384 bytes", "DATA 1 end 7232 bytes"])
  assert.equal(stream.queued, 0)
})

script("trailers wait behind DATA", "server", {}, (peer) => {
  peer.greet(4, 5)
  peer.say(peer.source.headers(1, requestFields, true))
  const stream = peer.recorder.stream(1)
  peer.connection.sendHeaders(stream, responseFields, undefined, false)
  peer.connection.sendOwned(stream, new TextEncoder().encode("abcdefgh"), 0, 8, false)
  peer.connection.sendHeaders(stream, ["grpc-status", "0"], ["x", "y"], true)
  // Too late for more.
  peer.connection.sendOwned(stream, new Uint8Array(3), 0, 3, true)
  peer.connection.endStream(stream)
  assert.deepEqual(peer.hear(), ["HEADERS 1 :status=200 content-type=text/plain", 'DATA 1 "abcde"'])
  assert.equal(stream.state, "half-closed (remote)")
  peer.say(windowUpdate(1, 5))
  assert.deepEqual(peer.hear(), ['DATA 1 "fgh"', "HEADERS 1 end grpc-status=0 x=y"])
  assert.equal(stream.state, "closed")
})

test("credit lent for one large message is paid back by what is taken next", () => {
  const window = new InboundWindow(100)
  window.receive(10)
  assert.equal(window.expect(90), 0, "the window is large enough")
  assert.equal(window.expect(50), 0, "and larger")
  assert.deepEqual([window.available, window.lent], [90, 0])
  assert.equal(window.expect(300), 210)
  assert.equal(window.available, 300)
  assert.equal(window.held, 10)
  assert.equal(window.receive(300), true)
  assert.equal(window.release(210), 0)
  assert.equal(window.held, 100)
  assert.equal(window.release(100), 100)
  assert.deepEqual([window.available, window.held, window.lent], [100, 0, 0])
})

script(
  "a message larger than the window comes without waiting for credit, once it is expected",
  "server",
  {},
  (peer) => {
    peer.greet()
    peer.say(peer.source.headers(1, requestFields))
    const stream = peer.recorder.stream(1)
    peer.say(data(1, block))
    peer.hear()
    peer.connection.consumed(stream, 16_384)
    peer.connection.expect(stream, 400_000)
    assert.deepEqual(peer.hear(), [`WINDOW_UPDATE 1 +${400_000 - (262_144 - 16_384)}`])
    peer.connection.expect(stream, 400_000)
    assert.deepEqual(peer.hear(), [], "it is lent once")
  },
)
