import assert from "node:assert/strict"
import { test } from "node:test"
import { Connection } from "./connection.js"
import { FrameFlag, FrameType } from "./frame/header.js"
import { PreparedHeaders } from "./hpack/prepared-headers.js"
import { defaultLimits, resolveLimits } from "./limits.js"
import { script } from "./test-support/frame-script.js"
import {
  data,
  frame,
  preface,
  requestFields,
  responseFields,
  rstStream,
  settings,
  settingsAck,
} from "./test-support/frames.js"
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

script(
  "a smaller streamWindow on the way is in force when it is acknowledged",
  "server",
  { streamWindow: 100 },
  (peer) => {
    peer.greet()
    for (const id of [1, 3, 5]) peer.say(peer.source.headers(id, requestFields))
    peer.say(data(1, new Uint8Array(60)))
    peer.connection.changeSettings({ streamWindow: 50 })
    assert.deepEqual(peer.hear(), ["SETTINGS INITIAL_WINDOW_SIZE=50"])
    // The client acts by the old one, until it says otherwise.
    peer.say(data(3, new Uint8Array(100)))
    assert.deepEqual(peer.hear(), [])
    peer.say(
      settingsAck,
      data(5, new Uint8Array(50)),
      peer.source.headers(7, requestFields),
      data(7, new Uint8Array(51)),
    )
    assert.deepEqual(peer.hear(), ["RST_STREAM 7 FLOW_CONTROL_ERROR"])
    // 60 of 50 bytes are there: credit for what has been taken makes up for the rest first.
    peer.connection.consumed(peer.recorder.stream(1), 60)
    peer.connection.consumed(peer.recorder.stream(3), 30)
    assert.deepEqual(peer.hear(), ["WINDOW_UPDATE 1 +60", "WINDOW_UPDATE 3 +30"])
    peer.say(data(1, new Uint8Array(50)), data(3, new Uint8Array(1)))
    assert.deepEqual(peer.hear(), ["RST_STREAM 3 FLOW_CONTROL_ERROR"])
  },
)

script("credit held back from a larger window is given when a smaller one is in force", "server", {}, (peer) => {
  peer.greet()
  for (const id of [1, 3, 5]) {
    peer.say(peer.source.headers(id, requestFields), data(id, new Uint8Array(300), id === 5))
    peer.connection.consumed(peer.recorder.stream(id), id === 3 ? 49 : 300)
  }
  peer.connection.changeSettings({ streamWindow: 100 })
  assert.deepEqual(peer.hear(), ["SETTINGS INITIAL_WINDOW_SIZE=100"])
  // By the client's reckoning the window is 200 below zero: without this it would wait for ever.
  peer.say(settingsAck)
  assert.deepEqual(peer.hear(), ["WINDOW_UPDATE 1 +300"])
  peer.say(data(1, new Uint8Array(100)), data(3, new Uint8Array(1)))
  assert.deepEqual(peer.hear(), ["RST_STREAM 3 FLOW_CONTROL_ERROR"])
})

script("a larger streamWindow on the way, and one of 0", "client", { streamWindow: 100 }, (peer) => {
  peer.greet()
  peer.connection.openStream(requestFields, undefined, true, "me")
  peer.connection.changeSettings({ streamWindow: 1000 })
  peer.connection.changeSettings({ streamWindow: 0, headerTableSize: 100 })
  assert.deepEqual(peer.hear().slice(1), ["SETTINGS INITIAL_WINDOW_SIZE=1000"])
  peer.say(peer.source.headers(1, responseFields), settingsAck)
  assert.deepEqual(peer.hear(), ["SETTINGS HEADER_TABLE_SIZE=100 INITIAL_WINDOW_SIZE=0"])
  peer.say(data(1, new Uint8Array(1000)), settingsAck)
  assert.deepEqual(peer.hear(), [])
  // All that is taken is given back, and no more than that.
  peer.connection.consumed(peer.recorder.stream(1), 1000)
  assert.deepEqual(peer.hear(), ["WINDOW_UPDATE 1 +1000"])
  peer.say(data(1, new Uint8Array(1)))
  assert.deepEqual(peer.hear(), ["RST_STREAM 1 FLOW_CONTROL_ERROR"])
})

script("a smaller headerTableSize on the way binds the peer once it has acknowledged", "server", {}, (peer) => {
  peer.greet()
  peer.say(peer.source.headers(1, requestFields))
  peer.connection.changeSettings({ headerTableSize: 0 })
  peer.say(peer.source.headers(3, requestFields))
  assert.equal(peer.recorder.stream(3).state, "open")
  // RFC 7541 §4.2: the next block must begin with a size update.
  peer.say(settingsAck, peer.source.headers(5, requestFields))
  assert.equal(peer.errorCode, "COMPRESSION_ERROR")
})

script("a change waits until those before it are acknowledged", "server", {}, (peer) => {
  // Go's server acknowledges two SETTINGS that come together with one frame: there is never more than one under way.
  peer.connection.changeSettings({ streamWindow: 1, maxConcurrentStreams: 7 })
  assert.equal(peer.hear().length, 2, "SETTINGS and WINDOW_UPDATE of the beginning")
  peer.greet()
  peer.connection.changeSettings({ streamWindow: 2 })
  peer.connection.changeSettings({ headerTableSize: 9, streamWindow: 3 })
  assert.deepEqual(peer.hear(), [])
  peer.say(settingsAck)
  assert.deepEqual(peer.hear(), ["SETTINGS HEADER_TABLE_SIZE=9 INITIAL_WINDOW_SIZE=3"])
  peer.say(settingsAck)
  assert.deepEqual(peer.hear(), [])
  peer.say(settingsAck)
  assert.equal(peer.errorCode, "PROTOCOL_ERROR")
})

script("what is larger may be used before it is acknowledged", "server", {}, (peer) => {
  peer.greet()
  peer.say(peer.source.headers(1, requestFields))
  peer.connection.changeSettings({ headerTableSize: 0, streamWindow: 100 })
  peer.say(settingsAck)
  peer.connection.changeSettings({ headerTableSize: 5000, streamWindow: 1000 })
  peer.hear()
  // RFC 7541 §4.2: down to the least of them, and up again; then `:method: POST` and so on, from the static table.
  const sizes = [0x20, 0x3f, 0xe9, 0x26]
  peer.say(frame(FrameType.HEADERS, FrameFlag.END_HEADERS, 3, [...sizes, 0x83, 0x86, 0x84]))
  peer.say(data(3, new Uint8Array(1000)))
  assert.deepEqual(peer.hear(), [])
  assert.equal(peer.recorder.stream(3).state, "open")
  peer.say(data(3, new Uint8Array(1)))
  assert.deepEqual(peer.hear(), ["RST_STREAM 3 FLOW_CONTROL_ERROR"])
  peer.say(frame(FrameType.HEADERS, FrameFlag.END_HEADERS, 5, [0x3f, 0xea, 0x26, 0x83, 0x86, 0x84]))
  assert.equal(peer.errorCode, "COMPRESSION_ERROR")
})

script("settings that cannot be are refused, and a closed connection changes nothing", "client", {}, (peer) => {
  peer.greet()
  for (const change of [
    { streamWindow: -1 },
    { streamWindow: 2 ** 31 },
    { headerTableSize: 0.5 },
    { streamWindow: NaN },
    { headerTableSize: 2 ** 32 },
    // Of a server's streams, and this is a client.
    { maxConcurrentStreams: 5 },
  ]) {
    assert.throws(() => peer.connection.changeSettings(change), RangeError)
  }
  peer.connection.close()
  peer.hear()
  peer.connection.changeSettings({ streamWindow: 5 })
  assert.deepEqual(peer.hear(), [])
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

const open = (id: number) => `initial ${id} :method=POST :scheme=http :path=/a/b :authority=host`

script("fewer streams on the way: in force when acknowledged, and none is ended", "server", {}, (peer) => {
  const begin = (...ids: number[]) => ids.map((id) => peer.source.headers(id, requestFields))
  peer.greet()
  assert.throws(() => peer.connection.changeSettings({ maxConcurrentStreams: -1 }), RangeError)
  peer.expect(begin(1, 3), [open(1), open(3)], [])
  peer.connection.changeSettings({ maxConcurrentStreams: 1 })
  assert.deepEqual(peer.hear(), ["SETTINGS MAX_CONCURRENT_STREAMS=1"])
  // The client may not have heard of it.
  peer.expect([...begin(5), settingsAck, ...begin(7)], [open(5)], ["RST_STREAM 7 REFUSED_STREAM"])
  for (const id of [1, 3]) {
    peer.connection.sendHeaders(peer.recorder.stream(id), responseFields, undefined, true)
    peer.say(data(id, "", true))
    peer.connection.release(peer.recorder.stream(id))
  }
  peer.hear()
  peer.recorder.take()
  // Still one is open.
  peer.expect([...begin(9), data(5, "x")], ['data 5 "x"'], ["RST_STREAM 9 REFUSED_STREAM"])
  peer.say(rstStream(5, 8))
  peer.connection.release(peer.recorder.stream(5))
  peer.recorder.take()
  peer.expect(begin(11, 13), [open(11)], ["RST_STREAM 13 REFUSED_STREAM"])
})

script("more streams on the way start more handlers", "server", { maxConcurrentStreams: 1 }, (peer) => {
  peer.greet()
  peer.say(peer.source.headers(1, requestFields), rstStream(1, 8), peer.source.headers(3, requestFields))
  peer.recorder.take()
  assert.equal(peer.connection.counters.waitingStreams, 1, "the first one's handler still runs")
  peer.connection.changeSettings({ maxConcurrentStreams: 3 })
  peer.hear()
  peer.expect([peer.source.headers(5, requestFields)], [], ["RST_STREAM 5 REFUSED_STREAM"])
  peer.expect([settingsAck, peer.source.headers(7, requestFields)], [open(3), open(7)], [])
  assert.equal(peer.connection.counters.runningHandlers, 3)
})

script("no streams for a while: what waits already gets its turn", "server", { maxConcurrentStreams: 1 }, (peer) => {
  peer.greet()
  peer.say(peer.source.headers(1, requestFields), rstStream(1, 8), peer.source.headers(3, requestFields))
  peer.recorder.take()
  peer.connection.changeSettings({ maxConcurrentStreams: 0 })
  peer.hear()
  peer.expect([settingsAck, peer.source.headers(5, requestFields)], [], ["RST_STREAM 5 REFUSED_STREAM"])
  peer.connection.release(peer.recorder.stream(1))
  peer.hear()
  assert.deepEqual(peer.recorder.take(), [open(3)])
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
