import assert from "node:assert/strict"
import { test } from "node:test"
import { limits } from "../core/limits.js"
import { TlsSessionCache } from "./tls-session-cache.js"

test("sessions of so many servers are kept, those forgotten that were used longest ago", () => {
  const cache = new TlsSessionCache()
  const session = (of: number): Buffer => Buffer.from(String(of))
  for (let i = 0; i < limits.maxTlsSessions; i++) cache.keep(`server ${i}`, session(i))
  assert.deepEqual(cache.get("server 0"), session(0))
  cache.keep("one more", session(-1))
  assert.equal(cache.get("server 1"), undefined)
  assert.deepEqual(cache.get("server 0"), session(0))
  cache.keep("server 0", session(1000))
  assert.deepEqual(cache.get("server 0"), session(1000))
  assert.equal(cache.get("a stranger"), undefined)
})
