import { data, frame, headers, ping, settings, Type, windowUpdate } from "../wire/frame.js"
import { headerBlock, indexed, integer, literal, request } from "../wire/header-block.js"
import type { Attack, Expectation } from "./attack.js"

const say = request("/test.Parrot/Say")

function once(name: string, what: string, expect: Expectation, ...frames: readonly Uint8Array[]): Attack {
  return { name, what, expect, burst: (n) => (n === 0 ? Buffer.concat(frames) : undefined) }
}

function cut(code: string): Expectation {
  return { kind: "cut", code }
}

function resets(code: string): Expectation {
  return { kind: "bounded", reset: code }
}

function status(code: number): Expectation {
  return { kind: "bounded", status: code }
}

function faultyBlock(name: string, ...bytes: readonly (Uint8Array | readonly number[])[]): Attack {
  const block = Buffer.concat([say, ...bytes.map((part) => Buffer.from(part))])
  // What stands behind the fault is not looked at any more.
  return once(
    name,
    "a header block that is none (RFC 7541)",
    cut("COMPRESSION_ERROR"),
    headers(1, block),
    ping(),
    ping(),
  )
}

/** What a peer need say only once. */
export const hostileWords: readonly Attack[] = [
  faultyBlock("hpack-index-0", indexed(0)),
  faultyBlock("hpack-index-beyond", indexed(62)),
  faultyBlock("hpack-end-of-string", [0x00, 0x01, 0x61, 0x84, 0xff, 0xff, 0xff, 0xff]),
  faultyBlock("hpack-padding", [0x00, 0x01, 0x61, 0x82, 0xff, 0xff]),
  faultyBlock("hpack-table-update-amid", integer(0x20, 0x1f, 0)),
  faultyBlock("hpack-endless-integer", new Uint8Array(10_000).fill(0xff)),
  faultyBlock("hpack-string-beyond", [0x00, 0x7f, 0xff, 0xff, 0xff, 0x07]),
  once(
    "hpack-table-update-beyond",
    "a table larger than we allow",
    cut("COMPRESSION_ERROR"),
    headers(1, Buffer.concat([integer(0x20, 0x1f, 4097), say])),
  ),
  once(
    "frame-too-large",
    "a frame above SETTINGS_MAX_FRAME_SIZE",
    cut("FRAME_SIZE_ERROR"),
    Uint8Array.of(0, 0x40, 1, 0, 0, 0, 0, 0, 1),
  ),
  once(
    "settings-entries",
    "33 entries of SETTINGS",
    cut("ENHANCE_YOUR_CALM"),
    settings(...Array(33).fill([3, 1]).flat()),
  ),
  once("window-overflow", "a connection's window past 2³¹−1", cut("FLOW_CONTROL_ERROR"), windowUpdate(0, 2 ** 31 - 1)),
  once(
    "header-block-too-long",
    "a block of more bytes than any list may have",
    cut("ENHANCE_YOUR_CALM"),
    frame(Type.headers, 0, 1, say),
    ...Array(5).fill(frame(Type.continuation, 0, 1, new Uint8Array(16_384).fill(0x90))),
  ),
  once(
    "window-overflow-of-a-stream",
    "a stream's window past 2³¹−1",
    resets("FLOW_CONTROL_ERROR"),
    headers(1, say),
    windowUpdate(1, 2 ** 31 - 1),
  ),
  once(
    "stream-window-exceeded",
    "more DATA than the stream's window",
    resets("FLOW_CONTROL_ERROR"),
    headers(1, request("/test.Parrot/Chat")),
    ...Array(17).fill(data(1, new Uint8Array(16_384))),
  ),
  once(
    "header-list",
    "a header list above 16 KiB",
    status(8),
    headers(1, request("/test.Parrot/Say", ["x", "y".repeat(16_200)])),
  ),
  once(
    "header-list-not-grpc",
    "the same, of a browser",
    { kind: "bounded", http: "431" },
    headers(1, headerBlock([":method", "GET"], [":scheme", "http"], [":path", "/"], ["x", "y".repeat(16_300)]), true),
  ),
  once(
    "header-count",
    "129 fields",
    status(8),
    headers(1, Buffer.concat([say, ...Array(123).fill(Uint8Array.of(0x90))])),
  ),
  once(
    "message-length",
    "a message of 4 GiB, by its prefix",
    status(8),
    headers(1, say),
    data(1, [0, 255, 255, 255, 255]),
  ),
  ...["a\rb", "a\nb", "a\0b"].map((value) =>
    once(
      `value-with-${JSON.stringify(value).slice(2, -2)}`,
      "a line's end in a field's value",
      resets("PROTOCOL_ERROR"),
      headers(1, request("/test.Parrot/Say", ["x", value])),
    ),
  ),
  ...["__proto__", "constructor", "hasownproperty", "0"].map((name) =>
    once(
      `metadata-called-${name}`,
      "metadata under a name that objects have of themselves",
      status(0),
      headers(1, request("/test.Parrot/Say", [name, '{"polluted":true}'])),
      data(1, [0, 0, 0, 0, 1, 0x61], true),
    ),
  ),
  ...["/__proto__/toString", "/constructor/name", "/test.Parrot/__proto__", "/test.Parrot/constructor", "/0/0"].map(
    (path) => once(`method-called-${path}`, "a method under such a name", status(12), headers(1, request(path), true)),
  ),
  once(
    "upper-case-name",
    "a field name in capitals",
    resets("PROTOCOL_ERROR"),
    headers(1, Buffer.concat([say, literal(0x00, "X", "y")])),
  ),
]
