import assert from "node:assert/strict"
import { describe, it } from "node:test"
import fc from "fast-check"
import { DecodeError } from "../decode-error.js"
import { readLossyString, readString } from "./read-string.js"
import { Reader } from "./reader.js"

/** A reader of a string field's bytes behind its length, with more behind them. */
function readerOf(text: Uint8Array): Reader {
  const reader = new Reader()
  reader.bytes = Uint8Array.from([text.length, ...text, 0x80, 0xff])
  reader.stop = reader.bytes.length
  return reader
}

describe("readString", () => {
  it("reads texts of one, two and more bytes a character", () => {
    for (const text of [
      "",
      "a",
      "é",
      "Zürich",
      "Ελλάδα",
      "\u0080\u07ff",
      "ü".repeat(8),
      "ü".repeat(9),
      "語é",
      "é😀",
      "é\0",
    ]) {
      const reader = readerOf(new TextEncoder().encode(text))
      assert.equal(readString(reader, 0), text)
      assert.equal(reader.position, reader.bytes.length - 2)
    }
  })

  it("reads short texts of every length, each character in its place", () => {
    const different = "abcdefghijklmnopq"
    for (let length = 1; length <= different.length; length++) {
      for (let place = 0; place < length; place++) {
        const text = `${different.slice(0, place)}ж${different.slice(place + 1, length)}`
        assert.equal(readString(readerOf(new TextEncoder().encode(text)), 0), text)
      }
    }
  })

  it("takes and refuses what TextDecoder does", () => {
    const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
    const byte = fc.oneof(fc.constantFrom(0x41, 0x7f, 0x80, 0xbf, 0xc1, 0xc2, 0xc3, 0xdf, 0xe0, 0xf4), fc.nat(255))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.array(byte, { maxLength: 12 }), (any, edges) => {
        for (const bytes of [any, Uint8Array.from(edges)]) {
          let expected: string | undefined
          try {
            expected = strict.decode(bytes)
          } catch {
            assert.throws(() => readString(readerOf(bytes), 0), DecodeError)
            continue
          }
          assert.equal(readString(readerOf(bytes), 0), expected)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe("a string that is longer than short, or is not checked", () => {
  it("may end where its message ends, and not behind it", () => {
    for (const read of [readString, readLossyString]) {
      for (const length of [0, 1, 40, 41, 127]) {
        const reader = readerOf(new Uint8Array(length).fill(0x61))
        reader.stop = 1 + length
        assert.equal(read(reader, 0), "a".repeat(length))
        assert.equal(reader.position, 1 + length)
        if (length === 0) continue
        reader.stop--
        assert.throws(() => read(reader, 0), { name: "DecodeError", message: /in the middle of a field/ })
      }
    }
  })

  it("has U+FFFD for what is malformed, and keeps a leading U+FEFF", () => {
    const reader = readerOf(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xc3, 0x62))
    assert.equal(readLossyString(reader, 0), "\ufeffa\ufffdb")
    assert.equal(reader.position, 7)
  })
})
