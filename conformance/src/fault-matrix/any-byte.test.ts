import assert from "node:assert/strict"
import { it } from "node:test"
import { strikeEverywhere } from "./any-byte.js"

it("whatever breaks, at whatever byte of a connection: every call ends, and nothing is left", async () => {
  const { strikes, wrong } = await strikeEverywhere(29)
  assert.deepEqual(wrong, [])
  assert.ok(strikes > 500, `${strikes} strikes`)
})
