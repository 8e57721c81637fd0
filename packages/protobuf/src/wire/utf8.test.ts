import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { malformedAt } from "./utf8.js"

const strict = new TextDecoder("utf-8", { fatal: true })

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes)
    return true
  } catch {
    return false
  }
}

/** The bytes on both sides of every border that RFC 3629 §4 draws. */
const edges = [
  0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0,
  0xf1, 0xf3, 0xf4, 0xf5, 0xff,
]
/** What may follow, and what may not. */
const followers = [0x7f, 0x80, 0xbf, 0xc0]

function check(...sequence: readonly number[]): void {
  const bytes = Uint8Array.of(0x80, ...sequence, 0x80)
  let wellFormed = sequence.length
  while (!isUtf8(bytes.subarray(1, 1 + wellFormed))) wellFormed--
  const expected = wellFormed === sequence.length ? undefined : 1 + wellFormed
  assert.equal(malformedAt(bytes, 1, 1 + sequence.length), expected, Buffer.from(sequence).toString("hex"))
}

describe("text stops being UTF-8", () => {
  it("where TextDecoder says so, for each first and second byte, and what follows", () => {
    for (const first of edges) {
      check(first)
      for (const second of edges) {
        check(first, second)
        for (const third of followers) {
          check(first, second, third)
          for (const fourth of followers) check(first, second, third, fourth)
        }
      }
    }
  })

  it("nowhere in nothing", () => assert.equal(malformedAt(Uint8Array.of(0xff), 0, 0), undefined))
})
