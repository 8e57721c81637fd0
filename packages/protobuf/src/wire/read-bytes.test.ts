import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { DecodeError } from "../decode-error.js"
import { readerOf } from "../test-support/reader-of.js"
import { readBytes } from "./read-bytes.js"

/** A field's length and content, behind a byte and before another. */
function fieldOf(length: number): Uint8Array {
  const head = length < 128 ? [length] : [(length & 127) | 128, length >> 7]
  return Uint8Array.from([0xaa, ...head, ...Array.from({ length }, (_, i) => i & 255), 0xbb])
}

describe("bytes", () => {
  for (const [what, make] of [
    ["a Uint8Array", (bytes: Uint8Array) => bytes],
    ["a Buffer", (bytes: Uint8Array) => Buffer.from(bytes)],
    ["a part of a larger buffer", (bytes: Uint8Array) => Buffer.concat([Buffer.alloc(9), bytes]).subarray(9)],
  ] as const) {
    for (const owned of [false, true]) {
      it(`are read from ${what} that is ${owned ? "owned" : "lent"}`, () => {
        for (const length of [0, 1, 11, 12, 13, 63, 64, 65, 127, 128, 1000]) {
          const bytes = make(fieldOf(length))
          const reader = readerOf(bytes)
          reader.owned = owned
          const read = readBytes(reader, 1)
          assert.deepEqual(
            read,
            Uint8Array.from({ length }, (_, i) => i & 255),
          )
          assert.equal(Object.getPrototypeOf(read), Uint8Array.prototype)
          assert.equal(reader.position, bytes.length - 1)
          const isView = read.buffer === bytes.buffer
          assert.equal(isView, owned && length > 64, `${length} bytes`)
          if (!isView) assert.equal(read.buffer.byteLength, length, "a copy keeps no more than itself")
        }
      })
    }
  }

  it("are refused where there are fewer than their length says", () => {
    const bytes = fieldOf(20)
    const reader = readerOf(bytes)
    reader.stop = bytes.length - 2
    assert.throws(() => readBytes(reader, 1), DecodeError)
    assert.throws(() => readBytes(readerOf(Uint8Array.of(0x80)), 0), DecodeError)
    assert.throws(() => readBytes(readerOf(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 1)), 0), DecodeError)
  })
})
