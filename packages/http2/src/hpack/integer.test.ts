import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { bytesOf, hexOf } from "../test-support/header-blocks.js"
import { HpackError } from "./hpack-error.js"
import { IntegerReader, writeInteger } from "./integer.js"

function written(prefix: number, value: number, flags = 0): string {
  const into = new Uint8Array(8)
  return hexOf(into.subarray(0, writeInteger(into, 0, flags, prefix, value)))
}

function read(hex: string): number {
  const bytes = bytesOf(hex)
  const reader = new IntegerReader()
  const value = reader.continue(bytes, 1, bytes.length, bytes[0])
  assert.equal(reader.end, bytes.length)
  return value
}

test("RFC 7541 C.1: 10 and 1337 with a 5-bit prefix, 42 with 8 bits", () => {
  assert.equal(written(0x1f, 10), "0a")
  assert.equal(written(0x1f, 1337), "1f9a0a")
  assert.equal(written(0xff, 42), "2a")
  assert.equal(read("1f9a0a"), 1337)
})

test("the flags above the prefix are kept, and the prefix's largest value takes a second byte", () => {
  assert.equal(written(0x1f, 30, 0x20), "3e")
  assert.equal(written(0x1f, 31, 0x20), "3f00")
  assert.equal(written(0x7f, 127, 0x80), "ff00")
  assert.equal(written(0x7f, 2 ** 31 - 1), "7f80ffffff07")
})

test("what is written is read back, for every prefix", () => {
  const value = fc.oneof(fc.nat({ max: 400 }), fc.nat({ max: 2 ** 31 - 1 }))
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 7 }), value, (bits, value) => {
      const prefix = 2 ** bits - 1
      const hex = written(prefix, value)
      assert.equal(value < prefix ? Number.parseInt(hex, 16) : read(hex), value)
    }),
  )
})

test("zeros at the end are allowed, up to five bytes in all", () => {
  assert.equal(read("1f8000"), 31)
  assert.equal(read("1f8080808000"), 31)
})

for (const [what, hex, message] of [
  ["2^31", "7f81ffffff07", /integer 2147483648 is above 2147483647/],
  ["five full bytes", "7fffffffff7f", /is above/],
  ["a sixth continuation byte", "1f808080808000", /more than 5 continuation bytes/],
  ["nothing after the prefix", "1f", /ends within an integer/],
  ["a continuation bit on the last byte", "1f80", /ends within an integer/],
] as const) {
  test(`refused: ${what}`, () => {
    assert.throws(
      () => read(hex),
      (error) => error instanceof HpackError && message.test(error.message),
    )
  })
}

test("an endless integer is given up after five bytes", () => {
  const bytes = new Uint8Array(1 << 20).fill(0x80)
  let reads = 0
  const counting = new Proxy(bytes, {
    get(target, key) {
      if (typeof key === "string" && /^\d+$/.test(key)) reads++
      return Reflect.get(target, key)
    },
  })
  assert.throws(() => new IntegerReader().continue(counting, 0, bytes.length, 0x7f), HpackError)
  assert.equal(reads, 5)
})
