import { FrameFlag, FrameType } from "../../frame/header.js"
import { continuation, data, frame, type HeaderSource, paddedData } from "../frames.js"
import { type BadServerCase, bad, message, okTrailers, responseHead, wholeResponse } from "./bad-server-case.js"

const { HEADERS } = FrameType
const { END_HEADERS, PADDED, PRIORITY } = FrameFlag

/** A response head with fields that make it malformed (RFC 9113 §8.1.1: a stream error PROTOCOL_ERROR). */
function malformed(rule: string, name: string, ...fields: readonly string[]): BadServerCase {
  return bad(rule, name, "stream PROTOCOL_ERROR", (source) => [source.headers(1, fields)])
}

function withField(rule: string, name: string, ...fields: readonly string[]): BadServerCase {
  return malformed(rule, name, ...responseHead, ...fields)
}

/** A response that is as it should be, though seldom seen. */
function fine(
  rule: string,
  name: string,
  say: (source: HeaderSource) => readonly Uint8Array[],
  more: Partial<BadServerCase> = {},
): BadServerCase {
  return bad(rule, name, "tolerated", say, { answered: true, ...more })
}

/** Trailers after a whole message, with what is wrong about them. */
function trailers(rule: string, name: string, end: boolean, ...fields: readonly string[]): BadServerCase {
  return bad(rule, name, "stream PROTOCOL_ERROR", (source) => [
    source.headers(1, responseHead),
    data(1, message("a")),
    source.headers(1, fields, end),
  ])
}

/** Faults of HTTP messages: RFC 9113 §8. */
export const messageCases: readonly BadServerCase[] = [
  // §8.1, framing
  bad("RFC 9113 §8.1", "DATA before HEADERS", "stream PROTOCOL_ERROR", () => [data(1, "x")]),
  bad("RFC 9113 §8.1", "DATA between 1xx and the final HEADERS", "stream PROTOCOL_ERROR", (source) => [
    source.headers(1, [":status", "103"]),
    data(1, "x"),
  ]),
  bad("RFC 9113 §8.1", "an informational response that ends the stream", "stream PROTOCOL_ERROR", (source) => [
    source.headers(1, [":status", "103"], true),
  ]),
  bad(
    "RFC 9113 §8.1",
    "DATA after trailers",
    "stream STREAM_CLOSED",
    (source) => [...wholeResponse(source, 1), data(1, "", true)],
    { answered: true, status: "OK" },
  ),
  trailers("RFC 9113 §8.1", "trailers without END_STREAM", false, ...okTrailers),
  trailers("RFC 9113 §8.1", "a pseudo-header in trailers", true, ":status", "200", ...okTrailers),
  trailers("RFC 9113 §8.2.2", "connection in trailers", true, ...okTrailers, "connection", "close"),

  // §8.1.1, content-length
  bad("RFC 9113 §8.1.1", "less content than content-length says", "stream PROTOCOL_ERROR", (source) => [
    source.headers(1, [...responseHead, "content-length", "9"]),
    data(1, message("a")),
    source.headers(1, okTrailers, true),
  ]),
  bad("RFC 9113 §8.1.1", "more content than content-length says", "stream PROTOCOL_ERROR", (source) => [
    source.headers(1, [...responseHead, "content-length", "3"]),
    data(1, message("a")),
  ]),
  bad("RFC 9113 §8.1.1", "content-length and no content", "stream PROTOCOL_ERROR", (source) => [
    source.headers(1, [...responseHead, "content-length", "3", ...okTrailers], true),
  ]),
  withField("RFC 9110 §8.6", "content-length that is no number", "content-length", "six"),
  withField("RFC 9110 §8.6", "two content-lengths that differ", "content-length", "6", "content-length", "7"),
  fine("RFC 9113 §8.1.1", "content-length that adds up, padding not counted", (source) => [
    source.headers(1, [...responseHead, "content-length", "6"]),
    paddedData(1, message("a").subarray(0, 2), 100),
    data(1, message("a").subarray(2)),
    source.headers(1, okTrailers, true),
  ]),

  // §8.2, fields
  withField("RFC 9113 §8.2.1", "an upper-case field name", "X-Upper", "1"),
  withField("RFC 9113 §8.2.1", "a field name with a space", "x y", "1"),
  withField("RFC 9113 §8.2.1", "an empty field name", "", "1"),
  withField("RFC 9113 §8.2.1", "a field name above ASCII", "caf\u00e9", "1"),
  withField("RFC 9113 §8.2.1", "LF in a value", "x", "a\nb"),
  withField("RFC 9113 §8.2.1", "CR in a value", "x", "a\rb"),
  withField("RFC 9113 §8.2.1", "NUL in a value", "x", "a\0b"),
  withField("RFC 9113 §8.2.1", "a value that begins with a space", "x", " a"),
  withField("RFC 9113 §8.2.1", "a value that ends with a tab", "x", "a\t"),
  withField("RFC 9113 §8.2.2", "connection", "connection", "keep-alive"),
  withField("RFC 9113 §8.2.2", "keep-alive", "keep-alive", "timeout=5"),
  withField("RFC 9113 §8.2.2", "proxy-connection", "proxy-connection", "close"),
  withField("RFC 9113 §8.2.2", "transfer-encoding", "transfer-encoding", "chunked"),
  withField("RFC 9113 §8.2.2", "upgrade", "upgrade", "h2c"),

  // §8.3, pseudo-headers
  malformed("RFC 9113 §8.3.2", "a response without :status", "content-type", "application/grpc"),
  malformed("RFC 9113 §8.3", ":status twice", ":status", "200", ...responseHead),
  malformed("RFC 9113 §8.3", ":status after a field", "content-type", "application/grpc", ":status", "200"),
  malformed("RFC 9113 §8.3", "a pseudo-header that nobody knows", ":extra", "1", ...responseHead),
  malformed("RFC 9113 §8.3", "a pseudo-header of requests", ":path", "/", ...responseHead),
  malformed("RFC 9110 §15", ":status of letters", ":status", "abc"),
  malformed("RFC 9110 §15", ":status of two digits", ":status", "20"),
  malformed("RFC 9110 §15", ":status 0", ":status", "000"),
  malformed("RFC 9113 §8.6", "101 Switching Protocols", ":status", "101"),

  // Header lists above the limits
  bad(
    "RFC 9113 §10.5.1",
    "a header list above the limit",
    "tolerated",
    (source) => [source.headers(1, [...responseHead, "x", "y".repeat(16_200), ...okTrailers], true)],
    { answered: true, status: "RESOURCE_EXHAUSTED", options: { maxHeaderListSize: 8192 } },
  ),
  bad(
    "RFC 9113 §10.5.1",
    "a header list above four times the limit",
    "connection ENHANCE_YOUR_CALM",
    (source) => [source.headers(1, [...responseHead, "x", "y".repeat(5000)])],
    { options: { maxHeaderListSize: 1000 } },
  ),

  // What is right, and often forgotten
  fine("RFC 9113 §8.1", "several 1xx, then the response", (source) => [
    source.headers(1, [":status", "100"]),
    source.headers(1, [":status", "103", "link", "</x>"]),
    source.headers(1, [":status", "199"]),
    ...wholeResponse(source, 1),
  ]),
  fine("RFC 9113 §6.1", "padding, up to all that there can be", (source) => [
    source.headers(1, responseHead),
    paddedData(1, "", 255),
    paddedData(1, message("a"), 1),
    paddedData(1, "", 0),
    source.headers(1, okTrailers, true),
  ]),
  fine("RFC 9113 §6.2", "padded HEADERS with a priority", (source) => {
    const block = source.block(responseHead)
    const flags = END_HEADERS | PADDED | PRIORITY
    const padded = frame(HEADERS, flags, 1, [4, 0x80, 0, 0, 3, 7, ...block, 0, 0, 0, 0])
    return [padded, data(1, message("a")), source.headers(1, okTrailers, true)]
  }),
  fine("RFC 9113 §6.10", "header blocks in pieces, one of them empty", (source) => {
    const head = source.block(responseHead)
    const start = [frame(HEADERS, 0, 1, head.subarray(0, 1)), continuation(1, [], false)]
    const tail = source.block(okTrailers)
    return [
      ...start,
      continuation(1, head.subarray(1), true),
      data(1, message("a")),
      frame(HEADERS, FrameFlag.END_STREAM, 1, []),
      continuation(1, tail, true),
    ]
  }),
  fine("RFC 9113 §6.1", "empty DATA between messages", (source) => [
    source.headers(1, responseHead),
    data(1, ""),
    data(1, message("a").subarray(0, 3)),
    data(1, ""),
    data(1, message("a").subarray(3)),
    data(1, ""),
    source.headers(1, okTrailers, true),
  ]),
  fine("RFC 9110 §5.3", "fields several times, among them set-cookie and equal content-lengths", (source) => [
    source.headers(1, [
      ...responseHead,
      "content-length",
      "6",
      "content-length",
      "6",
      "set-cookie",
      "a=1",
      "set-cookie",
      "b=2",
    ]),
    data(1, message("a")),
    source.headers(1, okTrailers, true),
  ]),
  fine("RFC 9218 §5", "a priority field", (source) => [
    source.headers(1, [...responseHead, "priority", "u=1, i", "alt-svc", "clear"]),
    data(1, message("a")),
    source.headers(1, okTrailers, true),
  ]),
  fine("RFC 7541 §4.2", "table sizes before the first field", (source) => {
    const [head, ...rest] = wholeResponse(source, 1)
    // Down to 0 and up again: what the source has in its table by then is nothing.
    return [frame(HEADERS, head![4]!, 1, [0x20, 0x3f, 0xe1, 0x1f, ...head!.subarray(9)]), ...rest]
  }),
]
