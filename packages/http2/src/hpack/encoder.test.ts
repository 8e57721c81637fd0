import assert from "node:assert/strict"
import { test } from "node:test"
import { allFields, decodeHex, encodeBlock, hexOf, tableOf } from "../test-support/header-blocks.js"
import { examples } from "../test-support/rfc7541-appendix-c.js"
import { HpackDecoder } from "./decoder.js"
import { HpackEncoder } from "./encoder.js"
import { PreparedHeaders } from "./prepared-headers.js"

function decoderOf(tableSize = 4096): HpackDecoder {
  return new HpackDecoder({ tableSize, maxHeaderListSize: 1 << 20, maxHeaderCount: 1 << 20 })
}

// C.2.1 and C.2.2 show representations that an encoder is free not to choose; the decoder's tests have them.
for (const example of examples.filter(({ section }) => /C\.[34]/.test(section))) {
  test(`RFC 7541 ${example.section}: the same bytes, and the table after each block`, () => {
    const encoder = new HpackEncoder({ huffman: example.huffman })
    for (const { hex, fields, table, tableSize } of example.blocks) {
      assert.equal(hexOf(encodeBlock(encoder, new PreparedHeaders(fields))), hex)
      assert.deepEqual(tableOf(encoder), table)
      assert.equal(encoder.tableSize, tableSize)
    }
  })
}

// The third block has a Set-Cookie, which the RFC's example indexes and this encoder never does.
for (const example of examples.filter(({ section }) => /C\.[56]/.test(section))) {
  test(`RFC 7541 ${example.section}: the same bytes until Set-Cookie, and the table after each block`, () => {
    const encoder = new HpackEncoder({ huffman: example.huffman })
    encoder.setPeerTableSize(example.maxTableSize)
    let prefix = "3fe101"
    for (const { hex, fields, table, tableSize } of example.blocks.slice(0, 2)) {
      // "307" takes three bytes either way: the RFC's example uses Huffman then, this encoder does not.
      const expected = prefix + hex.replace("83640eff", "03333037")
      assert.equal(hexOf(encodeBlock(encoder, new PreparedHeaders(fields))), expected)
      assert.deepEqual(tableOf(encoder), table)
      assert.equal(encoder.tableSize, tableSize)
      prefix = ""
    }
    const third = hexOf(encodeBlock(encoder, new PreparedHeaders(example.blocks[2].fields)))
    assert.match(third, /1f28/)
    assert.ok(!tableOf(encoder).includes("set-cookie"))
  })
}

test("RFC 7541 C.2.3: what is sensitive is a never-indexed literal", () => {
  const password = new PreparedHeaders(["password", "secret"], { sensitive: ["password"] })
  const encoder = new HpackEncoder({ huffman: false })
  for (let i = 0; i < 3; i++) assert.equal(hexOf(encodeBlock(encoder, password)), examples[2].blocks[0].hex)
  assert.deepEqual(tableOf(encoder), [])
  assert.equal(encoder.keptEncodings, 0)
})

test("RFC 7541 C.2.4: what the static table has is one byte", () => {
  assert.equal(hexOf(encodeBlock(new HpackEncoder(), [":method", "GET"])), "82")
})

test("credentials are never indexed, prepared or not, and neither are the encoder's own sensitive names", () => {
  const encoder = new HpackEncoder({ sensitive: new Set(["x-api-key"]) })
  const decoder = decoderOf()
  for (const name of ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"]) {
    const fields = [name, "secret"]
    const prepared = new PreparedHeaders(fields)
    for (let i = 0; i < 4; i++) {
      const block = decodeHex(decoder, hexOf(encodeBlock(encoder, prepared, fields)))
      assert.deepEqual(block.neverIndexed, [name, name])
      assert.deepEqual(block.fields, name === "cookie" ? [name, "secret; secret"] : [...fields, ...fields])
    }
  }
  assert.deepEqual(tableOf(encoder), [])
  assert.deepEqual(tableOf(decoder), [])
  assert.equal(encoder.keptEncodings, 0)
})

test("a prepared list is inserted once, and then the same indexes each time", () => {
  const encoder = new HpackEncoder()
  const headers = new PreparedHeaders([":status", "200", "content-type", "application/grpc"])
  assert.ok(encodeBlock(encoder, headers).length > 10)
  const { generation } = encoder
  for (let i = 0; i < 4; i++) assert.equal(hexOf(encodeBlock(encoder, headers)), "88be")
  assert.equal(encoder.generation, generation)
  assert.equal(encoder.keptEncodings, 1)
})

test("a prepared list is encoded anew when the table has changed, and its kept bytes are not used again", () => {
  const encoder = new HpackEncoder()
  const first = new PreparedHeaders(["a", "1"])
  const second = new PreparedHeaders(["b", "2"])
  const decoder = decoderOf()
  for (let i = 0; i < 3; i++) decodeHex(decoder, hexOf(encodeBlock(encoder, first)))
  assert.equal(hexOf(encodeBlock(encoder, first)), "be")
  decodeHex(decoder, hexOf(encodeBlock(encoder, second)))
  for (let i = 0; i < 3; i++) assert.equal(hexOf(encodeBlock(encoder, first)), "bf")
  encoder.setPeerTableSize(0)
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(decodeHex(decoder, hexOf(encodeBlock(encoder, first))).fields, ["a", "1"])
    assert.equal(decoder.tableLength, 0)
  }
  encoder.setPeerTableSize(4096)
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(decodeHex(decoder, hexOf(encodeBlock(encoder, first))).fields, ["a", "1"])
    assert.equal(decoder.tableLength, 1)
  }
})

test("a prepared list serves several encoders, whose tables differ", () => {
  const headers = new PreparedHeaders(["a", "1"])
  const one = new HpackEncoder()
  const two = new HpackEncoder()
  encodeBlock(two, new PreparedHeaders(["b", "2"]))
  encodeBlock(two, headers)
  encodeBlock(two, new PreparedHeaders(["c", "3"]))
  encodeBlock(one, headers)
  for (let i = 0; i < 3; i++) {
    assert.equal(hexOf(encodeBlock(one, headers)), "be")
    assert.equal(hexOf(encodeBlock(two, headers)), "bf")
  }
})

test("a list that is not prepared is indexed when it comes a second time", () => {
  const encoder = new HpackEncoder({ huffman: false })
  const fields = ["x-tenant", "blue"]
  assert.equal(hexOf(encodeBlock(encoder, undefined, fields)).slice(0, 2), "00")
  assert.equal(hexOf(encodeBlock(encoder, undefined, fields)).slice(0, 2), "40")
  assert.equal(hexOf(encodeBlock(encoder, undefined, fields)), "be")
})

test("a value that changes each time never fills the table; its name has one entry to refer to", () => {
  const encoder = new HpackEncoder()
  for (let i = 0; i < 500; i++) encodeBlock(encoder, undefined, ["grpc-timeout", `${i}m`, "x-trace", `t${i}`])
  assert.deepEqual(tableOf(encoder), ["x-trace", "t1", "grpc-timeout", "0m"])
  assert.equal(hexOf(encodeBlock(encoder, undefined, ["grpc-timeout", "5S"])), "0f30023553")
  assert.equal(hexOf(encodeBlock(encoder, undefined, ["grpc-timeout", "0m"])), "bf")
})

test("size updates: the smallest and the last since the block before", () => {
  const encoder = new HpackEncoder()
  for (const size of [3000, 100, 2000, 100, 50]) encoder.setPeerTableSize(size)
  assert.equal(hexOf(encodeBlock(encoder, [":method", "GET"])), "3f13 82".replace(" ", ""))
  assert.equal(hexOf(encodeBlock(encoder, [":method", "GET"])), "82")
  for (const size of [0, 100]) encoder.setPeerTableSize(size)
  assert.equal(hexOf(encodeBlock(encoder, [":method", "GET"])), "203f4582")
  encoder.setPeerTableSize(4096)
  assert.equal(hexOf(encodeBlock(encoder, [":method", "GET"])), "3fe11f82")
  encoder.setPeerTableSize(1_000_000)
  assert.equal(hexOf(encodeBlock(encoder, [":method", "GET"])), "82")
  assert.equal(encodeBlock(encoder, undefined).length, 0)
})

test("a size update to 0 and back empties the table", () => {
  const encoder = new HpackEncoder()
  const decoder = decoderOf()
  const headers = new PreparedHeaders(["a", "1"])
  decodeHex(decoder, hexOf(encodeBlock(encoder, headers)))
  encoder.setPeerTableSize(0)
  encoder.setPeerTableSize(4096)
  assert.equal(encoder.tableLength, 0)
  assert.equal(hexOf(encodeBlock(encoder, headers)), "203fe11f400161".concat("0131"))
})

test("an encoder of a smaller table of its own says so at once", () => {
  const encoder = new HpackEncoder({ tableSize: 0 })
  assert.equal(hexOf(encodeBlock(encoder, [":method", "GET"])), "2082")
  encoder.setPeerTableSize(8192)
  assert.equal(hexOf(encodeBlock(encoder, [":method", "GET"])), "82")
})

test("a full table turns over slowly, and stays right", () => {
  const encoder = new HpackEncoder()
  const decoder = decoderOf()
  const methods = Array.from({ length: 200 }, (_, i) => new PreparedHeaders([":path", `/package.Service/Method${i}`]))
  let changes = 0
  for (let i = 0; i < 2000; i++) {
    const { generation } = encoder
    const block = encodeBlock(encoder, methods[i % 200])
    assert.equal(decoder.decode(block, 0, block.length).path, `/package.Service/Method${i % 200}`)
    if (i >= 200 && encoder.generation !== generation) changes++
  }
  assert.deepEqual(tableOf(encoder), tableOf(decoder))
  assert.ok(changes > 0 && changes <= 2000 / 64, `${changes} changes`)
})

test("names beyond count are forgotten without harm", () => {
  const encoder = new HpackEncoder()
  const decoder = decoderOf()
  const kept = new PreparedHeaders(["kept", "1"])
  for (let i = 0; i < 1000; i++) {
    const fields = [`name-${i}`, "x", "__proto__", "y", "constructor", "z"]
    const block = encodeBlock(encoder, kept, fields)
    assert.deepEqual(decoder.decode(block, 0, block.length).fields, ["kept", "1", ...fields])
  }
})

test("a prepared list stays as it was when the array that it was made of changes", () => {
  const fields = ["a", "1"]
  const prepared = new PreparedHeaders(fields)
  fields[1] = "2"
  assert.deepEqual(prepared.fields, ["a", "1"])
})

test("a prepared list is kept in its bytes once the table stands still, one with credentials never", () => {
  const encoder = new HpackEncoder()
  const [open, secret] = [
    ["a", "1"],
    ["authorization", "s"],
  ].map((fields) => new PreparedHeaders(fields))
  const kept = [open, open, open, secret, secret].map((list) => {
    encodeBlock(encoder, list)
    return encoder.keptEncodings
  })
  assert.deepEqual(kept, [0, 1, 1, 1, 1])
})

test("of prepared lists 256 are kept; one more, and all are made anew", () => {
  const encoder = new HpackEncoder()
  const lists = Array.from({ length: 257 }, () => new PreparedHeaders([":status", "200"]))
  for (const list of lists.slice(0, 256)) encodeBlock(encoder, list)
  assert.equal(encoder.keptEncodings, 256)
  encodeBlock(encoder, lists[0])
  assert.equal(encoder.keptEncodings, 256)
  encodeBlock(encoder, lists[256])
  assert.equal(encoder.keptEncodings, 1)
})

test("what is sent once is Huffman-coded from 64 characters on, and never where that is not asked for", () => {
  const length = (value: string, huffman?: boolean) =>
    encodeBlock(new HpackEncoder(huffman === undefined ? {} : { huffman }), [":path", value]).length
  assert.equal(length("a".repeat(63)), 2 + 63)
  assert.equal(length("a".repeat(64)), 2 + 40)
  assert.equal(length("a".repeat(64), false), 2 + 64)
})

test("either of the last two values is indexed when it comes again", () => {
  for (const values of [
    ["1", "2", "1"],
    ["1", "2", "2"],
  ]) {
    const encoder = new HpackEncoder()
    encodeBlock(encoder, ["n", "0"])
    for (const value of values) encodeBlock(encoder, ["accept", value])
    assert.ok(tableOf(encoder).includes(values[2]), values.join())
  }
})

test("more prepared lists than are kept", () => {
  const encoder = new HpackEncoder()
  const decoder = decoderOf()
  const lists = Array.from({ length: 600 }, (_, i) => new PreparedHeaders([":status", "200", "n", String(i % 7)]))
  for (let round = 0; round < 3; round++) {
    for (const list of lists) {
      const block = encodeBlock(encoder, list)
      assert.deepEqual(allFields(decoder.decode(block, 0, block.length)), list.fields)
    }
  }
})

test("long strings of any bytes", () => {
  const encoder = new HpackEncoder()
  const decoder = decoderOf()
  for (const length of [0, 1, 23, 24, 126, 127, 128, 1000, 5000, 40_000]) {
    const value = String.fromCharCode(...Array.from({ length }, (_, i) => (i * 31 + length) & 0xff))
    const text = "a".repeat(length)
    for (const fields of [
      ["v", value],
      ["v", text],
      [`n${text}`, value],
    ]) {
      const block = encodeBlock(encoder, new PreparedHeaders(fields), fields)
      assert.deepEqual(decoder.decode(block, 0, block.length).fields, [...fields, ...fields])
    }
  }
})

test("a character above U+00FF is refused, and what follows is in step with the peer", () => {
  assert.throws(() => new PreparedHeaders(["a", "\u010a"]), TypeError)
  assert.throws(() => new PreparedHeaders(["a"]), TypeError)
  const encoder = new HpackEncoder()
  const decoder = decoderOf()
  const headers = new PreparedHeaders(["a", "1", "b", "2"])
  encodeBlock(encoder, new PreparedHeaders(["old", "entry"]))
  for (const bad of ["\u010a", `${"x".repeat(100)}\u0100`]) {
    assert.throws(() => encodeBlock(encoder, headers, ["c", bad]), /above U\+00FF/)
    for (let i = 0; i < 3; i++) {
      const block = encodeBlock(encoder, headers)
      assert.deepEqual(decoder.decode(block, 0, block.length).fields, headers.fields)
      assert.deepEqual(tableOf(encoder), tableOf(decoder))
    }
  }
})
