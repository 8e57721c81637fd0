import assert from "node:assert/strict"
import { BufferPool } from "./buffer-pool.js"
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

script("a payload written in place goes out as it is, and with its end", "client", {}, (peer) => {
  peer.greet()
  const [first, second, third] = open(peer, 3)
  peer.hear()
  const write = (text: string) => {
    const at = peer.connection.outputOffset
    return at + new TextEncoder().encodeInto(text, peer.connection.output.subarray(at)).written
  }
  assert.equal(peer.connection.beginData(first, 100), true)
  peer.connection.commitData(first, write("abc"), false)
  assert.equal(first.state, "open")
  assert.equal(peer.connection.beginData(second, 100), true)
  peer.connection.commitData(second, write("de"), true)
  assert.equal(second.state, "half-closed (local)")
  assert.equal(peer.connection.counters.sendWindow, 65_535 - 5)
  // Nothing makes a frame only where it ends the stream.
  assert.equal(peer.connection.beginData(first, 100), true)
  peer.connection.commitData(first, write(""), false)
  assert.equal(peer.connection.beginData(third, 100), true)
  peer.connection.commitData(third, write(""), true)
  assert.deepEqual(peer.hear(), ['DATA 1 "abc"', 'DATA 3 end "de"', 'DATA 5 end ""'])
  assert.equal(third.state, "half-closed (local)")
})

script("in place goes what a buffer of the output holds", "client", { bufferPool: new BufferPool(1024, 4) }, (peer) => {
  peer.greet()
  const [stream] = open(peer, 1)
  peer.hear()
  assert.equal(peer.connection.beginData(stream, 1024 - 9 + 1), false)
  assert.equal(peer.connection.hasOutput, false)
  assert.equal(peer.connection.beginData(stream, 1024 - 9), true)
})

script("a part of a buffer is sent, with or without the end", "client", {}, (peer) => {
  peer.greet(4, 10)
  const [first, second] = open(peer, 2)
  peer.hear()
  const bytes = new TextEncoder().encode("abcdefghijklmnopqrstuvwxyz")
  peer.connection.sendOwned(first, bytes, 20, 23, false)
  peer.connection.sendOwned(first, bytes, 3, 6, false)
  assert.equal(first.state, "open")
  peer.connection.sendOwned(second, bytes, 24, 26, true)
  assert.equal(second.state, "half-closed (local)")
  peer.connection.sendOwned(first, bytes, 10, 16, false)
  assert.deepEqual(peer.hear(), ['DATA 1 "uvw"', 'DATA 1 "def"', 'DATA 3 end "yz"', 'DATA 1 "klmn"'])
  peer.expect([windowUpdate(1, 100)], [], ['DATA 1 "op"'])
  assert.equal(first.state, "open", "what was queued has left, and more may come")
})

script("an end that comes later goes with the last DATA queued", "client", {}, (peer) => {
  peer.greet(4, 10)
  const [stream] = open(peer, 1)
  peer.connection.sendOwned(stream, new Uint8Array(12).fill(0x61), 0, 12, false)
  peer.connection.endStream(stream)
  assert.deepEqual(peer.hear().slice(1), ['DATA 1 "aaaaaaaaaa"'])
  assert.equal(stream.state, "open")
  peer.expect([windowUpdate(1, 2)], [], ['DATA 1 end "aa"'])
  assert.equal(stream.state, "half-closed (local)")
})

script("up to 8 KiB a payload is copied behind its header, above that it is left where it is", "client", {}, (peer) => {
  peer.greet()
  const [stream] = open(peer, 1)
  peer.hear()
  const bytes = new Uint8Array(20_000)
  const lengths = (start: number, stop: number) => {
    peer.connection.sendOwned(stream, bytes, start, stop, false)
    const segments = peer.connection.takeOutput().map((segment) => segment.length)
    peer.connection.written()
    return segments
  }
  assert.deepEqual(lengths(8192, 16_384), [9 + 8192])
  assert.deepEqual(lengths(0, 8193), [9, 8193])
})

script("a stream that got credit is one that the peer has seen", "client", {}, (peer) => {
  peer.greet()
  const [seen, unseen] = open(peer, 2)
  assert.equal(seen.credited, false)
  peer.say(windowUpdate(0, 1), windowUpdate(1, 1))
  assert.deepEqual([seen.credited, unseen.credited], [true, false])
})

script("a stream whose own window is shut holds up nobody", "client", {}, (peer) => {
  peer.greet(4, 200)
  const [slow, fast] = open(peer, 2)
  peer.connection.sendOwned(slow, new Uint8Array(300), 0, 300, true)
  peer.connection.sendOwned(fast, new Uint8Array(150), 0, 150, true)
  assert.deepEqual(peer.hear().slice(2), ["DATA 1 200 bytes", "DATA 3 end 150 bytes"])
})

script("credit that is not enough, or for a stream with nothing to send, holds up nobody", "client", {}, (peer) => {
  peer.greet(4, 100)
  const [shut, other] = open(peer, 2)
  peer.connection.sendOwned(shut, new Uint8Array(200), 0, 200, true)
  peer.hear()
  peer.say(settings(4, 0), windowUpdate(1, 100), windowUpdate(3, 50))
  assert.equal(shut.outbound.available, 0)
  assert.equal(peer.connection.beginData(other, 10), true)
  peer.connection.sendOwned(other, new Uint8Array(3), 0, 3, true)
  assert.deepEqual(peer.hear(), ["SETTINGS ACK", 'DATA 3 end "\\u0000\\u0000\\u0000"'])
})

for (const initial of [16_384, 10_000]) {
  script(`a stream in line whose window falls to ${initial - 16_384} waits for credit`, "client", {}, (peer) => {
    peer.greet(4, 2 ** 20)
    const [stream, other] = open(peer, 2)
    peer.connection.sendOwned(stream, new Uint8Array(20_000), 0, 20_000, true)
    peer.connection.sendOwned(other, new Uint8Array(200), 0, 200, true)
    peer.say(settings(4, initial))
    assert.deepEqual(peer.hear().slice(2), ["DATA 1 16384 bytes", "SETTINGS ACK", "DATA 3 end 200 bytes"])
    peer.recorder.take()
    peer.expect([windowUpdate(1, 50_000)], [], ["DATA 1 end 3616 bytes"])
  })
}

script("a reset drops the queue, and the turn", "client", {}, (peer) => {
  shut(peer)
  const [a, b, c] = open(peer, 3)
  for (const stream of [a, b, c]) peer.connection.sendOwned(stream, new Uint8Array(200), 0, 200, true)
  peer.connection.reset(a, ErrorCode.CANCEL)
  assert.deepEqual(peer.hear().slice(3), ["RST_STREAM 3 CANCEL"])
  assert.equal(a.queued, 0)
  assert.equal(a.writable, false)
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

script("writable leaves room for as much as was sent at most at once", "client", { sendBufferSize: 1000 }, (peer) => {
  peer.greet(4, 0)
  const [stream] = open(peer, 1)
  const bytes = new Uint8Array(6000)
  const send = (size: number) => peer.connection.sendOwned(stream, bytes, 5000, 5000 + size, false)
  for (const size of [300, 100, 290]) send(size)
  assert.equal(stream.queued, 690)
  assert.equal(stream.writable, true)
  send(50)
  assert.equal(stream.writable, false, "740 and 300 are more than 1000")
})

script("onWritable is owed only to who was told to wait, and once the queue has fallen", "client", {}, (peer) => {
  peer.greet(4, 200)
  const [stream] = open(peer, 1)
  peer.connection.sendOwned(stream, new Uint8Array(302), 0, 302, false)
  assert.equal(stream.writable, true)
  peer.hear()
  peer.expect([windowUpdate(1, 152)], [], ["DATA 1 102 bytes"])
  peer.connection.sendOwned(stream, new Uint8Array(70_000), 0, 70_000, false)
  assert.equal(stream.writable, false)
  peer.hear()
  peer.expect([windowUpdate(1, 150)], [], ["DATA 1 150 bytes"])
  assert.equal(stream.writable, false)
})

script("a stream in line is writable as far as the next batch takes what it has queued", "client", {}, (peer) => {
  peer.greet(4, 2 ** 20)
  const send = (stream: ReturnType<typeof open>[number], size: number) =>
    peer.connection.sendOwned(stream, new Uint8Array(size), 0, size, false)
  const [alone] = open(peer, 1)
  send(alone, 40_000)
  send(alone, 30_000)
  assert.equal(alone.queued, 53_616)
  assert.equal(alone.writable, true, "the connection's window lets 49,151 of it go")
  peer.hear()
  peer.say(windowUpdate(0, 70_000))
  peer.hear()
  const [first, second] = open(peer, 2)
  send(first, 40_000)
  send(second, 40_000)
  send(first, 30_000)
  assert.equal(first.writable, false, "another is in line")
})

script(
  "what the output has no room for does not leave with the next batch",
  "client",
  { outputHighWater: 20_000 },
  (peer) => {
    peer.greet(4, 2 ** 20)
    const [stream] = open(peer, 1)
    peer.hear()
    peer.connection.sendOwned(stream, new Uint8Array(16_384), 0, 16_384, false)
    for (let i = 0; i < 2; i++) peer.connection.sendOwned(stream, new Uint8Array(30_000), 0, 30_000, false)
    assert.equal(stream.queued, 43_616)
    assert.equal(stream.writable, false)
  },
)

script("a full output takes no DATA, though nobody is in line", "client", { outputHighWater: 16_393 }, (peer) => {
  peer.greet()
  const [a, b] = open(peer, 2)
  peer.hear()
  peer.connection.sendOwned(a, new Uint8Array(16_384), 0, 16_384, false)
  assert.equal(peer.connection.pendingOutput, 16_393)
  assert.equal(peer.connection.beginData(b, 10), false)
  peer.connection.sendOwned(b, new Uint8Array(200), 0, 200, true)
  assert.deepEqual(peer.hear(), ["DATA 1 16384 bytes"])
  assert.deepEqual(peer.hear(), ["DATA 3 end 200 bytes"])
})

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
