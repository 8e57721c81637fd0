import { FrameFlag, FrameType } from "../../frame/header.js"
import { continuation, data, frame, goAway, ping, rstStream, settings, settingsAck, windowUpdate } from "../frames.js"
import { type BadServerCase, bad, responseHead, wholeResponse } from "./bad-server-case.js"

const { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE } = FrameType
const { END_HEADERS, PADDED } = FrameFlag
const eight = [1, 2, 3, 4, 5, 6, 7, 8]
const http1 = new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n")

/** Faults of single frames and of their order, by the sections of RFC 9113 that they break. */
export const frameCases: readonly BadServerCase[] = [
  // §3.4, the connection preface
  bad("RFC 9113 §3.4", "PING before SETTINGS", "connection PROTOCOL_ERROR", () => [ping(eight)], { first: true }),
  bad("RFC 9113 §3.4", "an acknowledgement before SETTINGS", "connection PROTOCOL_ERROR", () => [settingsAck], {
    first: true,
  }),
  bad("RFC 9113 §3.4", "GOAWAY before SETTINGS", "connection PROTOCOL_ERROR", () => [goAway(0, 0)], { first: true }),
  bad("RFC 9113 §3.4", "an answer in HTTP/1.1", "connection FRAME_SIZE_ERROR", () => [http1], { first: true }),

  // §4.1, the frame's format, and §5.5, extensions
  bad("RFC 9113 §5.5", "frames of an unknown type", "tolerated", () => [
    frame(0x42, 0xff, 0, eight),
    frame(0x43, 0, 1, []),
    frame(0xfe, 0, 99, eight),
  ]),
  bad("RFC 9113 §5.5, RFC 8701", "frames of the GREASE types", "tolerated", () =>
    [0x0b, 0x2a, 0x49, 0x68, 0x87, 0xa6, 0xc5, 0xe4].map((type) => frame(type, 0xa5, 0, eight)),
  ),
  bad("RFC 7838 §4, RFC 8336 §2", "ALTSVC and ORIGIN", "tolerated", () => [
    frame(0x0a, 0, 0, [0, 1, 0x61, 0x62]),
    frame(0x0c, 0, 0, [0, 1, 0x61]),
  ]),
  bad("RFC 9218 §7", "PRIORITY_UPDATE, which is an extension not spoken here", "tolerated", () => [
    frame(0x10, 0, 0, [0, 0, 0, 1, 0x75, 0x3d, 0x31]),
  ]),
  bad("RFC 9113 §5.5", "an unknown frame amid a header block", "connection PROTOCOL_ERROR", () => [
    frame(HEADERS, 0, 1, [0x88]),
    frame(0x42, 0, 0, []),
  ]),
  bad("RFC 9113 §4.1", "flags that a type does not define", "tolerated", () => [
    frame(PING, 0xfe, 0, eight),
    frame(WINDOW_UPDATE, 0xff, 0, [0, 0, 0, 1]),
  ]),
  bad(
    "RFC 9113 §4.1",
    "the reserved bit before stream ids",
    "tolerated",
    (source) => wholeResponse(source, 1).map(reserved),
    { answered: true },
  ),
  bad("RFC 9113 §4.2", "DATA longer than the frame size", "connection FRAME_SIZE_ERROR", () => [
    data(1, new Uint8Array(16_385)),
  ]),
  bad("RFC 9113 §4.2", "HEADERS longer than the frame size", "connection FRAME_SIZE_ERROR", () => [
    frame(HEADERS, END_HEADERS, 1, new Uint8Array(16_385)),
  ]),
  bad("RFC 9113 §4.2", "an unknown frame longer than the frame size", "connection FRAME_SIZE_ERROR", () => [
    frame(0x42, 0, 0, new Uint8Array(16_385)),
  ]),

  // §4.3, header blocks
  bad("RFC 7541 §6.1", "HPACK index 0", "connection COMPRESSION_ERROR", () => [frame(HEADERS, END_HEADERS, 1, [0x80])]),
  bad("RFC 7541 §2.3.3", "an HPACK index beyond the tables", "connection COMPRESSION_ERROR", () => [
    frame(HEADERS, END_HEADERS, 1, [0xff, 0x20]),
  ]),
  bad("RFC 7541 §5.2", "an HPACK string that ends early", "connection COMPRESSION_ERROR", () => [
    frame(HEADERS, END_HEADERS, 1, [0x88, 0x00, 0x05, 0x61]),
  ]),
  bad("RFC 7541 §5.2", "EOS in a Huffman string", "connection COMPRESSION_ERROR", () => [
    frame(HEADERS, END_HEADERS, 1, [0x88, 0x00, 0x01, 0x61, 0x84, 0xff, 0xff, 0xff, 0xff]),
  ]),
  bad("RFC 7541 §5.2", "a Huffman string padded with zeros", "connection COMPRESSION_ERROR", () => [
    frame(HEADERS, END_HEADERS, 1, [0x88, 0x00, 0x01, 0x61, 0x81, 0x18]),
  ]),
  bad("RFC 7541 §5.1", "an HPACK integer without end", "connection COMPRESSION_ERROR", () => [
    frame(HEADERS, END_HEADERS, 1, [0xff, ...new Uint8Array(20).fill(0x80), 0x00]),
  ]),
  bad("RFC 7541 §6.3", "a table size above our limit", "connection COMPRESSION_ERROR", () => [
    frame(HEADERS, END_HEADERS, 1, [0x3f, 0xe2, 0x1f, 0x88]),
  ]),
  bad("RFC 7541 §4.2", "a table size after the first field", "connection COMPRESSION_ERROR", () => [
    frame(HEADERS, END_HEADERS, 1, [0x88, 0x20]),
  ]),

  // §5.1, stream states
  bad("RFC 9113 §5.1", "DATA on an idle stream", "connection PROTOCOL_ERROR", () => [data(99, "x")]),
  bad("RFC 9113 §5.1", "HEADERS on an idle stream", "connection PROTOCOL_ERROR", (source) => [
    source.headers(99, responseHead),
  ]),
  bad("RFC 9113 §5.1", "RST_STREAM on an idle stream", "connection PROTOCOL_ERROR", () => [rstStream(99, 8)]),
  bad("RFC 9113 §5.1", "WINDOW_UPDATE on an idle stream", "connection PROTOCOL_ERROR", () => [windowUpdate(99, 1)]),
  bad("RFC 9113 §5.1.1", "HEADERS on a stream of its own", "connection PROTOCOL_ERROR", (source) => [
    source.headers(2, responseHead),
  ]),
  bad("RFC 9113 §5.1.1", "DATA on a stream of its own", "connection PROTOCOL_ERROR", () => [data(2, "x")]),
  bad(
    "RFC 9113 §5.1",
    "DATA after END_STREAM",
    "stream STREAM_CLOSED",
    (source) => [...wholeResponse(source, 1), data(1, "x")],
    { answered: true, status: "OK" },
  ),
  bad(
    "RFC 9113 §5.1",
    "HEADERS after END_STREAM",
    "connection STREAM_CLOSED",
    (source) => [...wholeResponse(source, 1), source.headers(1, responseHead)],
    { answered: true, status: "OK" },
  ),
  bad("RFC 9113 §5.1", "DATA after RST_STREAM", "stream STREAM_CLOSED", () => [rstStream(1, 8), data(1, "x")], {
    answered: true,
    status: "CANCELLED",
  }),
  bad(
    "RFC 9113 §5.1",
    "WINDOW_UPDATE, RST_STREAM and PRIORITY after END_STREAM",
    "tolerated",
    (source) => [
      ...wholeResponse(source, 1),
      windowUpdate(1, 9),
      rstStream(1, 0),
      frame(PRIORITY, 0, 1, [0, 0, 0, 3, 1]),
    ],
    { answered: true },
  ),

  // §6.1, DATA
  bad("RFC 9113 §6.1", "DATA on stream 0", "connection PROTOCOL_ERROR", () => [data(0, "x")]),
  bad("RFC 9113 §6.1", "DATA with more padding than payload", "connection PROTOCOL_ERROR", (source) => [
    source.headers(1, responseHead),
    frame(DATA, PADDED, 1, [5, 0, 0, 0, 0]),
  ]),
  bad("RFC 9113 §6.1", "padded DATA without its length", "connection FRAME_SIZE_ERROR", () => [
    frame(DATA, PADDED, 1, []),
  ]),

  // §6.2 and §6.10, HEADERS and CONTINUATION
  bad("RFC 9113 §6.2", "HEADERS on stream 0", "connection PROTOCOL_ERROR", (source) => [
    source.headers(0, responseHead),
  ]),
  bad("RFC 9113 §6.2", "HEADERS with more padding than payload", "connection PROTOCOL_ERROR", () => [
    frame(HEADERS, END_HEADERS | PADDED, 1, [9, 0x88]),
  ]),
  bad("RFC 9113 §6.2", "padded HEADERS without the length of the padding", "connection FRAME_SIZE_ERROR", () => [
    frame(HEADERS, END_HEADERS | PADDED, 1, []),
  ]),
  bad("RFC 9113 §6.2", "HEADERS too short for their priority", "connection FRAME_SIZE_ERROR", () => [
    frame(HEADERS, END_HEADERS | FrameFlag.PRIORITY, 1, [0, 0, 0]),
  ]),
  bad("RFC 7540 §5.3.1", "HEADERS that depend on their own stream", "stream PROTOCOL_ERROR", () => [
    frame(HEADERS, END_HEADERS | FrameFlag.PRIORITY, 1, [0, 0, 0, 1, 9, 0x88]),
  ]),
  bad("RFC 9113 §6.2", "PING amid a header block", "connection PROTOCOL_ERROR", () => [
    frame(HEADERS, 0, 1, [0x88]),
    ping(eight),
  ]),
  bad("RFC 9113 §6.2", "HEADERS of another stream amid a header block", "connection PROTOCOL_ERROR", () => [
    frame(HEADERS, 0, 1, [0x88]),
    frame(HEADERS, END_HEADERS, 3, [0x88]),
  ]),
  bad("RFC 9113 §6.10", "CONTINUATION without HEADERS", "connection PROTOCOL_ERROR", () => [
    continuation(1, [0x88], true),
  ]),
  bad("RFC 9113 §6.10", "CONTINUATION after END_HEADERS", "connection PROTOCOL_ERROR", (source) => [
    source.headers(1, responseHead),
    continuation(1, [], true),
  ]),
  bad("RFC 9113 §6.10", "CONTINUATION of another stream", "connection PROTOCOL_ERROR", () => [
    frame(HEADERS, 0, 1, [0x88]),
    continuation(3, [], true),
  ]),
  bad("CVE-2024-27316", "CONTINUATION without end", "connection ENHANCE_YOUR_CALM", () => [
    frame(HEADERS, 0, 1, [0x88]),
    ...Array.from({ length: 20 }, () => continuation(1, [], false)),
  ]),

  // §6.3, PRIORITY
  bad("RFC 9113 §6.3", "PRIORITY on stream 0", "connection PROTOCOL_ERROR", () => [
    frame(PRIORITY, 0, 0, [0, 0, 0, 1, 1]),
  ]),
  bad("RFC 9113 §6.3", "PRIORITY of four bytes", "stream FRAME_SIZE_ERROR", () => [
    frame(PRIORITY, 0, 1, [0, 0, 0, 3]),
  ]),
  bad("RFC 7540 §5.3.1", "PRIORITY of a stream on itself", "stream PROTOCOL_ERROR", () => [
    frame(PRIORITY, 0, 1, [0, 0, 0, 1, 1]),
  ]),
  bad("RFC 7540 §5.3.1", "PRIORITY of an idle stream on itself", "connection PROTOCOL_ERROR", () => [
    frame(PRIORITY, 0, 99, [0, 0, 0, 99, 1]),
  ]),
  bad("RFC 9113 §5.3.2", "PRIORITY of open and idle streams", "tolerated", () => [
    frame(PRIORITY, 0, 1, [0x80, 0, 0, 3, 255]),
    frame(PRIORITY, 0, 99, [0, 0, 0, 1, 0]),
    frame(PRIORITY, 0, 2, [0, 0, 0, 1, 0]),
  ]),

  // §6.4, RST_STREAM, and §7, error codes
  bad("RFC 9113 §6.4", "RST_STREAM on stream 0", "connection PROTOCOL_ERROR", () => [rstStream(0, 8)]),
  bad("RFC 9113 §6.4", "RST_STREAM of three bytes", "connection FRAME_SIZE_ERROR", () => [
    frame(RST_STREAM, 0, 1, [0, 0, 8]),
  ]),
  bad("RFC 9113 §7", "RST_STREAM with an unknown code", "tolerated", () => [rstStream(1, 0xdead)], {
    answered: true,
    status: "INTERNAL",
  }),

  // §6.5, SETTINGS
  bad("RFC 9113 §6.5", "SETTINGS on a stream", "connection PROTOCOL_ERROR", () => [frame(SETTINGS, 0, 1, [])]),
  bad("RFC 9113 §6.5", "SETTINGS of five bytes", "connection FRAME_SIZE_ERROR", () => [
    frame(SETTINGS, 0, 0, [0, 1, 0, 0, 0]),
  ]),
  bad("RFC 9113 §6.5", "an acknowledgement with a payload", "connection FRAME_SIZE_ERROR", () => [
    frame(SETTINGS, FrameFlag.ACK, 0, new Uint8Array(6)),
  ]),
  bad("RFC 9113 §6.5.3", "an acknowledgement of nothing", "connection PROTOCOL_ERROR", () => [settingsAck]),
  bad("RFC 9113 §6.5.2", "ENABLE_PUSH of 1, from a server", "connection PROTOCOL_ERROR", () => [settings(2, 1)]),
  bad("RFC 9113 §6.5.2", "ENABLE_PUSH of 2", "connection PROTOCOL_ERROR", () => [settings(2, 2)]),
  bad("RFC 9113 §6.5.2", "INITIAL_WINDOW_SIZE of 2^31", "connection FLOW_CONTROL_ERROR", () => [settings(4, 2 ** 31)]),
  bad("RFC 9113 §6.5.2", "MAX_FRAME_SIZE of 16,383", "connection PROTOCOL_ERROR", () => [settings(5, 16_383)]),
  bad("RFC 9113 §6.5.2", "MAX_FRAME_SIZE of 2^24", "connection PROTOCOL_ERROR", () => [settings(5, 2 ** 24)]),
  bad("RFC 9113 §6.5.2", "settings that nobody knows, GREASE among them", "tolerated", () => [
    settings(0x99, 1, 0x0a0a, 2, 0xfafa, 3, 0, 4, 0xffff, 2 ** 32 - 1),
  ]),
  bad("RFC 9113 §6.5.3", "one setting several times, the last of which counts", "tolerated", () => [
    settings(3, 0, 3, 7, 3, 100, 4, 0, 4, 65_535),
  ]),
  bad("RFC 9113 §6.5.2", "limits of 0, and then others", "tolerated", () => [
    settings(1, 0, 3, 0, 4, 0),
    settings(1, 4096, 3, 100, 4, 65_535),
  ]),
  bad("CVE-2019-9515", "SETTINGS of a hundred entries", "connection ENHANCE_YOUR_CALM", () => [
    settings(...Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 3 : 100))),
  ]),

  // §6.6 and §8.4, PUSH_PROMISE
  bad("RFC 9113 §8.4", "PUSH_PROMISE", "connection PROTOCOL_ERROR", (source) => [
    frame(PUSH_PROMISE, END_HEADERS, 1, [0, 0, 0, 2, ...source.block(pushed)]),
  ]),
  bad("RFC 9113 §6.6", "PUSH_PROMISE on stream 0", "connection PROTOCOL_ERROR", () => [
    frame(PUSH_PROMISE, END_HEADERS, 0, [0, 0, 0, 2, 0x82]),
  ]),

  // §6.7, PING
  bad("RFC 9113 §6.7", "PING on a stream", "connection PROTOCOL_ERROR", () => [frame(PING, 0, 1, eight)]),
  bad("RFC 9113 §6.7", "PING of seven bytes", "connection FRAME_SIZE_ERROR", () => [frame(PING, 0, 0, eight.slice(1))]),
  bad("RFC 9113 §6.7", "the answer to a PING that was not sent", "tolerated", () => [ping(eight, true)]),

  // §6.8, GOAWAY
  bad("RFC 9113 §6.8", "GOAWAY on a stream", "connection PROTOCOL_ERROR", () => [
    frame(GOAWAY, 0, 1, new Uint8Array(8)),
  ]),
  bad("RFC 9113 §6.8", "GOAWAY of seven bytes", "connection FRAME_SIZE_ERROR", () => [
    frame(GOAWAY, 0, 0, new Uint8Array(7)),
  ]),
  bad(
    "RFC 9113 §6.8",
    "GOAWAY that raises the last stream",
    "connection PROTOCOL_ERROR",
    () => [goAway(1, 0), goAway(3, 0)],
    { neighbour: "OK" },
  ),
  bad("RFC 9113 §6.8", "GOAWAY twice, and an unknown code", "tolerated", () => [
    goAway(2 ** 31 - 1, 0, "soon"),
    goAway(3, 0xbeef),
  ]),

  // §6.9, WINDOW_UPDATE and flow control
  bad("RFC 9113 §6.9", "WINDOW_UPDATE of three bytes", "connection FRAME_SIZE_ERROR", () => [
    frame(WINDOW_UPDATE, 0, 1, [0, 0, 1]),
  ]),
  bad("RFC 9113 §6.9", "WINDOW_UPDATE by 0 on the connection", "connection PROTOCOL_ERROR", () => [windowUpdate(0, 0)]),
  bad("RFC 9113 §6.9", "WINDOW_UPDATE by 0 on a stream", "stream PROTOCOL_ERROR", () => [windowUpdate(1, 0)]),
  bad("RFC 9113 §6.9.1", "the connection's window above 2^31-1", "connection FLOW_CONTROL_ERROR", () => [
    windowUpdate(0, 2 ** 31 - 1),
  ]),
  bad("RFC 9113 §6.9.1", "a stream's window above 2^31-1", "stream FLOW_CONTROL_ERROR", () => [
    windowUpdate(1, 2 ** 31 - 1),
  ]),
  bad("RFC 9113 §6.9.2", "SETTINGS that take a stream's window above 2^31-1", "connection FLOW_CONTROL_ERROR", () => [
    windowUpdate(1, 2 ** 31 - 1 - 65_535),
    settings(4, 131_070),
  ]),
  bad(
    "RFC 9113 §6.9.1",
    "DATA above the stream's window",
    "stream FLOW_CONTROL_ERROR",
    (source) => [source.headers(1, responseHead), data(1, new Uint8Array(101))],
    { options: { streamWindow: 100 } },
  ),
  bad(
    "RFC 9113 §6.9.1",
    "DATA above the connection's window",
    "connection FLOW_CONTROL_ERROR",
    (source) => [source.headers(1, responseHead), data(1, new Uint8Array(65_536))],
    { options: { connectionWindow: 65_535, maxFrameSize: 2 ** 20 } },
  ),
]

const pushed = [":method", "GET", ":scheme", "http", ":path", "/", ":authority", "host"]

/** RFC 9113 §4.1: "The value of the reserved bit MUST be ignored." */
function reserved(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice()
  copy[5] = copy[5]! | 0x80
  return copy
}
