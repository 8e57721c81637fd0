import assert from "node:assert/strict"
import { test } from "node:test"
import { decodeByteString, toByteString } from "./byte-string.js"

test("a file's text and its bytes make the same byte string", () => {
  const text = "ä 😀 plain"
  assert.equal(toByteString(text), toByteString(new TextEncoder().encode(text)))
  assert.equal(decodeByteString(toByteString(text)), text)
  assert.equal(toByteString(new Uint8Array([0x61, 0xff])), "a\xff")
  const long = "ü".repeat(50_000)
  assert.equal(decodeByteString(toByteString(long)), long)
})
