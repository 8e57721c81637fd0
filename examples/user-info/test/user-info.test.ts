import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { UserInfo } from "@farcall/example-user-info/gen/example_grpc.js"
import { userInfo } from "@farcall/example-user-info/servicer.js"
import { useTestPair } from "farcall/testing/node"

describe("UserInfo", () => {
  const { client } = useTestPair(UserInfo, userInfo)

  for (const name of ["you", "Åsa 🐧"]) {
    it(`greets ${name} by name`, async () => {
      assert.equal((await client.info({ name, age: 42 })).message, `Hello, ${name}!`)
    })
  }
})
