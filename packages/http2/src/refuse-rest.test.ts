import assert from "node:assert/strict"
import { script } from "./test-support/frame-script.js"
import { data, requestFields, responseFields, windowUpdate } from "./test-support/frames.js"

const trailers = ["grpc-status", "0"]

script("a server that has ended refuses the rest of the request", "server", {}, (peer) => {
  peer.greet()
  peer.say(peer.source.headers(1, requestFields))
  const stream = peer.recorder.stream(1)
  peer.connection.sendHeaders(stream, responseFields, undefined, true)
  peer.connection.refuseRest(stream)
  const heard = peer.hear()
  assert.equal(heard.length, 2)
  assert.equal(heard[1], "RST_STREAM 1 NO_ERROR")
})

script("what is queued goes out before the rest of the request is refused", "server", {}, (peer) => {
  peer.greet(4, 1000)
  peer.say(peer.source.headers(1, requestFields))
  const stream = peer.recorder.stream(1)
  peer.connection.sendHeaders(stream, responseFields, undefined, false)
  peer.connection.sendOwned(stream, new Uint8Array(1500), 0, 1500, false)
  peer.connection.sendHeaders(stream, trailers, undefined, true)
  peer.connection.refuseRest(stream)
  assert.deepEqual(peer.hear().slice(1), ["DATA 1 1000 bytes"])
  peer.say(windowUpdate(1, 1000))
  const heard = peer.hear()
  assert.equal(heard[0], "DATA 1 500 bytes")
  assert.match(heard[1]!, /^HEADERS 1 end/)
  assert.deepEqual(heard.slice(2), ["RST_STREAM 1 NO_ERROR"])
})

script("a request that has ended by then is not reset", "server", {}, (peer) => {
  peer.greet(4, 1000)
  peer.say(peer.source.headers(1, requestFields))
  const stream = peer.recorder.stream(1)
  peer.connection.sendHeaders(stream, responseFields, undefined, false)
  peer.connection.sendOwned(stream, new Uint8Array(1500), 0, 1500, true)
  peer.connection.refuseRest(stream)
  peer.say(data(1, "", true))
  peer.hear()
  peer.say(windowUpdate(1, 1000))
  assert.deepEqual(peer.hear(), ["DATA 1 end 500 bytes"])
})
