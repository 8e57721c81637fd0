import assert from "node:assert/strict"
import { test } from "node:test"
import { PreparedHeaders } from "./hpack/prepared-headers.js"
import { script } from "./test-support/frame-script.js"
import { data, preface, requestFields, responseFields, settings, settingsAck } from "./test-support/frames.js"
import { JoinedPair } from "./test-support/joined-pair.js"
import { Recorder } from "./test-support/recorder.js"

script("the beginning of a connection", "server", {}, (peer) => {
  assert.deepEqual(peer.hear(), [
    "SETTINGS MAX_CONCURRENT_STREAMS=250 INITIAL_WINDOW_SIZE=262144 MAX_HEADER_LIST_SIZE=16384",
    "WINDOW_UPDATE 0 +983041",
  ])
  peer.expect([preface], [], [])
  peer.expect([settings()], ["settings"], ["SETTINGS ACK"])
  peer.expect([settingsAck], [], [])
})

script("the beginning of a connection", "client", {}, (peer) => {
  assert.deepEqual(peer.hear(), [
    "preface",
    "SETTINGS ENABLE_PUSH=0 INITIAL_WINDOW_SIZE=262144 MAX_HEADER_LIST_SIZE=16384",
    "WINDOW_UPDATE 0 +983041",
  ])
  peer.expect([settings(), settingsAck], ["settings"], ["SETTINGS ACK"])
})

script("a request and its response", "server", {}, (peer) => {
  peer.greet()
  peer.expect(
    [peer.source.headers(1, requestFields), data(1, "hello, "), data(1, "world", true)],
    ["initial 1 :method=POST :scheme=http :path=/a/b :authority=host", 'data 1 end "hello, world"'],
    [],
  )
  const stream = peer.recorder.stream(1)
  assert.equal(stream.state, "half-closed (remote)")
  peer.connection.sendHeaders(stream, new PreparedHeaders(responseFields), ["x", "y"], false)
  assert.equal(peer.connection.beginData(stream, 100), true)
  const { output, outputOffset } = peer.connection
  output.set([0x68, 0x69], outputOffset)
  peer.connection.commitData(stream, outputOffset + 2, false)
  peer.connection.sendHeaders(stream, ["grpc-status", "0"], undefined, true)
  assert.equal(stream.state, "closed")
  assert.equal(peer.connection.openStreams, 0)
  assert.deepEqual(peer.hear(), [
    "HEADERS 1 :status=200 content-type=text/plain x=y",
    'DATA 1 "hi"',
    "HEADERS 1 end grpc-status=0",
  ])
})

script("a request and its response", "client", {}, (peer) => {
  peer.greet()
  const stream = peer.connection.openStream(new PreparedHeaders(requestFields), undefined, false, "me")
  assert.ok(stream)
  assert.equal(stream.owner, "me")
  peer.connection.sendOwned(stream, new TextEncoder().encode("ask"), 0, 3, true)
  assert.deepEqual(peer.hear(), ["HEADERS 1 :method=POST :scheme=http :path=/a/b :authority=host", 'DATA 1 end "ask"'])
  peer.expect(
    [
      peer.source.headers(1, [":status", "103", "link", "x"]),
      peer.source.headers(1, responseFields),
      data(1, "answer"),
      peer.source.headers(1, ["grpc-status", "0"], true),
    ],
    [
      "informational 1 :status=103 link=x",
      "initial 1 :status=200 content-type=text/plain",
      'data 1 "answer"',
      "trailers 1 end grpc-status=0",
    ],
    [],
  )
  assert.equal(peer.connection.openStreams, 0)
})

test("client and server talk to each other", () => {
  const client = new Recorder()
  const server = new Recorder()
  const pair = new JoinedPair(client, server)
  server.hooks.data = (stream, size, end) => {
    pair.server.consumed(stream, size)
    if (!end) return
    pair.server.sendHeaders(stream, responseFields, undefined, false)
    pair.server.sendOwned(stream, new Uint8Array(40_000).fill(7), 0, 40_000, false)
    pair.server.sendHeaders(stream, ["grpc-status", "0"], undefined, true)
    pair.server.release(stream)
  }
  pair.settle()
  const stream = pair.client.openStream(requestFields, undefined, false, "call")
  assert.ok(stream)
  pair.client.sendOwned(stream, new Uint8Array(50_000).fill(9), 0, 50_000, true)
  pair.settle()
  assert.deepEqual(server.take(), [
    "settings",
    "initial 1 :method=POST :scheme=http :path=/a/b :authority=host",
    "data 1 end 50000 bytes",
  ])
  assert.deepEqual(client.take(), [
    "settings",
    "initial 1 :status=200 content-type=text/plain",
    "data 1 40000 bytes",
    "trailers 1 end grpc-status=0",
  ])
  assert.equal(pair.client.counters.inboundHeld + pair.server.counters.inboundHeld, 0)
  assert.equal(pair.server.counters.runningHandlers, 0)
})
