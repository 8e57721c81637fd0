import assert from "node:assert/strict"
import { describe, it } from "node:test"
import fc from "fast-check"
import { DecodeError } from "../decode-error.js"
import { anyCharacter } from "../test-support/any-character.js"
import { ASCII_MAX, readAscii } from "./ascii.js"
import { findNativeText } from "./native-text.js"
import { utf8Decoder } from "./read-string.js"
import { utf8Encoder, utf8Measure, writeString } from "./write-string.js"

// What runs where there is no Buffer is run here too, beside what Node has.
const platforms: [name: string, platform: object][] = [
  ["with Buffer", globalThis],
  ["without Buffer", {}],
]

/** The characters on both sides of every number of bytes, and halves of pairs. */
const units = ["a", "\x7f", "\x80", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{10ffff}"]
const halves = ["\ud800", "\udbff", "\udc00", "\udfff"]
const all = [...units, ...halves]
const neighbours: readonly string[] = all.flatMap((a) =>
  all.flatMap((b) => [a + b, ...["a", ...halves].map((c) => a + b + c)]),
)

const text = fc.oneof(fc.string({ unit: anyCharacter }), fc.string({ unit: "grapheme", maxLength: 200 }))

describe("findNativeText", () => {
  it("finds what Node has, and nothing where there is no Buffer or another one", () => {
    assert.notEqual(findNativeText(globalThis), undefined)
    assert.equal(findNativeText({}), undefined)
    assert.equal(findNativeText({ Buffer: class {} }), undefined)
    assert.equal(findNativeText({ Buffer: {} }), undefined)
    assert.equal(findNativeText({ Buffer: { prototype: { utf8Slice: () => "" } } }), undefined)
    assert.equal(findNativeText({ Buffer: { prototype: { utf8Write: () => 0 } } }), undefined)
  })
})

for (const [name, platform] of platforms) {
  describe(`text ${name}`, () => {
    const decode = utf8Decoder(findNativeText(platform))
    const encode = utf8Encoder(findNativeText(platform))
    const measure = utf8Measure(platform)

    it("is encoded as TextEncoder does, lone surrogates included", () => {
      fc.assert(
        fc.property(text, (value) => {
          const buffer = new Uint8Array(value.length * 3 + 4)
          const written = encode(buffer, value, 4)
          assert.deepEqual(buffer.subarray(4, 4 + written), new TextEncoder().encode(value))
          assert.equal(measure(value), written)
        }),
      )
      const lone = new Uint8Array(3)
      assert.equal(encode(lone, "\ud800", 0), 3)
      assert.deepEqual(lone, Uint8Array.of(0xef, 0xbf, 0xbd))
    })

    it("is encoded and measured where characters of any length, and halves of pairs, stand by each other", () => {
      const buffer = new Uint8Array(20)
      for (const value of neighbours) {
        const expected = new TextEncoder().encode(value)
        assert.equal(measure(value), expected.length)
        assert.equal(encode(buffer, value, 2), expected.length)
        assert.ok(expected.every((byte, i) => buffer[2 + i] === byte))
      }
    })

    it("is decoded from the middle of a buffer", () => {
      fc.assert(
        fc.property(fc.string({ unit: "grapheme" }), (value) => {
          const bytes = new TextEncoder().encode(`<${value}>`)
          assert.equal(decode(bytes, 1, bytes.length - 1), value)
        }),
      )
    })

    it("keeps U+FFFD and a leading U+FEFF, which are text like any other", () => {
      const bytes = new TextEncoder().encode("\ufeffa\ufffd")
      assert.equal(decode(bytes, 0, bytes.length), "\ufeffa\ufffd")
    })

    const malformed = ["80", "c3", "c080", "e28028", "eda080", "f08080af", "f4908080", "ff", "61e282"]
    for (const hex of malformed) {
      it(`that is malformed is refused: ${hex}`, () => {
        const bytes = Uint8Array.from(Buffer.from(hex, "hex"))
        assert.throws(() => decode(bytes, 0, bytes.length), DecodeError)
      })
    }
  })
}

describe("readAscii", () => {
  it("reads every length that it has a row for", () => {
    const bytes = Uint8Array.from({ length: ASCII_MAX + 8 }, (_, i) => 65 + i)
    for (let length = 0; length <= ASCII_MAX; length++) {
      assert.equal(readAscii(bytes, 2, length), String.fromCharCode(...bytes.subarray(2, 2 + length)))
    }
    assert.equal(readAscii(bytes, 0, ASCII_MAX + 1), undefined)
  })

  it("gives up on every place where a byte is not ASCII", () => {
    for (let length = 1; length <= ASCII_MAX; length++) {
      for (let at = 0; at < length; at++) {
        const bytes = new Uint8Array(ASCII_MAX).fill(97)
        bytes[at] = 0x80
        assert.equal(readAscii(bytes, 0, length), undefined)
      }
    }
  })
})

describe("writeString", () => {
  it("writes tag, length and text at every length where its way changes", () => {
    for (const unit of ["a", "é", "語", "😀", "\ud800"]) {
      for (const length of [0, 1, 3, 4, 5, 39, 40, 41, 42, 43, 63, 64, 127, 128, 1023, 1024, 1025, 5461, 5462, 20000]) {
        const value = unit.repeat(length)
        const expected = new TextEncoder().encode(value)
        const sink = { buffer: new Uint8Array(3), start: 1, limit: 3 }
        const end = writeString(sink, 1, 0x1a, value, "field")
        assert.equal(sink.buffer[1], 0x1a)
        const [size, start] = varint(sink.buffer, 2)
        assert.equal(size, expected.length)
        assert.deepEqual(sink.buffer.subarray(start, end), expected)
      }
    }
  })

  it("writes characters of any length, and halves of pairs, by each other, behind a tag of any length", () => {
    const late = Array.from({ length: 39 }, (_, i) => `${"a".repeat(i)}ü`)
    for (const value of [...neighbours, ...late]) {
      const expected = new TextEncoder().encode(value)
      for (const tag of [0x1a, 0x82, 0xfffffffa]) {
        const sink = { buffer: new Uint8Array(140), start: 0, limit: 140 }
        const end = writeString(sink, 0, tag, value, "field")
        const start = end - expected.length
        assert.equal(sink.buffer[start - 1], expected.length)
        assert.equal(varint(sink.buffer, 0)[0] >>> 0, tag)
        assert.ok(expected.every((byte, i) => sink.buffer[start + i] === byte))
      }
    }
  })

  it("keeps the sink's buffer where the longest that a text can become fits", () => {
    for (const length of [0, 1, 40, 41, 1024]) {
      for (const [room, kept] of [
        [3 * length + 10, true],
        [3 * length + 9, false],
      ] as const) {
        const buffer = new Uint8Array(room)
        const sink = { buffer, start: 0, limit: room }
        writeString(sink, 0, 0x0a, "語".repeat(length), "field")
        assert.equal(sink.buffer === buffer, kept)
      }
    }
    const buffer = new Uint8Array(5010)
    const sink = { buffer, start: 0, limit: 5010 }
    writeString(sink, 0, 0x0a, "x".repeat(5000), "field")
    assert.equal(sink.buffer, buffer)
  })

  it("refuses what is no string, by the name of the field", () => {
    const sink = { buffer: new Uint8Array(30), start: 0, limit: 30 }
    assert.throws(() => writeString(sink, 0, 0x0a, 5 as unknown as string, "a.B.c"), {
      name: "TypeError",
      message: "a.B.c: 5 is not a string",
    })
  })
})

function varint(bytes: Uint8Array, position: number): [value: number, end: number] {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[position++]!
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return [value, position]
  }
}
