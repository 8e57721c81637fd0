import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { UserInfo } from "@farcall/example-user-info/gen/example_grpc.js"
import { userInfo } from "@farcall/example-user-info/servicer.js"
import { createTestPair, type TestPair } from "farcall/testing"

describe("UserInfo", () => {
  let pair: TestPair<typeof UserInfo>
  before(async () => {
    pair = await createTestPair(UserInfo, userInfo)
  })
  after(() => pair.close())

  it("greets by name", async () => {
    const { message } = await pair.client.info({ name: "you", age: 42 })
    assert.equal(message, "Hello, you!")
  })

  it("greets in any script", async () => {
    const { message } = await pair.client.info({ name: "Åsa 🐧" })
    assert.equal(message, "Hello, Åsa 🐧!")
  })
})
