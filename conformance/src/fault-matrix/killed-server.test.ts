import assert from "node:assert/strict"
import { it } from "node:test"
import { killServers } from "./killed-server.js"

it("a server that is killed amid calls of each kind: UNAVAILABLE with its cause, all of them", async () => {
  assert.deepEqual(await killServers(2), [])
})
