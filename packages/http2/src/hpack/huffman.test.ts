import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { bytesOf, hexOf } from "../test-support/header-blocks.js"
import { HpackError } from "./hpack-error.js"
import { decodeHuffman, encodeHuffman, huffmanLength, maxDecodedLength } from "./huffman.js"
import { codeLengths, codes, endOfString } from "./huffman-table.js"
import { readLatin1 } from "./latin1.js"

function encoded(text: string): string {
  const into = new Uint8Array(text.length * 4 + 8)
  const end = encodeHuffman(text, into, 3)
  assert.equal(end - 3, huffmanLength(text))
  return hexOf(into.subarray(3, end))
}

function decoded(hex: string): string {
  const bytes = bytesOf(`ff${hex}00`)
  const into = new Uint8Array(maxDecodedLength(bytes.length - 2))
  const length = decodeHuffman(bytes, 1, bytes.length - 1, into)
  assert.ok(length <= into.length)
  return readLatin1(into, 0, length)
}

const strings = [
  ["", ""],
  ["www.example.com", "f1e3c2e5f23a6ba0ab90f4ff"],
  ["no-cache", "a8eb10649cbf"],
  ["custom-key", "25a849e95ba97d7f"],
  ["custom-value", "25a849e95bb8e8b4bf"],
  ["302", "6402"],
  ["private", "aec3771a4b"],
  ["Mon, 21 Oct 2013 20:13:21 GMT", "d07abe941054d444a8200595040b8166e082a62d1bff"],
  ["https://www.example.com", "9d29ad171863c78f0b97c8e9ae82ae43d3"],
  ["\x00", "ffc7"],
  ["\n", "fffffff3"],
] as const
for (const [text, hex] of strings) {
  test(`${JSON.stringify(text)} is ${hex || "nothing"}`, () => {
    assert.equal(encoded(text), hex)
    assert.equal(decoded(hex), text)
  })
}

test("codes of RFC 7541 appendix B, one of each kind of length", () => {
  const rows = [
    [0x30, 0x0, 5],
    [0x20, 0x14, 6],
    [0x7a, 0x7b, 7],
    [0x58, 0xfc, 8],
    [0x21, 0x3f8, 10],
    [0x7c, 0x7fc, 11],
    [0x23, 0xffa, 12],
    [0x7e, 0x1ffd, 13],
    [0x5c, 0x7fff0, 19],
    [0x80, 0xfffe6, 20],
    [0x09, 0xffffea, 24],
    [0xff, 0x3ffffee, 26],
    [0x16, 0x3ffffffe, 30],
    [endOfString, 0x3fffffff, 30],
  ]
  for (const [symbol, code, length] of rows) assert.deepEqual([codes[symbol], codeLengths[symbol]], [code, length])
})

test("every byte, alone and between others", () => {
  for (let byte = 0; byte < 256; byte++) {
    const text = String.fromCharCode(byte)
    assert.equal(decoded(encoded(text)), text)
    assert.equal(decoded(encoded(`a${text}1${text}${text}z`)), `a${text}1${text}${text}z`)
  }
})

test("any string of bytes survives", () => {
  const text = fc.array(fc.nat({ max: 255 })).map((bytes) => String.fromCharCode(...bytes))
  fc.assert(fc.property(text, (text) => assert.equal(decoded(encoded(text)), text)))
})

for (const [what, hex, message] of [
  ["end-of-string alone", "ffffffff", /end-of-string/],
  ["end-of-string after a character", "1fffffffff", /end-of-string/],
  ["eight bits of padding", "6402ff", /more than 7 bits/],
  ["a byte of ones and no character", "ff", /more than 7 bits/],
  ["padding of zeros", "f8", undefined],
  ["padding that is not all ones", "1e", /not padded with ones/],
  ["a long code that is cut off", "fffffe", /ends within a code/],
] as const) {
  test(`${message === undefined ? "allowed" : "refused"}: ${what}`, () => {
    if (message === undefined) assert.equal(decoded(hex), "&")
    else {
      assert.throws(
        () => decoded(hex),
        (error) => error instanceof HpackError && message.test(error.message),
      )
    }
  })
}
