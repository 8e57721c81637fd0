import assert from "node:assert/strict"
import { ErrorCode } from "./frame/error-code.js"
import type { ScriptedPeer } from "./test-support/frame-script.js"
import { script } from "./test-support/frame-script.js"
import {
  data,
  ping,
  requestFields,
  responseFields,
  rstStream,
  settingsAck,
  windowUpdate,
} from "./test-support/frames.js"

const initial = (id: number, end = "") => `initial ${id}${end} :method=POST :scheme=http :path=/a/b :authority=host`

const twoPlaces = { maxConcurrentStreams: 2 }

function openAndReset(peer: ScriptedPeer, ...ids: number[]): void {
  for (const id of ids) peer.say(peer.source.headers(id, requestFields), rstStream(id, ErrorCode.CANCEL))
}

script("a reset stream holds its place until it is released", "server", { maxConcurrentStreams: 2 }, (peer) => {
  peer.greet()
  openAndReset(peer, 1, 3)
  assert.deepEqual(peer.recorder.take(), [
    initial(1),
    "reset 1 CANCEL by peer, stream",
    initial(3),
    "reset 3 CANCEL by peer, stream",
  ])
  assert.equal(peer.connection.counters.runningHandlers, 2)
  // Not refused, as the client has only two open at a time; but not started either.
  peer.expect([peer.source.headers(5, requestFields), data(5, "kept "), data(5, "bytes", true)], [], [])
  peer.expect([peer.source.headers(7, requestFields), data(7, "a"), peer.source.headers(7, ["t", "1"], true)], [], [])
  assert.equal(peer.connection.counters.waitingStreams, 2)
  assert.equal(peer.connection.counters.bytesHeld, "kept bytes".length + "a".length)
  const outputs = peer.recorder.outputs
  peer.connection.release(peer.recorder.stream(1))
  peer.connection.release(peer.recorder.stream(1))
  assert.equal(peer.recorder.outputs, outputs + 1)
  assert.deepEqual(peer.recorder.take(), [], "a command does not call back")
  peer.hear()
  assert.deepEqual(peer.recorder.take(), [initial(5), 'data 5 end "kept bytes"'])
  assert.equal(peer.connection.counters.bytesHeld, "a".length)
  peer.connection.sendHeaders(peer.recorder.stream(5), responseFields, undefined, true)
  assert.equal(peer.connection.openStreams, 1)
  peer.hear()
  assert.deepEqual(peer.recorder.take(), [])
  peer.connection.release(peer.recorder.stream(5))
  peer.connection.release(peer.recorder.stream(3))
  peer.hear()
  assert.deepEqual(peer.recorder.take(), [initial(7), 'data 7 "a"', "trailers 7 end t=1"])
  assert.equal(peer.connection.counters.runningHandlers, 1)
})

script("a stream that is reset while it waits is never heard of", "server", { maxConcurrentStreams: 1 }, (peer) => {
  peer.greet()
  openAndReset(peer, 1)
  peer.say(peer.source.headers(3, requestFields), data(3, "abc"))
  assert.equal(peer.connection.counters.bytesHeld, 3)
  peer.say(rstStream(3, ErrorCode.CANCEL))
  assert.equal(peer.connection.counters.bytesHeld, 0)
  peer.say(peer.source.headers(5, requestFields, true))
  peer.recorder.take()
  peer.connection.release(peer.recorder.stream(1))
  peer.hear()
  assert.deepEqual(peer.recorder.take(), [initial(5, " end")])
})

script("nor is one that breaks a rule while it waits", "server", { maxConcurrentStreams: 1 }, (peer) => {
  peer.greet()
  openAndReset(peer, 1)
  peer.say(peer.source.headers(3, requestFields))
  peer.recorder.take()
  peer.expect([windowUpdate(3, 0)], [], ["RST_STREAM 3 PROTOCOL_ERROR"])
  peer.connection.release(peer.recorder.stream(1))
  assert.deepEqual(peer.hear(), [])
  assert.deepEqual(peer.recorder.take(), [])
})

script("a stream that comes when a place is free stands behind those that wait", "server", twoPlaces, (peer) => {
  peer.greet()
  openAndReset(peer, 1, 3)
  peer.say(peer.source.headers(5, requestFields, true))
  peer.recorder.take()
  peer.connection.release(peer.recorder.stream(1))
  peer.connection.release(peer.recorder.stream(3))
  peer.say(peer.source.headers(7, requestFields, true))
  peer.hear()
  assert.deepEqual(peer.recorder.take(), [initial(5, " end"), initial(7, " end")])
})

script("a stream that has waited is like any other", "server", { maxConcurrentStreams: 1 }, (peer) => {
  peer.greet()
  openAndReset(peer, 1)
  peer.say(peer.source.headers(3, requestFields))
  peer.connection.release(peer.recorder.stream(1))
  peer.hear()
  peer.recorder.take()
  peer.expect([data(3, "x")], ['data 3 "x"'], [])
  peer.expect([windowUpdate(3, 0)], ["reset 3 PROTOCOL_ERROR by local, stream"], ["RST_STREAM 3 PROTOCOL_ERROR"])
})

script(
  "a handler that ends a stream that waited is told no more of it",
  "server",
  { maxConcurrentStreams: 1 },
  (peer) => {
    peer.greet()
    openAndReset(peer, 1)
    peer.say(peer.source.headers(3, requestFields), data(3, "x"), data(3, "y", true))
    peer.recorder.take()
    peer.recorder.hooks.headers = (stream) => peer.connection.reset(stream, ErrorCode.CANCEL)
    peer.connection.release(peer.recorder.stream(1))
    assert.deepEqual(peer.hear(), ["RST_STREAM 3 CANCEL"])
    assert.deepEqual(peer.recorder.take(), [initial(3)])
  },
)

script("nor of its trailers, once its DATA was too much", "server", { maxConcurrentStreams: 1 }, (peer) => {
  peer.greet()
  openAndReset(peer, 1)
  peer.say(peer.source.headers(3, requestFields), data(3, "x"), peer.source.headers(3, ["t", "1"], true))
  peer.recorder.take()
  peer.recorder.hooks.data = (stream) => peer.connection.reset(stream, ErrorCode.CANCEL)
  peer.connection.release(peer.recorder.stream(1))
  assert.deepEqual(peer.hear(), ["RST_STREAM 3 CANCEL"])
  assert.deepEqual(peer.recorder.take(), [initial(3), 'data 3 "x"'])
})

script("a stream that waited and is answered at once gets its request all the same", "server", twoPlaces, (peer) => {
  peer.greet()
  openAndReset(peer, 1, 3)
  peer.say(peer.source.headers(5, requestFields), data(5, "x"), data(5, "y", true))
  peer.say(peer.source.headers(7, requestFields), data(7, "z"), peer.source.headers(7, ["t", "1"], true))
  peer.recorder.take()
  peer.recorder.hooks.headers = (stream, kind) => {
    if (kind !== "initial") return
    peer.connection.sendHeaders(stream, responseFields, undefined, true)
    assert.equal(stream.state, "closed")
    peer.connection.release(stream)
  }
  peer.connection.release(peer.recorder.stream(1))
  peer.hear()
  assert.deepEqual(peer.recorder.take(), [
    initial(5),
    'data 5 end "xy"',
    initial(7),
    'data 7 "z"',
    "trailers 7 end t=1",
  ])
  assert.equal(peer.connection.openStreams, 0)
})

script(
  "more than four times the limit in waiting: ENHANCE_YOUR_CALM",
  "server",
  { maxConcurrentStreams: 2 },
  (peer) => {
    peer.greet()
    openAndReset(peer, ...Array.from({ length: 2 + 8 }, (_, i) => 1 + 2 * i))
    peer.recorder.take()
    peer.expect([ping([0, 0, 0, 0, 0, 0, 0, 0])], ["ping 0,0,0,0,0,0,0,0"], ["PING ACK 0000000000000000"])
    openAndReset(peer, 21)
    assert.deepEqual(peer.hear(), ["GOAWAY 21 ENHANCE_YOUR_CALM"])
  },
)

script("with fewer places than at first as many may wait as at first", "server", twoPlaces, (peer) => {
  peer.greet()
  peer.connection.changeSettings({ maxConcurrentStreams: 1 })
  peer.say(settingsAck)
  openAndReset(peer, ...Array.from({ length: 1 + 8 }, (_, i) => 1 + 2 * i))
  assert.equal(peer.connection.counters.waitingStreams, 8)
  openAndReset(peer, 19)
  assert.equal(peer.errorCode, "ENHANCE_YOUR_CALM")
})

script("with no place left, those that wait get their turn, one after another", "server", twoPlaces, (peer) => {
  peer.greet()
  openAndReset(peer, 1, 3, 5)
  peer.connection.changeSettings({ maxConcurrentStreams: 0 })
  peer.say(settingsAck)
  peer.say(rstStream(5, ErrorCode.CANCEL))
  peer.recorder.take()
  peer.connection.release(peer.recorder.stream(1))
  peer.hear()
  assert.equal(peer.connection.counters.waitingStreams, 1)
  peer.connection.release(peer.recorder.stream(3))
  peer.hear()
  assert.equal(peer.connection.counters.waitingStreams, 0)
})

const many = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + 2 * i)

script("of many streams that come at once some start, the rest in later turns", "server", {}, (peer) => {
  peer.greet()
  peer.say(...many(1, 100).map((id) => peer.source.headers(id, requestFields, true)))
  const started: number[] = []
  // Each takeOutput begins a turn; the connection asks for another as long as streams wait.
  for (let turn = 0; turn < 4; turn++) {
    started.push(peer.recorder.take().length)
    assert.equal(peer.connection.wantsInput, turn === 3, `turn ${turn}`)
    const { outputs } = peer.recorder
    assert.deepEqual(peer.hear(), [])
    assert.equal(peer.recorder.outputs, outputs + (turn < 2 ? 1 : 0), `turn ${turn}`)
  }
  assert.deepEqual(started, [32, 32, 32, 4])
  assert.equal(peer.connection.counters.bytesHeld, 0)
  // Slowly, none has to wait.
  for (const id of many(201, 50)) {
    peer.say(peer.source.headers(id, requestFields, true))
    assert.deepEqual(peer.recorder.take(), [initial(id, " end")])
    peer.hear()
  }
})

script("what came behind the last stream of a turn waits with the others, in order and once", "server", {}, (peer) => {
  peer.greet()
  peer.say(peer.source.headers(1, requestFields))
  peer.hear()
  peer.recorder.take()
  peer.say(...many(3, 32).map((id) => peer.source.headers(id, requestFields, true)))
  assert.equal(peer.connection.counters.bytesHeld, 0)
  peer.say(data(1, "x"), ping([...opaque]))
  peer.say(rstStream(1, ErrorCode.CANCEL))
  peer.hear()
  const events = peer.recorder.take()
  assert.deepEqual(events.slice(32), ['data 1 "x"', "ping 1,2,3,4,5,6,7,8", "reset 1 CANCEL by peer, stream"])
  assert.equal(peer.connection.counters.bytesHeld, 0)
})

script("the stream that is one too many in waiting is not heard of", "server", { maxConcurrentStreams: 1 }, (peer) => {
  peer.greet()
  openAndReset(peer, ...many(1, 1 + 4 + 1))
  assert.equal(peer.errorCode, "ENHANCE_YOUR_CALM")
  assert.deepEqual(peer.recorder.take(), [
    initial(1),
    "reset 1 CANCEL by peer, stream",
    "close ENHANCE_YOUR_CALM by local",
  ])
})

const opaque = [1, 2, 3, 4, 5, 6, 7, 8] as const
