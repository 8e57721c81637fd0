import assert from "node:assert/strict"
import { test } from "node:test"
import { Connection } from "./connection.js"
import { PreparedHeaders } from "./hpack/prepared-headers.js"
import { defaultLimits, resolveLimits } from "./limits.js"
import { script } from "./test-support/frame-script.js"
import { preface, requestFields, responseFields, rstStream, settings, settingsAck } from "./test-support/frames.js"
import { Recorder } from "./test-support/recorder.js"

script("the peer's settings, the last of a kind counting, unknown ones ignored", "client", {}, (peer) => {
  peer.greet(3, 7, 4, 1000, 5, 20_000, 6, 9000, 3, 8, 0x99, 1, 1, 100)
  assert.deepEqual(peer.connection.peerSettings, {
    headerTableSize: 100,
    enablePush: false,
    maxConcurrentStreams: 8,
    initialWindowSize: 1000,
    maxFrameSize: 20_000,
    maxHeaderListSize: 9000,
  })
})

script(
  "options are announced",
  "server",
  { headerTableSize: 0, maxFrameSize: 32_768, maxConcurrentStreams: 3 },
  (peer) => {
    assert.deepEqual(peer.hear(), [
      "SETTINGS HEADER_TABLE_SIZE=0 MAX_CONCURRENT_STREAMS=3 INITIAL_WINDOW_SIZE=262144 MAX_FRAME_SIZE=32768 MAX_HEADER_LIST_SIZE=16384",
      "WINDOW_UPDATE 0 +983041",
    ])
  },
)

script("the peer's MAX_CONCURRENT_STREAMS", "client", {}, (peer) => {
  peer.greet(3, 2)
  const open = () => peer.connection.openStream(requestFields, undefined, true, "me")
  assert.ok(open())
  assert.equal(peer.connection.canOpenStream, true)
  assert.ok(open())
  assert.equal(peer.connection.canOpenStream, false)
  assert.equal(open(), undefined)
  assert.equal(peer.connection.accepting, true)
  peer.hear()
  peer.expect(
    [peer.source.headers(1, responseFields, true)],
    ["initial 1 end :status=200 content-type=text/plain", "capacity"],
    [],
  )
  // Told once; and of a stream that we end ourselves when the output is taken.
  assert.ok(open())
  assert.equal(open(), undefined)
  peer.connection.reset(peer.recorder.stream(1), 8)
  peer.expect(
    [rstStream(3, 7)],
    ["reset 3 REFUSED_STREAM by peer, stream unseen", "capacity"],
    ["HEADERS 5 end :method=POST :scheme=http :path=/a/b :authority=host"],
  )
  assert.ok(open())
  assert.equal(open(), undefined)
  peer.expect(
    [settings(3, 3)],
    ["settings", "capacity"],
    ["HEADERS 7 end :method=POST :scheme=http :path=/a/b :authority=host", "SETTINGS ACK"],
  )
})

script("capacity that a command of ours makes", "client", {}, (peer) => {
  peer.greet(3, 1)
  const stream = peer.connection.openStream(requestFields, undefined, false, "me")
  assert.ok(stream)
  assert.equal(peer.connection.openStream(requestFields, undefined, true, "next"), undefined)
  peer.recorder.hooks.capacity = () => peer.connection.openStream(requestFields, undefined, true, "next")
  peer.connection.reset(stream, 8)
  assert.deepEqual(peer.recorder.take(), [], "a command does not call back")
  assert.deepEqual(peer.hear(), [
    "HEADERS 1 :method=POST :scheme=http :path=/a/b :authority=host",
    "RST_STREAM 1 CANCEL",
    "HEADERS 3 end :method=POST :scheme=http :path=/a/b :authority=host",
  ])
})

for (const role of ["client", "server"] as const) {
  script("the peer's MAX_HEADER_LIST_SIZE tells what is too large", role, {}, (peer) => {
    const { connection } = peer
    const list = ["name", "value"]
    peer.greet()
    assert.equal(connection.headerListExcess([...list, "x", "y".repeat(100_000)]), 0)
    for (const [limit, excess] of [
      [1000, 0],
      [123, 0],
      [82, 0],
      [81, 1],
      [0, 82],
    ]) {
      peer.say(settings(6, limit))
      for (const headers of [list, new PreparedHeaders(list)]) {
        assert.equal(connection.headerListExcess(headers, list), excess)
        assert.equal(connection.headerListExcess(headers), Math.max(0, 41 - limit))
      }
    }
  })
}

script("a smaller HEADER_TABLE_SIZE is followed, and told in the next block", "client", {}, (peer) => {
  peer.greet()
  const firstByteOfBlock = (...entries: number[]) => {
    peer.say(settings(...entries))
    peer.connection.openStream(requestFields, undefined, true, "me")
    const [segment] = peer.connection.takeOutput()
    // SETTINGS ACK, then the header of HEADERS.
    return segment.slice(9 + 9, 9 + 9 + 4)
  }
  // RFC 7541 §6.3: a size update to 0; to 0 and then to 4096, when both were asked for.
  assert.equal(firstByteOfBlock(1, 0)[0], 0x20)
  assert.deepEqual([...firstByteOfBlock(1, 4096)], [0x3f, 0xe1, 0x1f, 0x83])
  assert.deepEqual([...firstByteOfBlock(1, 0, 1, 4096)], [0x20, 0x3f, 0xe1, 0x1f])
})

script("our HEADER_TABLE_SIZE is in force when it is acknowledged", "server", { headerTableSize: 0 }, (peer) => {
  peer.hear()
  // Before that, the peer's encoder may use the 4096 bytes that HTTP/2 starts with, and does.
  peer.say(preface, settings(), peer.source.headers(1, requestFields, true))
  assert.equal(peer.recorder.stream(1).state, "half-closed (remote)")
  // After it, its next block would have to begin with a size update (RFC 7541 §4.2).
  peer.say(settingsAck, peer.source.headers(3, requestFields, true))
  assert.equal(peer.errorCode, "COMPRESSION_ERROR")
})

script("streams above maxConcurrentStreams are refused", "server", { maxConcurrentStreams: 1 }, (peer) => {
  peer.greet()
  peer.expect(
    [peer.source.headers(1, requestFields), peer.source.headers(3, requestFields), rstStream(1, 8)],
    ["initial 1 :method=POST :scheme=http :path=/a/b :authority=host", "reset 1 CANCEL by peer, stream"],
    ["RST_STREAM 3 REFUSED_STREAM"],
  )
  assert.equal(peer.connection.lastPeerStreamId, 1)
})

test("before the peer's SETTINGS a client assumes a limit", () => {
  const connection = new Connection("client", new Recorder(), { assumedPeerStreams: 1 })
  assert.ok(connection.openStream(requestFields, undefined, true, "me"))
  assert.equal(connection.openStream(requestFields, undefined, true, "me"), undefined)
})

test("limits have defaults, and ranges", () => {
  assert.equal(resolveLimits(undefined), defaultLimits)
  assert.deepEqual(resolveLimits({ maxHeaderCount: 5 }), { ...defaultLimits, maxHeaderCount: 5 })
  assert.throws(() => resolveLimits({ maxFrameSize: 16_383 }), RangeError)
  assert.throws(() => resolveLimits({ streamWindow: 2 ** 31 }), RangeError)
  assert.throws(() => resolveLimits({ connectionWindow: 65_534 }), RangeError)
  assert.throws(() => resolveLimits({ maxHeaderCount: 1.5 }), RangeError)
  assert.throws(() => resolveLimits({ glitches: -1 }), RangeError)
})
