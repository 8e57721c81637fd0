import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { DecodeError } from "../decode-error.js"
import { readerOf } from "../test-support/reader-of.js"
import { readKey } from "./read-key.js"
import type { Reader } from "./reader.js"

function readerOfHex(hex: string): Reader {
  return readerOf(Uint8Array.from(Buffer.from(hex, "hex")))
}

function keyField(key: string): string {
  const bytes = Buffer.from(key)
  return Buffer.from([bytes.length, ...bytes]).toString("hex")
}

describe("readKey", () => {
  it("reads keys, short and long, for the first time and again", () => {
    for (const key of ["", "a", "team", "été", "語", "x".repeat(24), "x".repeat(25), "x".repeat(127)]) {
      for (let round = 0; round < 3; round++) {
        const reader = readerOfHex(`${keyField(key)}ff`)
        assert.equal(readKey(reader, 0), key)
        assert.equal(reader.position, reader.bytes.length - 1)
      }
    }
  })

  it("tells keys apart that share a slot", () => {
    for (let i = 0; i < 2000; i++) assert.equal(readKey(readerOfHex(keyField(`key${i}`)), 0), `key${i}`)
  })

  it("does not take bytes for the characters of the same numbers", () => {
    assert.equal(readKey(readerOfHex(keyField("é")), 0), "é")
    assert.throws(() => readKey(readerOfHex("01e9"), 0), DecodeError)
  })

  it("refuses what ends too early, whether the key is known or not", () => {
    assert.equal(readKey(readerOfHex(keyField("abc")), 0), "abc")
    for (const hex of ["", "03", "036162", "036364"]) assert.throws(() => readKey(readerOfHex(hex), 0), DecodeError)
    const reader = readerOfHex(keyField("abc"))
    reader.stop = 3
    assert.throws(() => readKey(reader, 0), DecodeError)
  })
})
