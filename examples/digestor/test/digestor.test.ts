import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { Digestor } from "@farcall/example-digestor/gen/digestor_grpc.js"
import { createDigestor } from "@farcall/example-digestor/servicer.js"
import { createTestPair, type TestPair } from "farcall/testing"

describe("Digestor", () => {
  const printed: string[] = []
  let pair: TestPair<typeof Digestor>
  before(async () => {
    pair = await createTestPair(
      Digestor,
      createDigestor((line) => printed.push(line)),
    )
  })
  after(() => pair.close())

  const digestOfTest = "532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25"
  // FIPS 180-4: the digest of no bytes at all.
  const digestOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

  it("digests a text", async () => {
    const reply = await pair.client.getDigestor({ ToDigest: "Test" })
    assert.equal(reply.Digested, digestOfTest)
    assert.equal(reply.WasDigest, true)
  })

  it("digests a text that was left out as the empty one", async () => {
    const reply = await pair.client.getDigestor({})
    assert.equal(reply.Digested, digestOfNothing)
  })

  it("prints the digest of each call", () => {
    assert.deepEqual(printed, [digestOfTest, digestOfNothing])
  })
})
