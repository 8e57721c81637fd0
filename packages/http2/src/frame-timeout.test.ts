import assert from "node:assert/strict"
import { Connection } from "./connection.js"
import { FrameFlag, FrameType } from "./frame/header.js"
import { type ScriptedPeer, script } from "./test-support/frame-script.js"
import {
  continuation,
  data,
  frame,
  ping,
  preface,
  requestFields,
  settings,
  settingsAck,
} from "./test-support/frames.js"
import { Recorder } from "./test-support/recorder.js"

const initial = (id: number) => `initial ${id} :method=POST :scheme=http :path=/a/b :authority=host`

/** HEADERS without END_HEADERS for `id`, and the CONTINUATION that ends them. */
function inTwo(peer: ScriptedPeer, id: number): [Uint8Array, Uint8Array] {
  const block = peer.source.block(requestFields)
  return [frame(FrameType.HEADERS, 0, id, block.subarray(0, 3)), continuation(id, block.subarray(3), true)]
}

/** What ends the connection at 10 s, said at the test's time 1000. */
const incomplete: Record<string, (peer: ScriptedPeer) => readonly Uint8Array[]> = {
  "a header block": (peer) => [inTwo(peer, 3)[0]],
  "a header block whose CONTINUATION is incomplete": (peer) => [inTwo(peer, 3)[0], inTwo(peer, 3)[1].subarray(0, 9)],
  "a HEADERS frame": (peer) => [peer.source.headers(3, requestFields).subarray(0, 12)],
  "a frame's header": () => [ping([0, 0, 0, 0, 0, 0, 0, 0]).subarray(0, 8)],
}

for (const [what, say] of Object.entries(incomplete)) {
  script(`${what} without an end has its time`, "server", {}, (peer) => {
    // On another connection of the same time a neighbour asks, and loses nothing.
    const neighbour = new Recorder()
    const other = new Connection("server", neighbour)
    const whole = [preface, settings(), settingsAck, peer.source.headers(1, requestFields)]
    for (const bytes of whole) other.receive(bytes, 0, bytes.length, peer.now)
    peer.greet()
    peer.say(peer.source.headers(1, requestFields), data(1, "x"))
    assert.equal(peer.connection.nextTimeout(), undefined)
    peer.say(...say(peer))
    assert.equal(peer.connection.nextTimeout(), 11_000)
    peer.connection.advance(10_999)
    assert.deepEqual(peer.recorder.take(), [initial(1), 'data 1 "x"'])
    for (const connection of [peer.connection, other]) connection.advance(11_000)
    assert.deepEqual(peer.recorder.take(), [
      "reset 1 ENHANCE_YOUR_CALM by local, connection",
      "close ENHANCE_YOUR_CALM by local",
    ])
    assert.equal(peer.connection.nextTimeout(), undefined)
    assert.deepEqual(neighbour.take(), ["settings", initial(1)])
  })
}

script("a block that ends in time, and the next one, each have all of it", "server", { frameTimeout: 100 }, (peer) => {
  peer.greet()
  const [begin, end] = inTwo(peer, 1)
  peer.say(begin)
  peer.now = 1090
  const [beginNext, endNext] = inTwo(peer, 3)
  peer.say(end, beginNext)
  assert.equal(peer.connection.nextTimeout(), 1190)
  // More of the block gives it no more time.
  peer.now = 1180
  peer.say(endNext.subarray(0, 10))
  assert.equal(peer.connection.nextTimeout(), 1190)
  peer.say(endNext.subarray(10))
  assert.equal(peer.connection.nextTimeout(), undefined)
  peer.connection.advance(1e6)
  assert.deepEqual(peer.recorder.take(), [initial(1), initial(3)])
})

script("DATA may take its time", "server", { frameTimeout: 100 }, (peer) => {
  peer.greet()
  peer.say(peer.source.headers(1, requestFields), data(1, "slow", true).subarray(0, 11))
  assert.equal(peer.connection.nextTimeout(), undefined)
  peer.connection.advance(1e6)
  peer.say(data(1, "slow", true).subarray(11))
  assert.deepEqual(peer.recorder.take(), [initial(1), 'data 1 end "slow"'])
})

script(
  "while we do not read, the time does not run",
  "server",
  { unsentControlPause: 1, frameTimeout: 100 },
  (peer) => {
    peer.greet()
    const pings = [1, 2].map(() => ping([0, 0, 0, 0, 0, 0, 0, 0]))
    peer.say(...pings, frame(FrameType.HEADERS, FrameFlag.END_HEADERS, 1, [0x82]).subarray(0, 9))
    assert.equal(peer.connection.wantsInput, false)
    peer.connection.advance(1100)
    assert.equal(peer.connection.nextTimeout(), 1200)
    // It has read our answers: now the rest can come, and does not.
    peer.hear()
    assert.equal(peer.connection.wantsInput, true)
    peer.connection.advance(1200)
    assert.equal(peer.errorCode, "ENHANCE_YOUR_CALM")
  },
)
