import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { FormatData } from "@farcall/example-format-data/gen/data_grpc.js"
import { formatData } from "@farcall/example-format-data/servicer.js"
import { type PairFixture, useTestPair } from "farcall/testing/node"

describe("FormatData in line", () => formats(useTestPair(FormatData, formatData)))

/** As many as the original has. */
const fourThreads = { workers: 4, per: "suite" } as const
describe("FormatData on four threads", () =>
  formats(useTestPair(FormatData, new URL("../worker.js", import.meta.url), fourThreads)))

function formats({ client }: PairFixture<typeof FormatData>): void {
  it("upper-cases text", async () => {
    assert.equal((await client.doFormat({ text: "hello,world!" })).text, "HELLO,WORLD!")
  })

  it("leaves nothing as nothing", async () => {
    assert.equal((await client.doFormat({})).text, "")
  })
}
