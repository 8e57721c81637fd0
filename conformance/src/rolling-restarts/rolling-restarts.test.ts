import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { roll, ways } from "./roll.js"

describe("restarts of servers lose no call", () => {
  for (const way of ways) {
    it(way.name, async () => {
      const { calls, lost } = await roll(way, 4, 400)
      assert.deepEqual(lost, [])
      assert.ok(calls >= 400)
    })
  }
})
