import assert from "node:assert/strict"
import { test } from "node:test"
import { Connection } from "./connection.js"
import { ErrorCode } from "./frame/error-code.js"
import { script } from "./test-support/frame-script.js"
import { bytesOf, data, goAway, ping, requestFields, responseFields, rstStream } from "./test-support/frames.js"
import { JoinedPair } from "./test-support/joined-pair.js"
import { Recorder } from "./test-support/recorder.js"

script("GOAWAY of the server: streams above it were not seen", "client", {}, (peer) => {
  peer.greet()
  for (const owner of ["a", "b", "c"]) peer.connection.openStream(requestFields, undefined, true, owner)
  peer.hear()
  peer.expect(
    [goAway(3, ErrorCode.ENHANCE_YOUR_CALM, "too_many_pings")],
    ['goaway 3 ENHANCE_YOUR_CALM "too_many_pings"', "reset 5 ENHANCE_YOUR_CALM by peer, connection unseen"],
    [],
  )
  assert.equal(peer.connection.accepting, false)
  assert.equal(peer.connection.openStream(requestFields, undefined, true, "d"), undefined)
  // Those below go on; with the last of them it is time to close.
  peer.expect(
    [peer.source.headers(1, responseFields, true), goAway(1, ErrorCode.NO_ERROR)],
    [
      "initial 1 end :status=200 content-type=text/plain",
      'goaway 1 NO_ERROR ""',
      "reset 3 NO_ERROR by peer, connection unseen",
      "idle",
    ],
    [],
  )
})

script("graceful GOAWAY of the server, then the end of the pipe", "client", {}, (peer) => {
  peer.greet()
  peer.connection.openStream(requestFields, undefined, true, "a")
  peer.hear()
  peer.expect([goAway(2 ** 31 - 1, 0)], ['goaway 2147483647 NO_ERROR ""'], [])
  peer.expect(
    [goAway(1, 0), peer.source.headers(1, responseFields, true)],
    ['goaway 1 NO_ERROR ""', "initial 1 end :status=200 content-type=text/plain", "idle"],
    [],
  )
  peer.connection.receiveEnd(peer.now)
  assert.deepEqual(peer.recorder.take(), ["close"])
})

script("GOAWAY of ours: streams above it are ignored, those below go on", "server", {}, (peer) => {
  peer.greet()
  peer.say(peer.source.headers(1, requestFields))
  peer.recorder.take()
  peer.connection.goAway(2 ** 31 - 1, ErrorCode.NO_ERROR, bytesOf("max_age"))
  peer.connection.ping(new Uint8Array(8))
  peer.expect(
    [peer.source.headers(3, requestFields, true), ping([0, 0, 0, 0, 0, 0, 0, 0], true)],
    ["initial 3 end :method=POST :scheme=http :path=/a/b :authority=host", "pong 0,0,0,0,0,0,0,0"],
    ["GOAWAY 2147483647 NO_ERROR", "PING 0000000000000000"],
  )
  peer.connection.goAway(peer.connection.lastPeerStreamId, ErrorCode.NO_ERROR)
  peer.expect(
    [peer.source.headers(5, requestFields), data(5, "x"), rstStream(5, 8), data(1, "y", true)],
    ['data 1 end "y"'],
    ["GOAWAY 3 NO_ERROR"],
  )
  for (const id of [1, 3]) peer.connection.sendHeaders(peer.recorder.stream(id), responseFields, undefined, true)
  assert.deepEqual(peer.hear(), [
    "HEADERS 1 end :status=200 content-type=text/plain",
    "HEADERS 3 end :status=200 content-type=text/plain",
  ])
  assert.deepEqual(peer.recorder.take(), ["idle"])
  // The table was kept in step with the block that was ignored.
  peer.expect([peer.source.headers(7, requestFields)], [], [])
})

script("DATA of streams that are ignored costs nothing of the connection's window", "server", {}, (peer) => {
  peer.greet()
  peer.connection.goAway(0, ErrorCode.NO_ERROR)
  peer.say(peer.source.headers(1, requestFields))
  peer.hear()
  assert.deepEqual(peer.recorder.take(), ["idle"])
  // Ten times the window in all: each byte comes back, and nothing is kept of any.
  let credit = 0
  for (let sent = 0; sent < 10 * 1024 * 1024; sent += 16_000) {
    peer.say(data(1, new Uint8Array(16_000)))
    for (const line of peer.hear()) credit += Number(/^WINDOW_UPDATE 0 \+(\d+)$/.exec(line)?.[1] ?? 0)
  }
  assert.equal(peer.errorCode, undefined)
  assert.ok(credit > 9 * 1024 * 1024, `${credit} bytes came back`)
  assert.deepEqual(peer.recorder.take(), [])
  const { inboundHeld, bytesHeld } = peer.connection.counters
  assert.deepEqual({ inboundHeld, bytesHeld }, { inboundHeld: 0, bytesHeld: 0 })
})

script("a server is idle when its last GOAWAY has named the last stream", "server", {}, (peer) => {
  peer.greet()
  peer.connection.goAway(2 ** 31 - 1, ErrorCode.NO_ERROR)
  assert.deepEqual(peer.hear(), ["GOAWAY 2147483647 NO_ERROR"])
  peer.expect([goAway(0, 0)], ['goaway 0 NO_ERROR ""'], [])
  peer.connection.goAway(0, ErrorCode.NO_ERROR)
  assert.deepEqual(peer.hear(), ["GOAWAY 0 NO_ERROR"])
  assert.deepEqual(peer.recorder.take(), ["idle"])
})

script("close ends every stream", "client", {}, (peer) => {
  peer.greet()
  peer.connection.openStream(requestFields, undefined, false, "a")
  peer.hear()
  const late = peer.connection.openStream(requestFields, undefined, false, "never sent")
  assert.ok(late)
  peer.connection.close(ErrorCode.ENHANCE_YOUR_CALM, "enough")
  assert.deepEqual(peer.recorder.take(), [
    "reset 1 ENHANCE_YOUR_CALM by local, connection",
    "reset 3 ENHANCE_YOUR_CALM by local, connection unseen",
    "close ENHANCE_YOUR_CALM by local",
  ])
  assert.deepEqual(peer.hear(), ["GOAWAY 0 ENHANCE_YOUR_CALM"], "what is reported as never sent is not sent")
  // Nothing is heard, and no command does anything, after onClose.
  peer.connection.sendOwned(late, new Uint8Array(3), 0, 3, true)
  peer.connection.reset(late, 8)
  peer.connection.ping(new Uint8Array(8))
  peer.connection.goAway(0, 0)
  peer.connection.close()
  peer.connection.receiveEnd(peer.now)
  peer.connection.fail(new Error("late"))
  peer.connection.advance(1e9)
  assert.equal(peer.connection.openStream(requestFields, undefined, true, "b"), undefined)
  assert.equal(peer.connection.nextTimeout(), undefined)
  assert.equal(peer.connection.wantsInput, false)
  peer.expect([peer.source.headers(1, responseFields), ping([1, 2, 3, 4, 5, 6, 7, 8]), goAway(0, 0)], [], [])
})

script("close in a callback ends the connection after it", "server", {}, (peer) => {
  peer.greet()
  peer.recorder.hooks.headers = () => {
    peer.connection.close()
    assert.equal(peer.connection.openStreams, 1)
  }
  peer.expect(
    [peer.source.headers(1, requestFields), data(1, "not heard"), ping([1, 2, 3, 4, 5, 6, 7, 8])],
    [
      "initial 1 :method=POST :scheme=http :path=/a/b :authority=host",
      "reset 1 NO_ERROR by local, connection",
      "close",
    ],
    ["GOAWAY 1 NO_ERROR"],
  )
})

script("a pipe that breaks", "client", {}, (peer) => {
  peer.greet()
  const stream = peer.connection.openStream(requestFields, undefined, false, "a")
  assert.ok(stream)
  peer.hear()
  const cause = new Error("ECONNRESET")
  peer.connection.fail(cause)
  assert.deepEqual(peer.recorder.take(), ["reset 1 INTERNAL_ERROR by peer, connection", "close INTERNAL_ERROR by peer"])
  assert.equal(peer.recorder.closures[0].cause, cause)
  assert.match(peer.recorder.closures[0].message, /ECONNRESET/)
  assert.equal(peer.recorder.error?.cause, cause)
  assert.equal(stream.state, "closed")
})

script("a pipe that ends amid a frame", "server", {}, (peer) => {
  peer.greet()
  peer.say(peer.source.headers(1, requestFields), data(1, "abcdef").subarray(0, 12))
  peer.recorder.take()
  peer.connection.receiveEnd(peer.now)
  assert.deepEqual(peer.recorder.take(), ["reset 1 NO_ERROR by peer, connection", "close NO_ERROR by peer"])
  assert.match(peer.recorder.error?.message ?? "", /in the middle of a frame/)
})

test("what a callback throws ends the connection and is thrown on", () => {
  const server = new Recorder()
  const pair = new JoinedPair(new Recorder(), server)
  pair.settle()
  server.hooks.headers = () => {
    throw new Error("a bug above")
  }
  pair.client.openStream(requestFields, undefined, true, "a")
  assert.throws(() => pair.settle(), /a bug above/)
  assert.deepEqual(server.take().slice(2), [
    "reset 1 INTERNAL_ERROR by local, connection",
    "close INTERNAL_ERROR by local",
  ])
})

test("receive does not re-enter", () => {
  const recorder = new Recorder()
  const connection = new Connection("client", recorder)
  recorder.hooks.settings = () => connection.receive(new Uint8Array(9), 0, 9, 0)
  assert.throws(() => connection.receive(Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0), 0, 9, 0), /in a callback/)
})

test("a server opens no streams", () => {
  const server = new Connection("server", new Recorder())
  assert.equal(server.accepting, false)
  assert.equal(server.openStream(requestFields, undefined, true, "push"), undefined)
})

for (const [what, end] of [
  ["the pipe breaks", (peer) => peer.connection.fail(new Error("cut"))],
  ["the peer closes it", (peer) => peer.connection.receiveEnd(peer.now)],
] satisfies [string, (peer: Parameters<Parameters<typeof script>[3]>[0]) => void][]) {
  script(`a request that has not left when ${what} does not leave`, "client", {}, (peer) => {
    peer.greet()
    peer.connection.openStream(requestFields, undefined, true, "taken")
    peer.hear()
    peer.connection.openStream(requestFields, undefined, true, "late")
    end(peer)
    assert.match(
      peer.recorder.take().join(),
      /^reset 1 [^,]* by peer, connection,reset 3 [^,]*, connection unseen,close/,
    )
    assert.deepEqual(peer.hear(), [])
  })
}

script("a client that ends before anything has left says who it is, and why", "client", {}, (peer) => {
  peer.connection.openStream(requestFields, undefined, true, "never sent")
  peer.connection.close(ErrorCode.INTERNAL_ERROR, "")
  assert.deepEqual(peer.hear(), ["preface", "SETTINGS", "GOAWAY 0 INTERNAL_ERROR"])
})
