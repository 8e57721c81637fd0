import assert from "node:assert/strict"
import { ErrorCode } from "./frame/error-code.js"
import type { ScriptedPeer } from "./test-support/frame-script.js"
import { script } from "./test-support/frame-script.js"
import { requestFields, rstStream, settings, windowUpdate } from "./test-support/frames.js"

function open(peer: ScriptedPeer, count: number) {
  return Array.from({ length: count }, (_, i) => {
    const stream = peer.connection.openStream(requestFields, undefined, false, `call ${i}`)
    assert.ok(stream)
    return stream
  })
}

/** Uses up the connection's window, on a stream of its own. */
function shut(peer: ScriptedPeer): void {
  peer.greet(4, 2 ** 20)
  const [first] = open(peer, 1)
  peer.connection.sendOwned(first, new Uint8Array(65_535), 0, 65_535, true)
  peer.hear()
}

script("streams that wait for the connection's window take turns", "client", {}, (peer) => {
  shut(peer)
  const streams = open(peer, 3)
  for (const stream of streams) peer.connection.sendOwned(stream, new Uint8Array(40_000), 0, 40_000, true)
  peer.hear()
  peer.expect(
    [windowUpdate(0, 2 ** 20)],
    [],
    [
      "DATA 3 16384 bytes",
      "DATA 5 16384 bytes",
      "DATA 7 16384 bytes",
      "DATA 3 16384 bytes",
      "DATA 5 16384 bytes",
      "DATA 7 16384 bytes",
      "DATA 3 end 7232 bytes",
      "DATA 5 end 7232 bytes",
      "DATA 7 end 7232 bytes",
    ],
  )
})

script("a stream whose own window is shut holds up nobody", "client", {}, (peer) => {
  peer.greet(4, 200)
  const [slow, fast] = open(peer, 2)
  peer.connection.sendOwned(slow, new Uint8Array(300), 0, 300, true)
  peer.connection.sendOwned(fast, new Uint8Array(150), 0, 150, true)
  assert.deepEqual(peer.hear().slice(2), ["DATA 1 200 bytes", "DATA 3 end 150 bytes"])
})

script("a reset drops the queue, and the turn", "client", {}, (peer) => {
  shut(peer)
  const [a, b, c] = open(peer, 3)
  for (const stream of [a, b, c]) peer.connection.sendOwned(stream, new Uint8Array(200), 0, 200, true)
  peer.connection.reset(a, ErrorCode.CANCEL)
  assert.deepEqual(peer.hear().slice(3), ["RST_STREAM 3 CANCEL"])
  assert.equal(a.queued, 0)
  peer.expect([rstStream(5, ErrorCode.CANCEL)], ["reset 5 CANCEL by peer, stream"], [])
  peer.expect([windowUpdate(0, 1000)], [], ["DATA 7 end 200 bytes"])
  assert.equal(peer.connection.counters.outboundQueued, 0)
})

script(
  "writable tells when the queue is full, onWritable when it is no more",
  "client",
  { sendBufferSize: 1000 },
  (peer) => {
    peer.greet(4, 200)
    const [stream] = open(peer, 1)
    peer.connection.sendOwned(stream, new Uint8Array(600), 0, 600, false)
    assert.equal(stream.queued, 400)
    assert.equal(stream.writable, true, "there is room for another 600")
    peer.connection.sendOwned(stream, new Uint8Array(1), 0, 1, false)
    assert.equal(stream.writable, false)
    peer.hear()
    peer.recorder.hooks.writable = () => peer.connection.sendOwned(stream, new Uint8Array(1500), 0, 1500, true)
    peer.expect([windowUpdate(1, 1)], ["writable 1"], ['DATA 1 "\\u0000"'])
    assert.equal(stream.queued, 1900)
    peer.expect([windowUpdate(1, 5000)], [], ["DATA 1 end 1900 bytes"])
  },
)

script("DATA stays in its stream while the output is full", "client", { outputHighWater: 20_000 }, (peer) => {
  peer.greet(4, 2 ** 20, 5, 16_384)
  peer.say(windowUpdate(0, 2 ** 20))
  const [a, b] = open(peer, 2)
  peer.hear()
  peer.connection.sendOwned(a, new Uint8Array(80_000), 0, 80_000, true)
  assert.equal(peer.connection.pendingOutput, 9 + 16_384, "a frame went at once, the rest stands in line")
  assert.equal(peer.connection.beginData(b, 10), false)
  peer.connection.sendOwned(b, new Uint8Array(200), 0, 200, true)
  // Control frames go on, and before what stands in line.
  peer.connection.ping(new Uint8Array(8))
  const outputs = peer.recorder.outputs
  assert.deepEqual(peer.hear(), ["DATA 1 16384 bytes", "PING 0000000000000000", "DATA 1 16384 bytes"])
  assert.ok(peer.recorder.outputs > outputs, "written() made room, and output is to be taken again")
  assert.equal(peer.connection.hasOutput, true)
  assert.deepEqual(peer.hear(), ["DATA 3 end 200 bytes", "DATA 1 16384 bytes", "DATA 1 16384 bytes"])
  assert.deepEqual(peer.hear(), ["DATA 1 end 14464 bytes"])
  assert.equal(peer.connection.hasOutput, false)
})

script("the peer's MAX_FRAME_SIZE", "client", {}, (peer) => {
  peer.greet(4, 60_000)
  const [stream] = open(peer, 1)
  peer.hear()
  peer.say(settings(5, 20_000))
  peer.connection.sendOwned(stream, new Uint8Array(50_000), 0, 50_000, true)
  assert.deepEqual(peer.hear(), ["SETTINGS ACK", "DATA 1 20000 bytes", "DATA 1 20000 bytes", "DATA 1 end 10000 bytes"])
})

script("a header block above the peer's frame size goes in CONTINUATION frames", "client", {}, (peer) => {
  peer.greet()
  const value = "\u00ff".repeat(40_000)
  const stream = peer.connection.openStream(requestFields, ["x", value], true, "me")
  assert.ok(stream)
  const lines = peer.hear()
  assert.deepEqual(lines.slice(0, -1), ["HEADERS 1 end …", "CONTINUATION 1 …"])
  assert.match(lines.at(-1) ?? "", /^CONTINUATION 1 end :method=POST .* x=\u00ff{40000}$/)
})
