import assert from "node:assert/strict"
import { test } from "node:test"
import { Connection } from "./connection.js"
import { ErrorCode } from "./frame/error-code.js"
import { FrameFlag, FrameType } from "./frame/header.js"
import type { ConnectionOptions, Role } from "./handler.js"
import { type ScriptedPeer, script } from "./test-support/frame-script.js"
import {
  continuation,
  data,
  frame,
  goAway,
  ping,
  preface,
  requestFields,
  responseFields,
  rstStream,
  settings,
  settingsAck,
  uint32s,
  windowUpdate,
} from "./test-support/frames.js"
import { Recorder } from "./test-support/recorder.js"

/** What a peer says after the greeting, and the code that ends the connection. A client has opened stream 1. */
type Row = readonly [
  name: string,
  role: Role | "both",
  say: (peer: ScriptedPeer) => Uint8Array[],
  code: keyof typeof ErrorCode,
  options?: ConnectionOptions,
]

const { HEADERS, PRIORITY, PUSH_PROMISE, SETTINGS, RST_STREAM, WINDOW_UPDATE, PING, GOAWAY, DATA } = FrameType
const opaque = [1, 2, 3, 4, 5, 6, 7, 8]

const rows: readonly Row[] = [
  ["DATA on stream 0", "both", () => [data(0, "x")], "PROTOCOL_ERROR"],
  ["DATA on an idle stream", "both", () => [data(5, "x")], "PROTOCOL_ERROR"],
  ["DATA on an idle stream of the wrong side", "both", () => [data(6, "x")], "PROTOCOL_ERROR"],
  ["DATA longer than the frame size", "both", () => [data(1, new Uint8Array(16_385))], "FRAME_SIZE_ERROR"],
  [
    "HEADERS longer than the frame size",
    "both",
    () => [frame(HEADERS, 4, 1, new Uint8Array(16_385))],
    "FRAME_SIZE_ERROR",
  ],
  [
    "DATA with more padding than payload",
    "server",
    (peer) => [peer.source.headers(1, requestFields), frame(DATA, FrameFlag.PADDED, 1, [5, 1, 2, 3, 4])],
    "PROTOCOL_ERROR",
  ],
  ["padded DATA without a byte", "both", () => [frame(DATA, FrameFlag.PADDED, 1, [])], "FRAME_SIZE_ERROR"],
  ["HEADERS on stream 0", "both", (peer) => [peer.source.headers(0, requestFields)], "PROTOCOL_ERROR"],
  ["HEADERS on an even stream", "server", (peer) => [peer.source.headers(2, requestFields)], "PROTOCOL_ERROR"],
  ["HEADERS on a stream never opened", "client", (peer) => [peer.source.headers(3, responseFields)], "PROTOCOL_ERROR"],
  ["HEADERS with more padding than payload", "both", () => [frame(HEADERS, 4 | 8, 1, [9, 0x82])], "PROTOCOL_ERROR"],
  ["padded HEADERS without a byte", "both", () => [frame(HEADERS, 4 | 8, 1, [])], "FRAME_SIZE_ERROR"],
  ["HEADERS too short for its priority", "both", () => [frame(HEADERS, 4 | 0x20, 1, [0, 0])], "FRAME_SIZE_ERROR"],
  ["HEADERS that HPACK cannot read", "both", () => [frame(HEADERS, 4, 1, [0x80])], "COMPRESSION_ERROR"],
  [
    "HEADERS on a stream that has ended",
    "server",
    (peer) => {
      peer.recorder.hooks.headers = (stream) => peer.connection.sendHeaders(stream, responseFields, undefined, true)
      return [peer.source.headers(1, requestFields, true), peer.source.headers(1, requestFields, true)]
    },
    "STREAM_CLOSED",
  ],
  ["CONTINUATION without HEADERS", "both", () => [continuation(1, [0x82], true)], "PROTOCOL_ERROR"],
  [
    "CONTINUATION of another stream",
    "both",
    () => [frame(HEADERS, 0, 1, [0x82]), continuation(3, [0x82], true)],
    "PROTOCOL_ERROR",
  ],
  ["PING amid a header block", "both", () => [frame(HEADERS, 0, 1, [0x82]), ping(opaque)], "PROTOCOL_ERROR"],
  ["DATA amid a header block", "both", () => [frame(HEADERS, 0, 1, [0x82]), data(1, "x")], "PROTOCOL_ERROR"],
  [
    "too many CONTINUATION frames",
    "both",
    () => [frame(HEADERS, 0, 1, [0x82]), ...Array.from({ length: 9 }, () => continuation(1, [], false))],
    "ENHANCE_YOUR_CALM",
  ],
  [
    "a header block above four times the limit",
    "both",
    () => [frame(HEADERS, 0, 1, new Uint8Array(300)), continuation(1, new Uint8Array(101), false)],
    "ENHANCE_YOUR_CALM",
    { maxHeaderListSize: 100 },
  ],
  [
    "a header list above four times the limit",
    "server",
    (peer) => [peer.source.headers(1, [...requestFields, "a", "b".repeat(400)])],
    "ENHANCE_YOUR_CALM",
    { maxHeaderListSize: 100 },
  ],
  [
    "HEADERS on a stream that was passed over",
    "server",
    (peer) => [5, 7, 3].map((id) => peer.source.headers(id, requestFields)),
    "PROTOCOL_ERROR",
  ],
  ["PRIORITY on stream 0", "both", () => [frame(PRIORITY, 0, 0, [0, 0, 0, 0, 1])], "PROTOCOL_ERROR"],
  ["PRIORITY of an idle stream on itself", "both", () => [frame(PRIORITY, 0, 9, [0, 0, 0, 9, 1])], "PROTOCOL_ERROR"],
  [
    "PRIORITY of six bytes on an idle stream",
    "both",
    () => [frame(PRIORITY, 0, 9, new Uint8Array(6))],
    "FRAME_SIZE_ERROR",
  ],
  ["RST_STREAM on stream 0", "both", () => [rstStream(0, 8)], "PROTOCOL_ERROR"],
  ["RST_STREAM on an idle stream", "both", () => [rstStream(7, 8)], "PROTOCOL_ERROR"],
  ["RST_STREAM of three bytes", "both", () => [frame(RST_STREAM, 0, 1, [0, 0, 0])], "FRAME_SIZE_ERROR"],
  ["SETTINGS on a stream", "both", () => [frame(SETTINGS, 0, 1, [])], "PROTOCOL_ERROR"],
  ["SETTINGS of five bytes", "both", () => [frame(SETTINGS, 0, 0, [0, 1, 0, 0, 0])], "FRAME_SIZE_ERROR"],
  ["SETTINGS ACK with a payload", "both", () => [frame(SETTINGS, 1, 0, new Uint8Array(6))], "FRAME_SIZE_ERROR"],
  ["SETTINGS ACK of nothing", "both", () => [settingsAck], "PROTOCOL_ERROR"],
  ["ENABLE_PUSH of 2", "both", () => [settings(2, 2)], "PROTOCOL_ERROR"],
  ["ENABLE_PUSH of a server", "client", () => [settings(2, 1)], "PROTOCOL_ERROR"],
  ["INITIAL_WINDOW_SIZE of 2^31", "both", () => [settings(4, 2 ** 31)], "FLOW_CONTROL_ERROR"],
  ["MAX_FRAME_SIZE of 16383", "both", () => [settings(5, 16_383)], "PROTOCOL_ERROR"],
  ["MAX_FRAME_SIZE of 2^24", "both", () => [settings(5, 2 ** 24)], "PROTOCOL_ERROR"],
  [
    "SETTINGS of 33 entries",
    "both",
    () => [settings(...Array.from({ length: 66 }, (_, i) => (i % 2 === 0 ? 0x99 : 0)))],
    "ENHANCE_YOUR_CALM",
  ],
  ["PUSH_PROMISE", "both", () => [frame(PUSH_PROMISE, 4, 1, [0, 0, 0, 2, 0x82])], "PROTOCOL_ERROR"],
  ["PING on a stream", "both", () => [frame(PING, 0, 1, opaque)], "PROTOCOL_ERROR"],
  ["PING of seven bytes", "both", () => [frame(PING, 0, 0, opaque.slice(1))], "FRAME_SIZE_ERROR"],
  ["GOAWAY on a stream", "both", () => [frame(GOAWAY, 0, 1, new Uint8Array(8))], "PROTOCOL_ERROR"],
  ["GOAWAY of seven bytes", "both", () => [frame(GOAWAY, 0, 0, new Uint8Array(7))], "FRAME_SIZE_ERROR"],
  ["GOAWAY that raises the last stream", "both", () => [goAway(1, 0), goAway(3, 0)], "PROTOCOL_ERROR"],
  ["WINDOW_UPDATE of three bytes", "both", () => [frame(WINDOW_UPDATE, 0, 0, [0, 0, 1])], "FRAME_SIZE_ERROR"],
  ["WINDOW_UPDATE by 0", "both", () => [windowUpdate(0, 0)], "PROTOCOL_ERROR"],
  ["WINDOW_UPDATE on an idle stream", "both", () => [windowUpdate(9, 1)], "PROTOCOL_ERROR"],
  ["a connection window above 2^31-1", "both", () => [windowUpdate(0, 2 ** 31 - 65_535)], "FLOW_CONTROL_ERROR"],
  [
    "SETTINGS that take a stream's window above 2^31-1",
    "client",
    () => [windowUpdate(1, 2 ** 31 - 1 - 65_535), settings(4, 65_536)],
    "FLOW_CONTROL_ERROR",
  ],
  [
    "DATA above the connection's window",
    "client",
    () => [data(1, new Uint8Array(65_536))],
    "FLOW_CONTROL_ERROR",
    { connectionWindow: 65_535, maxFrameSize: 2 ** 20 },
  ],
]

for (const [name, roles, say, code, options] of rows) {
  for (const role of ["client", "server"] as const) {
    if (roles !== "both" && roles !== role) continue
    script(`${name}: ${code}`, role, options ?? {}, (peer) => {
      peer.greet()
      if (role === "client") peer.connection.openStream(requestFields, undefined, false, "me")
      peer.hear()
      // What comes after the error is not looked at.
      peer.say(...say(peer), ping(opaque))
      const answers = peer.hear()
      assert.match(answers.at(-1) ?? "", new RegExp(`^GOAWAY [0-9]+ ${code}$`))
      assert.equal(answers.filter((line) => line.startsWith("GOAWAY")).length, 1)
      assert.equal(answers.filter((line) => line.startsWith("PING")).length, 0)
      const events = peer.recorder.take()
      assert.equal(events.at(-1), `close ${code} by local`)
      assert.equal(peer.recorder.error?.code, ErrorCode[code])
      assert.equal(peer.connection.openStreams, 0)
      if (role === "client") assert.equal(events.at(-2), `reset 1 ${code} by local, connection`)
      peer.expect([ping(opaque)], [], [])
    })
  }
}

for (const [name, role, frames] of [
  ["a first frame that is not SETTINGS", "client", [ping(opaque)]],
  ["a first frame that is not SETTINGS", "server", [preface, ping(opaque)]],
  ["SETTINGS ACK first", "client", [settingsAck]],
  ["DATA first", "server", [preface, data(1, "x")]],
  ["a preface that is none", "server", [new TextEncoder().encode("GET / HTTP/1.1\r\nhost: x\r\n\r\n")]],
] as const) {
  script(`${name}: PROTOCOL_ERROR`, role, {}, (peer) => {
    peer.hear()
    peer.expect(frames, ["close PROTOCOL_ERROR by local"], ["GOAWAY 0 PROTOCOL_ERROR"])
  })
}

test("a frame out of turn is named in the error", () => {
  const say = (...frames: readonly Uint8Array[]): string | undefined => {
    const recorder = new Recorder()
    const bytes = new Uint8Array(frames.flatMap((frame) => [...frame]))
    new Connection("server", recorder).receive(bytes, 0, bytes.length, 0)
    return recorder.error?.message
  }
  assert.equal(say(preface, ping([1, 2, 3, 4, 5, 6, 7, 8])), "the first frame is PING, not SETTINGS (PROTOCOL_ERROR)")
  assert.equal(
    say(preface, settings(), frame(FrameType.HEADERS, 0, 1, [0x82]), frame(0x2a, 0, 0, [])),
    "type 0x2a amid the header block of stream 1 (PROTOCOL_ERROR)",
  )
})

test("GOAWAY of an error, byte by byte", () => {
  const connection = new Connection("server", new Recorder())
  connection.takeOutput()
  connection.written()
  const bytes = new Uint8Array([...preface, ...settings(), ...data(0, "x")])
  connection.receive(bytes, 0, bytes.length, 0)
  const [output] = connection.takeOutput()
  const debug = new TextEncoder().encode("DATA on stream 0 (PROTOCOL_ERROR)")
  const ack = [0, 0, 0, 4, 1, 0, 0, 0, 0]
  assert.deepEqual([...output], [...ack, 0, 0, 8 + debug.length, 7, 0, 0, 0, 0, 0, ...uint32s(0, 1), ...debug])
})
