import assert from "node:assert/strict"
import { test } from "node:test"
import { decodeHex } from "../test-support/header-blocks.js"
import { HpackDecoder } from "./decoder.js"

function decoderOf(): HpackDecoder {
  return new HpackDecoder({ tableSize: 4096, maxHeaderListSize: 16_384, maxHeaderCount: 128 })
}

test("a block is shared from its second sight on", () => {
  const decoder = decoderOf()
  const first = decodeHex(decoder, "8390")
  const second = decodeHex(decoder, "8390")
  assert.notEqual(first, second)
  second.slot = "route"
  const third = decodeHex(decoder, "8390")
  assert.equal(third, second)
  assert.equal(third.slot, "route")
})

test("a block that is not the same to the last byte is not taken for it", () => {
  const decoder = decoderOf()
  for (let i = 0; i < 3; i++) decodeHex(decoder, "83 000161 0162")
  assert.equal(decodeHex(decoder, "83 000161 0163").get("a"), "c")
  assert.equal(decodeHex(decoder, "83").get("a"), undefined)
})

test("after any change of the table the same bytes are read anew", () => {
  const decoder = decoderOf()
  decodeHex(decoder, "40 0161 0131")
  for (let i = 0; i < 3; i++) assert.equal(decodeHex(decoder, "be").get("a"), "1")
  decodeHex(decoder, "40 0161 0132")
  for (let i = 0; i < 3; i++) assert.equal(decodeHex(decoder, "be").get("a"), "2")
  decodeHex(decoder, "20")
  assert.throws(() => decodeHex(decoder, "be"), /index 62 is in neither table/)
})

test("a size update alone drops what was cached", () => {
  const decoder = decoderOf()
  decodeHex(decoder, "40 0161 0131")
  decodeHex(decoder, "be")
  const shared = decodeHex(decoder, "be")
  decodeHex(decoder, "3fe10f")
  assert.notEqual(decodeHex(decoder, "be"), shared)
})

test("a block that inserts is read each time", () => {
  const decoder = decoderOf()
  for (let i = 1; i <= 4; i++) {
    decodeHex(decoder, "40 0161 0131")
    assert.equal(decoder.tableLength, i)
  }
})

test("a block with a size update is never shared, not even when the update changes nothing", () => {
  const decoder = decoderOf()
  const blocks = new Set(Array.from({ length: 4 }, () => decodeHex(decoder, "3fe11f 83")))
  assert.equal(blocks.size, 4)
})

for (const [what, hex] of [
  ["a never-indexed field", "83 10 0161 0162"],
  ["a never-indexed pseudo-header", "14 022f61"],
  ["authorization, though its literal may be indexed", "83 0f08 0162"],
  ["a cookie from the static table", "83 a0"],
  ["a cookie with a new name", "83 00 06636f6f6b6965 0162"],
] as const) {
  test(`never shared: ${what}`, () => {
    const decoder = decoderOf()
    const blocks = new Set(Array.from({ length: 4 }, () => decodeHex(decoder, hex)))
    assert.equal(blocks.size, 4)
    assert.equal(decoder.keptBlocks, 0)
  })
}

for (const [what, hex, kept] of [
  ["the value of a never-indexed literal", "10 0161 0a 62626262626262626262", 0],
  ["the name of a never-indexed literal is", "10 0a 61616161616161616161 0162", 1],
  ["the value of authorization", "0f08 0a 62626262626262626262", 0],
  ["the value of a cookie with a new name", "00 06636f6f6b6965 0a 62626262626262626262", 0],
  ["the value of another literal is", "00 0161 0a 62626262626262626262", 1],
] as const) {
  test(`${kept === 0 ? "never kept" : "kept"}: ${what}`, () => {
    const decoder = decoderOf()
    for (let i = 0; i < 4; i++) {
      decodeHex(decoder, hex)
      decodeHex(decoder, `40 0162 01 ${(0x30 + i).toString(16)}`) // so that the block is read again
    }
    assert.equal(decoder.keptLiterals, kept)
  })
}

test("authorization from the dynamic table is never shared", () => {
  const decoder = decoderOf()
  decodeHex(decoder, "57 0162")
  const blocks = new Set(Array.from({ length: 4 }, () => decodeHex(decoder, "be")))
  assert.equal(blocks.size, 4)
  for (const block of blocks) assert.equal(block.get("authorization"), "b")
})

test("sensitive is what came never-indexed, and credentials always", () => {
  const block = decodeHex(decoderOf(), "10 0161 0162 00 0163 0164 0f08 0162")
  assert.deepEqual(
    ["a", "c", "authorization"].map((name) => block.isSensitive(name)),
    [true, false, true],
  )
  assert.deepEqual(block.neverIndexed, ["a"])
})

test("an oversize block is not shared", () => {
  const decoder = new HpackDecoder({ tableSize: 4096, maxHeaderListSize: 40, maxHeaderCount: 128 })
  const blocks = new Set(Array.from({ length: 4 }, () => decodeHex(decoder, "8384")))
  assert.equal(blocks.size, 4)
})

test("many different blocks, each seen often, stay themselves", () => {
  const decoder = decoderOf()
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 2000; i++) {
      const value = Buffer.from(String(i).padStart(12, "v")).toString("hex")
      assert.equal(decodeHex(decoder, `00 0161 0c ${value}`).get("a"), String(i).padStart(12, "v"))
    }
  }
})

test("a literal with Huffman and a plain one of the same bytes are told apart", () => {
  const decoder = decoderOf()
  for (let i = 0; i < 4; i++) {
    assert.equal(decodeHex(decoder, "00 0161 8c f1e3c2e5f23a6ba0ab90f4ff").get("a"), "www.example.com")
    const plain = decodeHex(decoder, "00 0161 0c f1e3c2e5f23a6ba0ab90f4ff").get("a")
    assert.equal(plain, Buffer.from("f1e3c2e5f23a6ba0ab90f4ff", "hex").toString("latin1"))
    decodeHex(decoder, `40 0162 01 ${(0x30 + i).toString(16)}`) // so that the block is read again
  }
})

test("what is cached is no view of the chunk that the block came in, which is read into again", () => {
  const decoder = decoderOf()
  const chunk = Buffer.alloc(9)
  const decode = (hex: string): string | undefined => {
    chunk.write(hex, "hex")
    return decoder.decode(chunk, 0, hex.length / 2).get("a")
  }
  for (let i = 0; i < 3; i++) assert.equal(decode("830001610162"), "b")
  for (let i = 0; i < 3; i++) assert.equal(decode("830001610163"), "c")
  assert.equal(decode("830001610162"), "b")
})
