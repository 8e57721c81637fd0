import assert from "node:assert/strict"
import type { Stream } from "./stream.js"
import type { ScriptedPeer } from "./test-support/frame-script.js"
import { script } from "./test-support/frame-script.js"
import { ping, requestFields, settings, windowUpdate } from "./test-support/frames.js"

/** A client whose peer gives all the windows there are, and `count` streams of it: the first one is greedy. */
function greedyAndOthers(peer: ScriptedPeer, count: number): Stream<string>[] {
  peer.greet(4, 2 ** 30)
  peer.say(windowUpdate(0, 2 ** 30))
  const streams = Array.from({ length: count }, (_, i) => {
    const stream = peer.connection.openStream(requestFields, undefined, false, `call ${i}`)
    assert.ok(stream)
    return stream
  })
  peer.hear()
  return streams
}

function send(peer: ScriptedPeer, stream: Stream<string>, size: number): void {
  peer.connection.sendOwned(stream, new Uint8Array(size), 0, size, false)
}

/** The streams of the DATA frames in a transcript, in order. */
function turns(lines: readonly string[]): number[] {
  return lines.filter((line) => line.startsWith("DATA")).map((line) => Number(line.split(" ")[1]))
}

script("99 streams with something ready: a greedy one gets a frame between two turns", "client", {}, (peer) => {
  const [greedy, ...others] = greedyAndOthers(peer, 100)
  // The greedy one has all the advantages: it is first, asks for a megabyte, and asks again whenever it may.
  const portion = (stream: Stream<string>) => (stream === greedy ? 2 ** 20 : 50_000)
  for (const stream of [greedy, ...others]) send(peer, stream, portion(stream))
  peer.recorder.hooks.writable = (stream) => send(peer, stream, portion(stream))
  const order: number[] = []
  for (let batch = 0; batch < 80; batch++) {
    order.push(...turns(peer.hear()))
    for (const stream of others) {
      assert.ok(stream.queued > 0, `stream ${stream.id} has nothing ready`)
      if (stream.writable) send(peer, stream, portion(stream))
    }
  }
  for (const { id } of others) {
    const own = order.flatMap((turn, at) => (turn === id ? [at] : []))
    assert.ok(own.length > 10, `stream ${id} had ${own.length} turns`)
    for (let i = 1; i < own.length; i++) {
      const greedyFrames = order.slice(own[i - 1], own[i]).filter((turn) => turn === greedy.id).length
      assert.ok(greedyFrames <= 1, `${greedyFrames} frames of the greedy stream between two turns of stream ${id}`)
    }
  }
})

script("what is begun in one turn is shared out by frames, whoever was first", "client", {}, (peer) => {
  const streams = greedyAndOthers(peer, 3)
  for (const stream of streams) send(peer, stream, 40_000)
  // The very first frame found nobody waiting.
  assert.deepEqual(turns(peer.hear()), [1, 1, 3, 5, 1, 3, 5, 3, 5])
})

script("control frames and HEADERS leave before the DATA in line", "client", {}, (peer) => {
  const [stream] = greedyAndOthers(peer, 1)
  send(peer, stream, 100_000)
  peer.say(ping([1, 2, 3, 4, 5, 6, 7, 8]), settings())
  peer.connection.ping(new Uint8Array(8))
  peer.connection.openStream(requestFields, undefined, true, "another")
  const kinds = peer.hear().map((line) => line.split(" ").slice(0, 2).join(" "))
  assert.deepEqual(kinds.slice(0, 5), ["DATA 1", "PING ACK", "SETTINGS ACK", "PING 0000000000000000", "HEADERS 3"])
  assert.deepEqual(
    kinds.slice(5),
    Array.from({ length: 6 }, () => "DATA 1"),
  )
})

script("control frames leave before DATA that waited for the socket", "client", { outputHighWater: 50_000 }, (peer) => {
  const [stream] = greedyAndOthers(peer, 1)
  send(peer, stream, 200_000)
  peer.hear() // written: there is room again
  peer.say(ping([1, 2, 3, 4, 5, 6, 7, 8]))
  assert.match(peer.hear()[0], /^PING ACK/)
})

script("a stream alone is not paused for what leaves with the next batch", "client", {}, (peer) => {
  const [stream, other] = greedyAndOthers(peer, 2)
  send(peer, stream, 60_000)
  send(peer, stream, 60_000)
  send(peer, stream, 60_000)
  assert.equal(stream.writable, true)
  send(peer, stream, 120_000)
  assert.equal(stream.writable, false, "more than the output takes at once, and the send buffer")
  send(peer, other, 20_000)
  assert.equal(other.writable, true)
  send(peer, other, 60_000)
  assert.equal(other.writable, false, "it is not alone in line")
  while (peer.connection.hasOutput) peer.hear()
  assert.deepEqual(peer.recorder.take().sort(), ["writable 1", "writable 3"])
})
