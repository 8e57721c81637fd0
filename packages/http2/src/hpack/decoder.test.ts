import assert from "node:assert/strict"
import { test } from "node:test"
import { allFields, decodeHex, tableOf } from "../test-support/header-blocks.js"
import { examples } from "../test-support/rfc7541-appendix-c.js"
import { HpackDecoder } from "./decoder.js"
import { HpackError } from "./hpack-error.js"

function decoderOf(options: Partial<ConstructorParameters<typeof HpackDecoder>[0]> = {}): HpackDecoder {
  return new HpackDecoder({ tableSize: 4096, maxHeaderListSize: 16_384, maxHeaderCount: 128, ...options })
}

/** A literal with incremental indexing of a new name, both strings plain. */
function inserted(name: string, value: string): string {
  return `40${plain(name)}${plain(value)}`
}

function plain(text: string): string {
  return Buffer.from([text.length]).toString("hex") + Buffer.from(text, "latin1").toString("hex")
}

for (const example of examples) {
  test(`RFC 7541 ${example.section}: every block, and the table after it`, () => {
    const decoder = decoderOf({ tableSize: example.maxTableSize })
    for (const { hex, fields, table, tableSize } of example.blocks) {
      assert.deepEqual(allFields(decodeHex(decoder, hex)), fields)
      assert.deepEqual(tableOf(decoder), table)
      assert.equal(decoder.tableSize, tableSize)
    }
  })
}

test("every static entry can be had by its index", () => {
  const decoder = decoderOf()
  const seen = new Set<string>()
  for (let index = 1; index <= 61; index++) {
    const [name, value] = allFields(decodeHex(decoder, (0x80 | index).toString(16)))
    seen.add(`${name}: ${value}`)
  }
  assert.equal(seen.size, 61)
  assert.ok(seen.has(":status: 404") && seen.has("accept-encoding: gzip, deflate") && seen.has("www-authenticate: "))
})

for (const [what, hex, message] of [
  ["index 0", "80", /index 0 is in neither table/],
  ["the first index behind an empty dynamic table", "be", /index 62 is in neither table/],
  ["an index far behind", "ffff00", /index 254 is in neither table/],
  ["a literal whose name is behind the tables", "7f0001 61", /index 63 is in neither table/],
  ["an index of 2^31", "ff81ffffff07", /above 2147483647/],
  ["an index with endless zeros", `ff${"80".repeat(1000)}00`, /more than 5 continuation bytes/],
  ["a string length with endless zeros", `007f${"80".repeat(1000)}00`, /more than 5 continuation bytes/],
  ["a block that ends within an index", "ff", /ends within an integer/],
  ["a block that ends after a literal's first byte", "40", /ends before a string/],
  ["a block that ends after the name", "40 0161", /ends before a string/],
  ["a name that is cut off", "40 0361", /string of 3 bytes in a header block with 1 left/],
  ["a value that is cut off", "40 0161 0262", /string of 2 bytes in a header block with 1 left/],
  ["a value of 2^31-1 bytes", "00 0161 7f80ffffff07", /string of 2147483647 bytes/],
  ["end-of-string in a Huffman name", "40 84ffffffff 0161", /end-of-string/],
  ["end-of-string in a Huffman value", "40 0161 84ffffffff", /end-of-string/],
  ["Huffman padding of eight bits", "40 0161 83 6402ff", /more than 7 bits/],
  ["Huffman padding with a zero", "40 0161 81 1e", /not padded with ones/],
  ["a size update above the limit", "3fe21f", /table size update to 4097, the limit is 4096/],
  ["a size update after the first field", "82 20", /after the first field/],
  ["a size update after a literal", "00 0161 0162 20", /after the first field/],
] as const) {
  test(`refused: ${what}`, () => {
    assert.throws(
      () => decodeHex(decoderOf(), hex),
      (error) => error instanceof HpackError && message.test(error.message),
    )
  })
}

test("a fault is found in whatever prefix of a block remains when it is cut off", () => {
  const hex = examples.at(-1)!.blocks[0].hex
  const whole = decodeHex(decoderOf(), hex).fields.length
  for (let length = 2; length < hex.length; length += 2) {
    try {
      // Cut between two fields there are only fewer of them.
      assert.ok(decodeHex(decoderOf(), hex.slice(0, length)).fields.length < whole)
    } catch (error) {
      assert.ok(error instanceof HpackError)
    }
  }
})

test("the table evicts from its old end, and one too large for it empties it", () => {
  const decoder = decoderOf({ tableSize: 100 })
  decodeHex(decoder, inserted("a", "1") + inserted("b", "2"))
  assert.deepEqual(tableOf(decoder), ["b", "2", "a", "1"])
  decodeHex(decoder, inserted("c", "3"))
  assert.deepEqual(tableOf(decoder), ["c", "3", "b", "2"])
  assert.deepEqual(decodeHex(decoder, inserted("d", "x".repeat(68))).get("d"), "x".repeat(68))
  assert.deepEqual(tableOf(decoder), [])
  assert.equal(decoder.tableSize, 0)
})

test("a new entry may take its name from the one that it evicts (RFC 7541 §4.4)", () => {
  const decoder = decoderOf({ tableSize: 70 })
  decodeHex(decoder, inserted("name", "1"))
  assert.deepEqual(decodeHex(decoder, `7e${plain("2".repeat(10))}`).fields, ["name", "2222222222"])
  assert.deepEqual(tableOf(decoder), ["name", "2222222222"])
})

test("more entries than the table began with room for", () => {
  const decoder = decoderOf()
  const expected: string[] = []
  for (let i = 0; i < 300; i++) {
    const value = String(i).padStart(3, "0")
    decodeHex(decoder, inserted("n", value))
    expected.unshift("n", value)
    expected.length = Math.min(expected.length, Math.floor(4096 / 36) * 2)
    assert.deepEqual(tableOf(decoder), expected)
  }
})

test("size updates: down to 0 in the middle of a connection, and up again", () => {
  const decoder = decoderOf()
  decodeHex(decoder, inserted("a", "1"))
  assert.deepEqual(decodeHex(decoder, "20 82").method, "GET")
  assert.deepEqual(tableOf(decoder), [])
  decodeHex(decoder, inserted("b", "2"))
  assert.deepEqual(tableOf(decoder), [])
  decodeHex(decoder, `20 3fe11f ${inserted("c", "3")}`)
  assert.deepEqual(tableOf(decoder), ["c", "3"])
  assert.deepEqual(decodeHex(decoder, "be").fields, ["c", "3"])
})

test("our own lower limit must be met by a size update at the start of the next block (RFC 7541 §4.2)", () => {
  const decoder = decoderOf()
  decodeHex(decoder, inserted("a", "1"))
  decodeHex(decoder, "be")
  decodeHex(decoder, "be")
  decoder.setTableLimit(50)
  assert.throws(() => decodeHex(decoder, "be"), /without a table size update after the limit fell to 50/)
  assert.throws(() => decodeHex(decoder, "3f14"), /table size update to 51, the limit is 50/)
  assert.deepEqual(decodeHex(decoder, "3f13 be").fields, ["a", "1"])
  assert.deepEqual(decodeHex(decoder, "be").fields, ["a", "1"])
})

test("of two limits the lower one must be met, even when the later is higher", () => {
  const decoder = decoderOf()
  decodeHex(decoder, inserted("a", "1") + inserted("b", "2"))
  decoder.setTableLimit(40)
  decoder.setTableLimit(4096)
  assert.throws(() => decodeHex(decoder, "3fe11f be"), /without a table size update after the limit fell to 40/)
  assert.deepEqual(decodeHex(decoder, "3f09 3fe11f be").fields, ["b", "2"])
  assert.equal(decoder.tableLength, 1)
})

test("of two limits below the size in use the lower one must be met", () => {
  const decoder = decoderOf()
  decoder.setTableLimit(40)
  decoder.setTableLimit(100)
  assert.throws(() => decodeHex(decoder, "3f45 82"), /without a table size update after the limit fell to 40/)
  assert.equal(decodeHex(decoder, "3f09 3f45 82").method, "GET")
})

test("our own higher limit asks nothing of the peer, and lets it use more", () => {
  const decoder = decoderOf({ tableSize: 50 })
  decoder.setTableLimit(100)
  decodeHex(decoder, inserted("a", "1") + inserted("b", "2"))
  assert.deepEqual(tableOf(decoder), ["b", "2"])
  decodeHex(decoder, `3f45 ${inserted("c", "3")}`)
  assert.deepEqual(tableOf(decoder), ["c", "3", "b", "2"])
})

test("a list of exactly the limit is kept; one byte more and nothing is, but the tables go on", () => {
  const exact = decodeHex(decoderOf({ maxHeaderListSize: 71 }), inserted("abc", "defg"))
  assert.deepEqual([exact.oversize, exact.listSize, exact.fields], [false, 39, ["abc", "defg"]])
  const fits = decodeHex(decoderOf({ maxHeaderListSize: 39 }), inserted("abc", "defg"))
  assert.deepEqual([fits.oversize, fits.fields], [false, ["abc", "defg"]])
  const decoder = decoderOf({ maxHeaderListSize: 38 + 42 })
  const block = decodeHex(decoder, `82 ${inserted("abc", "defg")} 100161 0162 82`)
  assert.deepEqual([block.oversize, block.fields, block.method], [true, [], undefined])
  assert.equal(block.listSize, 42 + 39 + 34 + 42)
  assert.equal(block.neverIndexed, undefined)
  assert.deepEqual(decodeHex(decoder, "be").fields, ["abc", "defg"])
})

test("of an oversize list the content-type is kept, the first one, wherever it stands, unless it is long", () => {
  const plainType = `0f10${plain("application/grpc")}`
  const other = inserted("x", "content-type")
  const much = inserted("much", "y".repeat(60))
  const kept = (...hex: string[]) => decodeHex(decoderOf({ maxHeaderListSize: 120 }), hex.join("")).fields
  const type = ["content-type", "application/grpc"]
  assert.deepEqual(kept(plainType, much, much), type)
  assert.deepEqual(kept(other, plainType, much), type)
  assert.deepEqual(kept(much, much, plainType), type)
  assert.deepEqual(kept(plainType, much, much, `0f10${plain("text/html")}`), type)
  assert.deepEqual(kept(other, much, much), [], "a value is no name")
  assert.deepEqual(kept(much, much, much), [])
  for (const [length, fields] of [
    [64, 2],
    [65, 0],
  ] as const) {
    assert.equal(kept(much, much, `0f10${plain("z".repeat(length))}`).length, fields)
  }
})

test("a size that was announced may be used, and takes nothing away", () => {
  const decoder = decoderOf({ tableSize: 100 })
  decoder.allowTableSize(60)
  decodeHex(decoder, "3f45")
  decoder.allowTableSize(200)
  decodeHex(decoder, "3fa901")
  assert.throws(() => decodeHex(decoder, "3faa01"), /table size update to 201, the limit is 200/)
})

test("an HPACK bomb is counted, not kept", () => {
  const decoder = decoderOf()
  const value = "x".repeat(4000)
  decodeHex(decoder, `40 0161 7fa11e ${Buffer.from(value).toString("hex")}`)
  const block = decodeHex(decoder, "be".repeat(20_000))
  assert.equal(block.oversize, true)
  assert.equal(block.listSize, 20_000 * 4033)
  assert.deepEqual(block.fields, [])
})

test("fields are counted, pseudo-headers too", () => {
  const decoder = decoderOf({ maxHeaderCount: 3 })
  assert.equal(decodeHex(decoder, "82 84 90").oversize, false)
  assert.equal(decodeHex(decoder, "82 84 90 90").oversize, true)
})

test("pseudo-headers stand apart, and what is wrong with them is told", () => {
  const good = decodeHex(decoderOf(), "83 87 84 41 0161 90")
  assert.deepEqual(
    [good.method, good.scheme, good.path, good.authority, good.status, good.protocol, good.pseudoFault],
    ["POST", "https", "/", "a", undefined, undefined, undefined],
  )
  assert.deepEqual(good.fields, ["accept-encoding", "gzip, deflate"])
  assert.equal(decodeHex(decoderOf(), `00 ${plain(":protocol")} ${plain("websocket")}`).protocol, "websocket")
  assert.equal(decodeHex(decoderOf(), "82 83").pseudoFault, "pseudo-header :method occurs twice")
  assert.equal(decodeHex(decoderOf(), "90 82").pseudoFault, "pseudo-header :method follows a regular field")
  assert.equal(decodeHex(decoderOf(), `00 ${plain(":x")} 00`).pseudoFault, "pseudo-header :x is unknown")
})

test("names such as __proto__ are fields like any other", () => {
  const block = decodeHex(decoderOf(), `00 ${plain("__proto__")} ${plain("1")} 00 ${plain("constructor")} 0132`)
  assert.deepEqual(block.fields, ["__proto__", "1", "constructor", "2"])
  assert.equal(block.get("__proto__"), "1")
  assert.equal(block.get("toString"), undefined)
})

test("get finds the first value of a name", () => {
  const block = decodeHex(decoderOf(), `00 0161 0131 00 0162 0132 00 0161 0133`)
  assert.deepEqual([block.get("a"), block.get("b"), block.get("c"), block.get("1")], ["1", "2", undefined, undefined])
})

test("values of 0 to 255 bytes and some long ones come as their bytes", () => {
  for (const length of [...Array(256).keys(), 4095, 4096, 4097, 9000]) {
    const value = Buffer.from(Array.from({ length }, (_, i) => (i * 7 + length) & 0xff))
    const prefix = length < 127 ? [length] : [127, ((length - 127) & 0x7f) | 0x80, (length - 127) >> 7]
    const block = decodeHex(decoderOf(), `00 0161 ${Buffer.from(prefix).toString("hex")} ${value.toString("hex")}`)
    assert.equal(block.get("a"), value.toString("latin1"))
  }
})

test("a cookie in crumbs is one field", () => {
  const crumbs = ["a=1", "b=2", "c=3"].map((crumb) => `0f11 ${plain(crumb)}`)
  const [first, second, third] = crumbs
  const decoder = decoderOf()
  const block = decodeHex(
    decoder,
    `00 0178 ${plain("cookie")} ${first} 00 0161 0131 ${second} 60 ${plain("d=4")} ${third}`,
  )
  assert.deepEqual(block.fields, ["x", "cookie", "cookie", "a=1; b=2; d=4; c=3", "a", "1"])
  assert.equal(block.fieldFault, undefined)
  // The table holds the crumb as it came.
  assert.deepEqual(tableOf(decoder), ["cookie", "d=4"])
  assert.deepEqual(decodeHex(decoder, "be").fields, ["cookie", "d=4"])
})
