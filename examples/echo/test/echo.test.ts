import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { Echo } from "@farcall/example-echo/gen/echo_grpc.js"
import { echo } from "@farcall/example-echo/servicer.js"
import { type PairFixture, useTestPair } from "farcall/testing/node"

describe("Echo in line", () => saysBack(useTestPair(Echo, echo)))

/** As many as the original has. */
const tenThreads = { workers: 10, per: "suite" } as const
describe("Echo on ten threads", () => saysBack(useTestPair(Echo, new URL("../worker.js", import.meta.url), tenThreads)))

function saysBack({ client }: PairFixture<typeof Echo>): void {
  it("says back what it hears", async () => {
    assert.equal((await client.reply({ message: "Hello World!" })).message, "You said: Hello World!")
  })

  it("answers ten callers at once, each with its own words", async () => {
    const words = Array.from({ length: 10 }, (_, caller) => `caller ${caller} 🗣`)
    const replies = await Promise.all(words.map(async (message) => (await client.reply({ message })).message))
    assert.deepEqual(
      replies,
      words.map((message) => `You said: ${message}`),
    )
  })
}
