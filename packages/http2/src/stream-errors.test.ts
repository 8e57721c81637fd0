import assert from "node:assert/strict"
import { ErrorCode } from "./frame/error-code.js"
import { FrameFlag, FrameType } from "./frame/header.js"
import type { ConnectionOptions } from "./handler.js"
import type { HeaderFields } from "./hpack/header-block.js"
import { type ScriptedPeer, script } from "./test-support/frame-script.js"
import {
  continuation,
  data,
  frame,
  ping,
  requestFields,
  responseFields,
  rstStream,
  windowUpdate,
} from "./test-support/frames.js"

const opaque = [0, 0, 0, 0, 0, 0, 0, 9]
const pong = "PING ACK 0000000000000009"

type Row = readonly [
  name: string,
  say: (peer: ScriptedPeer) => Uint8Array[],
  code: keyof typeof ErrorCode,
  options?: ConnectionOptions,
]

/** Faults of a client on stream 1 after its request headers, and the code of the RST_STREAM that they get. */
const serverRows: readonly Row[] = [
  ["trailers without END_STREAM", (peer) => [peer.source.headers(1, ["a", "b"])], "PROTOCOL_ERROR"],
  ["a pseudo-header in trailers", (peer) => [peer.source.headers(1, [":path", "/"], true)], "PROTOCOL_ERROR"],
  ["WINDOW_UPDATE by 0", () => [windowUpdate(1, 0)], "PROTOCOL_ERROR"],
  ["a stream window above 2^31-1", () => [windowUpdate(1, 2 ** 31 - 1)], "FLOW_CONTROL_ERROR"],
  ["PRIORITY of four bytes", () => [frame(FrameType.PRIORITY, 0, 1, [0, 0, 0, 0])], "FRAME_SIZE_ERROR"],
  ["PRIORITY on itself", () => [frame(FrameType.PRIORITY, 0, 1, [0x80, 0, 0, 1, 7])], "PROTOCOL_ERROR"],
  [
    "trailers that depend on the stream itself",
    (peer) => [frame(FrameType.HEADERS, 5 | FrameFlag.PRIORITY, 1, [0, 0, 0, 1, 7, ...peer.source.block(["a", "b"])])],
    "PROTOCOL_ERROR",
  ],
  ["DATA after END_STREAM", () => [data(1, "a", true), data(1, "b")], "STREAM_CLOSED"],
  [
    "HEADERS after END_STREAM",
    (peer) => [data(1, "a", true), peer.source.headers(1, ["a", "b"], true)],
    "STREAM_CLOSED",
  ],
  ["DATA above the stream's window", () => [data(1, new Uint8Array(101))], "FLOW_CONTROL_ERROR", { streamWindow: 100 }],
]

for (const [name, say, code, options] of serverRows) {
  script(`${name}: ${code}`, "server", options ?? {}, (peer) => {
    peer.greet()
    peer.say(peer.source.headers(1, requestFields), peer.source.headers(3, requestFields))
    const neighbour = peer.recorder.stream(3)
    peer.say(...say(peer))
    // The connection goes on, and so does the neighbour.
    peer.say(data(3, "still here", true), ping(opaque))
    assert.deepEqual(peer.hear(), [`RST_STREAM 1 ${code}`, pong])
    const events = peer.recorder.take()
    assert.ok(events.includes(`reset 1 ${code} by local, stream`), events.join("\n"))
    assert.ok(events.includes('data 3 end "still here"'), events.join("\n"))
    assert.equal(neighbour.state, "half-closed (remote)")
    assert.equal(peer.recorder.closures[0].code, ErrorCode[code])
    // What was still under way on the dead stream is no fault.
    peer.expect([rstStream(1, 8), windowUpdate(1, 5), data(1, "late")], [], [])
  })
}

/** Requests that are malformed: the handler never hears of them (RFC 9113 §8.1.1). */
const malformed: readonly (readonly [name: string, fields: HeaderFields])[] = [
  ["no :path", [":method", "GET", ":scheme", "http"]],
  ["an upper-case name", [...requestFields, "Accept", "x"]],
  ["connection", [...requestFields, "connection", "close"]],
  ["te: gzip", [...requestFields, "te", "gzip"]],
  ["a pseudo-header twice", [":method", "GET", ...requestFields]],
  ["content-length of letters", [...requestFields, "content-length", "ten"]],
  ["two content-lengths that differ", [...requestFields, "content-length", "1", "content-length", "2"]],
]

for (const [name, fields] of malformed) {
  script(`a request with ${name}`, "server", {}, (peer) => {
    peer.greet()
    peer.expect([peer.source.headers(1, fields), data(1, "x", true)], [], ["RST_STREAM 1 PROTOCOL_ERROR"])
    assert.equal(peer.connection.openStreams, 0)
    peer.say(peer.source.headers(3, requestFields))
    assert.equal(peer.recorder.stream(3).state, "open")
  })
}

script("a request that depends on itself", "server", {}, (peer) => {
  peer.greet()
  const block = peer.source.block(requestFields)
  const first = frame(FrameType.HEADERS, FrameFlag.PRIORITY, 1, [0, 0, 0, 1, 15, ...block.subarray(0, 3)])
  peer.expect([first, continuation(1, block.subarray(3), true)], [], ["RST_STREAM 1 PROTOCOL_ERROR"])
  // The block was read all the same: HPACK's tables are in step.
  peer.expect(
    [peer.source.headers(3, requestFields, true)],
    ["initial 3 end :method=POST :scheme=http :path=/a/b :authority=host"],
    [],
  )
})

script("PRIORITY on a stream that has ended", "server", {}, (peer) => {
  peer.greet()
  peer.recorder.hooks.headers = (stream) => peer.connection.sendHeaders(stream, responseFields, undefined, true)
  peer.say(peer.source.headers(1, requestFields, true), peer.source.headers(3, requestFields, true))
  peer.hear()
  peer.recorder.take()
  const priority = (id: number, ...payload: number[]) => frame(FrameType.PRIORITY, 0, id, payload)
  peer.expect([priority(1, 0, 0, 0, 3, 1)], [], [])
  peer.expect([priority(1, 0, 0, 0, 1, 1)], [], ["RST_STREAM 1 PROTOCOL_ERROR"])
  peer.expect([priority(3, 0, 0, 0)], [], ["RST_STREAM 3 FRAME_SIZE_ERROR"])
  peer.expect([priority(3, 0, 0, 0)], [], [])
})

script("content-length and END_STREAM on HEADERS", "server", {}, (peer) => {
  peer.greet()
  const fields = [...requestFields, "content-length", "1"]
  peer.expect([peer.source.headers(1, fields, true)], [], ["RST_STREAM 1 PROTOCOL_ERROR"])
})

script("content-length against DATA", "server", {}, (peer) => {
  peer.greet()
  const headers = (id: number) => peer.source.headers(id, [...requestFields, "content-length", "4"])
  peer.say(headers(1), data(1, "ab"), data(1, "cd", true))
  peer.say(headers(3), data(3, "ab", true))
  peer.say(headers(5), data(5, "abcde"))
  peer.say(headers(7), data(7, "abc"), peer.source.headers(7, ["a", "b"], true))
  peer.say(headers(9), data(9, "abcd"), peer.source.headers(9, ["a", "b"], true))
  const events = peer.recorder.take().filter((line) => !line.startsWith("initial"))
  const left = events.filter((line) => /reset|end/.test(line))
  assert.deepEqual(left, [
    'data 1 end "abcd"',
    "reset 3 PROTOCOL_ERROR by local, stream",
    "reset 5 PROTOCOL_ERROR by local, stream",
    "reset 7 PROTOCOL_ERROR by local, stream",
    "trailers 9 end a=b",
  ])
})

script("a header list above the limit is told, not kept", "server", { maxHeaderListSize: 300 }, (peer) => {
  peer.greet()
  peer.expect([peer.source.headers(1, [...requestFields, "x", "y".repeat(300)])], ["initial 1 (oversize)"], [])
  peer.connection.sendHeaders(peer.recorder.stream(1), [":status", "431"], undefined, true)
  assert.deepEqual(peer.hear(), ["HEADERS 1 end :status=431"])
  // The table has been kept in step: the next block refers to what this one brought.
  peer.expect(
    [peer.source.headers(3, requestFields, true)],
    ["initial 3 end :method=POST :scheme=http :path=/a/b :authority=host"],
    [],
  )
})

script("too many headers are told, not kept", "server", { maxHeaderCount: 6 }, (peer) => {
  peer.greet()
  peer.expect([peer.source.headers(1, [...requestFields, "a", "1", "b", "2", "c", "3"])], ["initial 1 (oversize)"], [])
})

script("a header block in CONTINUATION frames, padded and with priority", "server", {}, (peer) => {
  peer.greet()
  const block = peer.source.block(requestFields)
  const first = [3, 0, 0, 0, 0, 7, ...block.subarray(0, 2), 0, 0, 0]
  const flags = FrameFlag.PADDED | FrameFlag.PRIORITY | FrameFlag.END_STREAM
  peer.expect(
    [
      frame(FrameType.HEADERS, flags, 1, first),
      continuation(1, block.subarray(2, 5), false),
      continuation(1, [], false),
      continuation(1, block.subarray(5), true),
    ],
    ["initial 1 end :method=POST :scheme=http :path=/a/b :authority=host"],
    [],
  )
})

script("CONTINUATION frames are counted for each block anew", "server", { maxContinuationFrames: 2 }, (peer) => {
  peer.greet()
  for (const id of [1, 3, 5]) {
    const block = peer.source.block(requestFields)
    const [head, rest] = [block.subarray(0, 1), block.subarray(1)]
    peer.say(frame(FrameType.HEADERS, 0, id, head), continuation(id, [], false), continuation(id, rest, true))
    assert.equal(peer.recorder.stream(id).state, "open")
  }
})

script("frames that mean nothing are let pass", "server", {}, (peer) => {
  peer.greet()
  peer.expect(
    [
      frame(0x42, 0xff, 1, [1, 2, 3]),
      frame(0xfe, 0, 0, []),
      frame(FrameType.PRIORITY, 0, 7, [0, 0, 0, 0, 1]),
      peer.source.headers(1, requestFields, true),
      ping([1, 1, 1, 1, 1, 1, 1, 1], true),
    ],
    ["initial 1 end :method=POST :scheme=http :path=/a/b :authority=host", "pong 1,1,1,1,1,1,1,1"],
    [],
  )
})

script("a ping is answered", "client", {}, (peer) => {
  peer.greet()
  peer.expect([ping(opaque)], ["ping 0,0,0,0,0,0,0,9"], [pong])
  peer.connection.ping(Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1))
  assert.deepEqual(peer.hear(), ["PING 0807060504030201"])
  assert.throws(() => peer.connection.ping(new Uint8Array(7)), TypeError)
})

/** Faults of a server answering stream 1. */
const clientRows: readonly Row[] = [
  ["DATA before HEADERS", () => [data(1, "x")], "PROTOCOL_ERROR"],
  ["a response without :status", (peer) => [peer.source.headers(1, ["a", "b"])], "PROTOCOL_ERROR"],
  ["a response with :path", (peer) => [peer.source.headers(1, [":status", "200", ":path", "/"])], "PROTOCOL_ERROR"],
  ["101", (peer) => [peer.source.headers(1, [":status", "101"])], "PROTOCOL_ERROR"],
  [
    "an informational response that ends",
    (peer) => [peer.source.headers(1, [":status", "103"], true)],
    "PROTOCOL_ERROR",
  ],
  [
    "too little content",
    (peer) => [peer.source.headers(1, [":status", "200", "content-length", "3"]), data(1, "ab", true)],
    "PROTOCOL_ERROR",
  ],
]

for (const [name, say, code] of clientRows) {
  script(`${name}: ${code}`, "client", {}, (peer) => {
    peer.greet()
    const stream = peer.connection.openStream(requestFields, undefined, true, "me")
    assert.ok(stream)
    peer.hear()
    peer.say(...say(peer))
    assert.deepEqual(peer.hear(), [`RST_STREAM 1 ${code}`])
    assert.equal(peer.recorder.take().at(-1), `reset 1 ${code} by local, stream`)
    assert.equal(stream.state, "closed")
  })
}

script("content-length of a response to HEAD", "client", {}, (peer) => {
  peer.greet()
  const fields = requestFields.with(1, "HEAD")
  peer.connection.openStream(fields, undefined, true, "me")
  peer.hear()
  const headers = peer.source.headers(1, [":status", "200", "content-length", "3"], true)
  peer.expect([headers], ["initial 1 end :status=200 content-length=3"], [])
})

script("RST_STREAM of the peer", "client", {}, (peer) => {
  peer.greet()
  for (const owner of ["a", "b", "c"]) peer.connection.openStream(requestFields, undefined, true, owner)
  peer.hear()
  peer.expect(
    [
      rstStream(1, ErrorCode.REFUSED_STREAM),
      peer.source.headers(3, responseFields),
      rstStream(3, ErrorCode.CANCEL),
      rstStream(5, 0x1234),
      rstStream(5, 0x1234),
      windowUpdate(5, 10),
    ],
    [
      "reset 1 REFUSED_STREAM by peer, stream unseen",
      "initial 3 :status=200 content-type=text/plain",
      "reset 3 CANCEL by peer, stream",
      "reset 5 0x1234 by peer, stream",
    ],
    [],
  )
})

script("DATA on a stream that the peer itself has ended: STREAM_CLOSED", "client", {}, (peer) => {
  peer.greet()
  peer.connection.openStream(requestFields, undefined, true, "me")
  peer.hear()
  peer.expect(
    [peer.source.headers(1, responseFields, true), data(1, "more")],
    ["initial 1 end :status=200 content-type=text/plain"],
    ["RST_STREAM 1 STREAM_CLOSED"],
  )
})

script("a stream reset amid a DATA frame", "server", {}, (peer) => {
  peer.greet()
  peer.recorder.hooks.data = (stream) => peer.connection.reset(stream, ErrorCode.CANCEL)
  peer.say(peer.source.headers(1, requestFields), data(1, "abc"), data(1, "def", true))
  assert.deepEqual(peer.hear(), ["RST_STREAM 1 CANCEL"])
  assert.equal(peer.recorder.take().filter((line) => line.startsWith("data")).length, 1)
})
