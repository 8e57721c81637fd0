import assert from "node:assert/strict"
import { test } from "node:test"
import { faultOf, hpackPeers, peerDecodes, peerEncodes, schedules, storiesOf, storyEncoders } from "./hpack-stories.js"

/** A sample; `npm run conformance` goes through all of them. */
const fromEach = 3

const encoders = storyEncoders()

test("there are stories of the encoders that spoke the final HPACK", () => {
  assert.ok(encoders.length >= 11, encoders.join())
  assert.ok(encoders.includes("nghttp2-change-table-size") && encoders.includes("go-hpack"))
})

for (const encoder of encoders) {
  test(`stories of ${encoder} are decoded`, () => {
    const stories = storiesOf(encoder).slice(0, fromEach)
    assert.equal(stories.length, fromEach)
    for (const story of stories) assert.equal(faultOf(story), undefined)
  })
}

test("a story with a wrong byte has a fault", () => {
  const [story] = storiesOf("nghttp2")
  const [first, ...others] = story!.blocks
  const wire = first!.wire.replace(/^82/, "83")
  assert.notEqual(wire, first!.wire)
  assert.match(faultOf({ name: "broken", blocks: [{ ...first!, wire }, ...others] }) ?? "", /^broken, block 0: decoded/)
})

for (const [title, schedule] of Object.entries(schedules)) {
  const peers = hpackPeers()
  const skip = peers.length === 0 ? "needs Python or Go (FARCALL_PYTHON, FARCALL_GO)" : false
  test(`other implementations decode our blocks, and we theirs: ${title}`, { skip }, () => {
    const stories = storiesOf().slice(0, fromEach)
    for (const peer of peers) {
      assert.ok(peerDecodes(peer, stories, schedule) > 10)
      assert.ok(peerEncodes(peer, stories, schedule) > 10)
    }
  })
}
