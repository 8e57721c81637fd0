import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { failureOf, until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { callFields, dialRaw, okFields, responseFields } from "../test-support/raw-ends.js"
import { framed, textsIn } from "../test-support/raw-peer.js"

/** Sends texts of these lengths in one call, and gives those that came. */
async function sent(lengths: readonly number[], streamWindow: number): Promise<string[]> {
  await using under = dialRaw(
    (peer) => {
      peer.onRequest = () => {}
    },
    { peer: () => ({ streamWindow }) },
  )
  const texts = lengths.map((length, i) => String.fromCharCode(97 + (i % 26)).repeat(length))
  const call = under.client.gather(texts.map((text) => ({ text })))
  await until(() => under.peers[0]?.streams[0]?.ended === true, "the requests' end")
  const [peer] = under.peers
  const [raw] = peer!.streams
  peer!.send(raw!, responseFields)
  peer!.data(raw!, framed("done"))
  peer!.send(raw!, okFields, true)
  await call
  assert.equal(raw!.headers!.path, Parrot.methods.gather.path)
  const received = textsIn(raw!.body)
  assert.deepEqual(received, texts)
  return received
}

describe("the writer of messages", () => {
  it("writes messages of any length, small after large and large after small", async () => {
    const lengths = [0, 1, 511, 512, 513, 16_378, 16_379, 16_380, 0, 70_000, 3, 300_000, 0, 20_000, 16_384, 100, 1]
    assert.equal((await sent(lengths, 262_144)).length, lengths.length)
  })

  it("writes through a window of any size", async () => {
    const lengths = [0, 3, 700, 40_000, 5, 0, 17_000]
    for (const window of [1, 7, 100, 16_384, 65_535]) {
      assert.equal((await sent(window < 100 ? lengths.slice(0, 3) : lengths, window)).length > 0, true)
    }
  })

  it("sends nothing of a message that cannot be encoded, or is too long, and goes on with the next call", async () => {
    await using under = dialRaw(
      (peer) => {
        peer.onRequest = (raw) => {
          peer.onData = (stream, chunk, start, stop, end) => {
            stream.owner.body = Buffer.concat([stream.owner.body, chunk.subarray(start, stop)])
            if (!end) return
            peer.send(stream.owner, responseFields)
            peer.data(stream.owner, framed("done"))
            peer.send(stream.owner, okFields, true)
          }
          assert.equal(raw.headers!.path, callFields("Say")[5])
        }
      },
      { maxSendMessageLength: 1_000 },
    )
    for (const text of ["!", `!${"x".repeat(50_000)}`, "x".repeat(1_001), "x".repeat(90_000)]) {
      const error = await failureOf(under.client.say({ text }))
      assert.equal(error.code, text.startsWith("!") ? "INTERNAL" : "RESOURCE_EXHAUSTED")
      assert.deepEqual(await under.client.say({ text: "fine" }), { text: "done" })
    }
    const [peer] = under.peers
    await until(() => peer!.streams.length === 8)
    assert.deepEqual(
      peer!.streams.map((raw) => textsIn(raw.body)),
      [[], ["fine"], [], ["fine"], [], ["fine"], [], ["fine"]],
    )
    assert.deepEqual(peer!.streams[0]!.log, ["headers", "reset CANCEL"])
  })
})
