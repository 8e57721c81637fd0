import assert from "node:assert/strict"
import { test } from "node:test"
import { Connection } from "./connection.js"
import { ErrorCode } from "./frame/error-code.js"
import { FrameLog } from "./frame-log.js"
import {
  concat,
  data,
  frame,
  goAway,
  HeaderSource,
  paddedData,
  ping,
  preface,
  requestFields,
  rstStream,
  settings,
  settingsAck,
  windowUpdate,
} from "./test-support/frames.js"
import { Recorder } from "./test-support/recorder.js"

/** The lines, which are the same for the whole and for a byte at a time. */
function linesOf(sender: "client" | "server", ...frames: readonly Uint8Array[]): string[] {
  const bytes = concat(frames)
  const [whole, bytewise]: [string[], string[]] = [[], []]
  new FrameLog(sender, (line) => whole.push(line)).receive(bytes, 0, bytes.length)
  const log = new FrameLog(sender, (line) => bytewise.push(line))
  for (const byte of bytes) log.receive(Uint8Array.of(1, byte, 2), 1, 2)
  assert.deepEqual(bytewise, whole)
  return whole
}

test("a line for each frame of a client", () => {
  const lines = linesOf(
    "client",
    preface,
    settings(2, 0, 4, 262_144, 0x1a1a, 7),
    settingsAck,
    windowUpdate(0, 983_041),
    new HeaderSource().headers(1, [...requestFields, "te", "trailers", "x-words", "two words", "x", "\u00e9\n"], false),
    data(1, "content that nobody prints"),
    paddedData(1, "more", 10, true),
    ping([0, 1, 2, 3, 4, 5, 6, 255]),
    ping([0, 1, 2, 3, 4, 5, 6, 255], true),
    rstStream(1, ErrorCode.CANCEL),
    frame(0xfa, 0xff, 3, [1, 2, 3]),
    goAway(0, ErrorCode.ENHANCE_YOUR_CALM, "too_many_pings"),
  )
  assert.deepEqual(lines, [
    "preface",
    "SETTINGS ENABLE_PUSH=0 INITIAL_WINDOW_SIZE=262144 0x1a1a=7",
    "SETTINGS ACK",
    "WINDOW_UPDATE +983041",
    'HEADERS 1 END_HEADERS :method=POST :scheme=http :authority=host :path=/a/b te=trailers x-words="two words" ' +
      'x="\\u00e9\\n"',
    "DATA 1 26 bytes",
    "DATA 1 END_STREAM PADDED 15 bytes",
    "PING 00010203040506ff",
    "PING ACK 00010203040506ff",
    "RST_STREAM 1 CANCEL",
    "type 0xfa 3 3 bytes",
    'GOAWAY last stream 0 ENHANCE_YOUR_CALM "too_many_pings"',
  ])
})

test("values of sensitive fields are not told, however they came", () => {
  const secret = "Bearer 0123456789"
  const neverIndexed = [0x10, 1, 0x78, 6, ...new TextEncoder().encode("hidden")]
  const lines = linesOf(
    "server",
    new HeaderSource().headers(1, [":status", "200", "authorization", secret, "set-cookie", secret], false),
    frame(1, 4, 3, [0x88, ...neverIndexed]),
  )
  assert.deepEqual(lines, [
    "HEADERS 1 END_HEADERS :status=200 authorization=(17 bytes) set-cookie=(17 bytes)",
    "HEADERS 3 END_HEADERS :status=200 x=(6 bytes)",
  ])
})

test("who looks says which other fields are not told, and is told of which stream a line is", () => {
  const lines: [string, number][] = []
  const log = new FrameLog(
    "server",
    (text, streamId) => lines.push([text, streamId]),
    (name) => name.startsWith("x-"),
  )
  const bytes = new HeaderSource().headers(3, [":status", "200", "x-token", "secret", "token", "open"], true)
  log.receive(bytes, 0, bytes.length)
  const settings = frame(4, 1, 0, [])
  log.receive(settings, 0, settings.length)
  assert.deepEqual(lines, [
    ["HEADERS 3 END_STREAM END_HEADERS :status=200 x-token=(6 bytes) token=open", 3],
    ["SETTINGS ACK", 0],
  ])
})

test("a header block in several frames is told with its last one, padding and priority left out", () => {
  const block = [0x88, 0x40, 1, 0x78, 1, 0x79]
  const lines = linesOf(
    "server",
    frame(1, 0x8 | 0x20 | 0x1, 1, [2, 0, 0, 0, 0, 16, ...block.slice(0, 3), 0, 0]),
    frame(9, 0, 1, block.slice(3, 4)),
    frame(9, 4, 1, block.slice(4)),
  )
  assert.deepEqual(lines, ["HEADERS 1 END_STREAM …", "CONTINUATION 1 …", "CONTINUATION 1 END_HEADERS :status=200 x=y"])
})

test("what makes no sense is said once, and nothing after it", () => {
  assert.deepEqual(linesOf("client", new TextEncoder().encode("GET / HTTP/1.1\r\nhost: here\r\n\r\n")), [
    "no preface of HTTP/2; no more is told of this direction",
  ])
  const [line, ...others] = linesOf("server", frame(1, 4, 1, [0xff, 0xff]), settingsAck)
  assert.match(line, /^HEADERS 1: .*; no more is told of this direction$/)
  assert.deepEqual(others, [])
})

test("a table that grows and shrinks is followed", () => {
  const lines: string[] = []
  const client = new Connection("client", new Recorder(), { maxEncoderTableSize: 65_536 })
  const log = new FrameLog("client", (line) => lines.push(line))
  const say = (bytes: Uint8Array) => client.receive(bytes, 0, bytes.length, 0)
  for (const size of [65_536, 100, 4096]) {
    say(settings(1, size))
    for (let i = 0; i < 3; i++) {
      assert.ok(client.openStream([...requestFields, "x-tenant", `tenant ${size}`], undefined, true, "me"))
      for (const segment of client.takeOutput()) log.receive(segment, 0, segment.length)
    }
  }
  const headers = lines.filter((line) => line.startsWith("HEADERS"))
  assert.equal(headers.length, 9)
  for (const [i, line] of headers.entries()) {
    assert.match(line, new RegExp(`x-tenant="tenant ${[65_536, 100, 4096][Math.trunc(i / 3)]}"$`))
  }
})
