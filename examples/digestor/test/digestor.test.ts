import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { Digestor } from "@farcall/example-digestor/gen/digestor_grpc.js"
import { createDigestor } from "@farcall/example-digestor/servicer.js"
import { useTestPair } from "farcall/testing/node"

describe("Digestor", () => {
  const printed: string[] = []
  const { client } = useTestPair(Digestor, () => createDigestor((line) => printed.push(line)))

  for (const [text, Digested] of [
    ["Test", "532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25"],
    // FIPS 180-4: the digest of no bytes at all, which a text that is left out is too.
    [undefined, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ] as const) {
    it(`digests ${text ?? "nothing"}, and prints the digest`, async () => {
      const reply = await client.getDigestor(text === undefined ? {} : { ToDigest: text })
      assert.deepEqual([reply.Digested, reply.WasDigest], [Digested, true])
      assert.equal(printed.pop(), Digested)
    })
  }
})
