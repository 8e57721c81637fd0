import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { FormatData } from "@farcall/example-format-data/gen/data_grpc.js"
import { formatData } from "@farcall/example-format-data/servicer.js"
import { createTestPair, type TestPair } from "farcall/testing"

const inLine = (): Promise<TestPair<typeof FormatData>> => createTestPair(FormatData, formatData)
/** As many as the original has. */
const onThreads = (): Promise<TestPair<typeof FormatData>> =>
  createTestPair(FormatData, new URL("../worker.js", import.meta.url), { workers: 4 })

for (const [where, open] of Object.entries({ "in line": inLine, "on four threads": onThreads })) {
  describe(`FormatData ${where}`, () => {
    let pair: TestPair<typeof FormatData>
    before(async () => {
      pair = await open()
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
}
