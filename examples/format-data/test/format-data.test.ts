import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { FormatData } from "@farcall/example-format-data/gen/data_grpc.js"
import { formatData } from "@farcall/example-format-data/servicer.js"
import { createTestPair, type TestPair } from "farcall/testing"

describe("FormatData", () => {
  let pair: TestPair<typeof FormatData>
  before(async () => {
    pair = await createTestPair(FormatData, formatData)
  })
  after(() => pair.close())

  it("upper-cases text", async () => {
    const { text } = await pair.client.doFormat({ text: "hello,world!" })
    assert.equal(text, "HELLO,WORLD!")
  })

  it("leaves nothing as nothing", async () => {
    const { text } = await pair.client.doFormat({})
    assert.equal(text, "")
  })
})
