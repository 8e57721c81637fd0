import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import {
  type JsonValue,
  type Message,
  fromBinary as theirFromBinary,
  toJson,
  type UnknownField,
} from "@bufbuild/protobuf"
import { DecodeError, fromBinary, toBinary } from "@farcall/protobuf"
import { type CodecPair, proto3Pairs } from "../test-support/codec-pairs.js"
import { generatedModules } from "../test-support/generated-modules.js"
import { assertSameMessage } from "../test-support/same-message.js"

// What the encoding guide and protobuf.dev's pages on presence, enums and features say of codecs, each by its bytes. The
// messages are those of proto/every_kind.proto, and of conformance/proto-syntaxes: Legacy (proto2), Edition (2023).

let pairs: readonly CodecPair[]

before(async () => {
  const folder = fileURLToPath(new URL("../../../../conformance/proto-syntaxes", import.meta.url))
  const protos = ["legacy.proto", "edition.proto"]
  const modules = generatedModules(folder, protos)
  pairs = [...proto3Pairs, ...(await Promise.all(protos.map((proto) => modules.pairs(proto)))).flat()]
})

function pairOf(name: string): CodecPair {
  return pairs.find(({ schema }) => schema.name === name)!
}

type Bytes = readonly number[]

function varint(value: number | bigint): Bytes {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return [...bytes, Number(rest)]
}

function int(number: number, value: number | bigint): Bytes {
  return [...varint(number * 8), ...varint(value)]
}

/** A field behind its length: a message of these fields, packed values, or bytes. */
function len(number: number, ...content: readonly Bytes[]): Bytes {
  const bytes = content.flat()
  return [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes]
}

function text(number: number, value: string): Bytes {
  return len(number, [...Buffer.from(value)])
}

function group(number: number, ...content: readonly Bytes[]): Bytes {
  return [...varint(number * 8 + 3), ...content.flat(), ...varint(number * 8 + 4)]
}

function decode(name: string, ...fields: readonly Bytes[]): Message {
  return fromBinary(pairOf(name).codec, Uint8Array.from(fields.flat())) as Message
}

/** What is read of these fields. */
function json(name: string, ...fields: readonly Bytes[]): JsonValue {
  return toJson(pairOf(name).schema, decode(name, ...fields))
}

/** Asserts that fields are read and written again as others are, by default as they came. */
function assertRewritten(name: string, fields: readonly Bytes[], as: readonly Bytes[] = fields): void {
  const written = toBinary(pairOf(name).codec, decode(name, ...fields))
  assert.deepEqual([...written], as.flat())
}

describe("what comes more than once", () => {
  it("counts with its last value when it is a scalar", () => {
    assert.deepEqual(json("Scalars", int(3, 1), int(3, 2), text(14, "a"), text(14, "")), { anInt32: 2 })
  })

  it("is merged when it is a message: lists added, maps united, messages merged, scalars replaced", () => {
    const first = len(2, text(1, "a"), len(4), len(5, text(1, "k")), len(2, text(1, "x")))
    const second = len(2, len(4, text(1, "b")), len(5, text(1, "l")), len(2, len(3)), text(1, "c"))
    assert.deepEqual(json("Tree", first, second), {
      left: { name: "c", left: { name: "x", right: {} }, branches: [{}, { name: "b" }], named: { k: {}, l: {} } },
    })
  })

  it("is merged in a oneof while the case is the same, and replaces what another case had", () => {
    const [one, two] = [len(7, int(3, 1)), len(7, int(5, 2))]
    assert.deepEqual(json("Choices", one, two), { scalars: { anInt32: 1, aUint32: 2 } })
    assert.deepEqual(json("Choices", one, text(1, "a"), two), { scalars: { aUint32: 2 } })
    assert.deepEqual(json("Choices", one, text(1, "a")), { aString: "a" })
  })

  it("is merged in a wrapper, whose zero is a value when it is written", () => {
    assert.deepEqual(json("WellKnown", len(5, int(1, 5)), len(5)), { anInt32: 5 })
    assert.deepEqual(json("WellKnown", len(5, int(1, 5)), len(5, int(1, 0))), { anInt32: 0 })
  })

  it("replaces an entry of a map as a whole, and is merged within one entry only", () => {
    const [one, two] = [len(2, int(3, 1)), len(2, int(5, 2))]
    const entry = (...values: readonly Bytes[]): Bytes => len(13, text(1, "k"), ...values)
    assert.deepEqual(json("Maps", entry(one), entry(two)), { messages: { k: { aUint32: 2 } } })
    assert.deepEqual(json("Maps", entry(one, two)), { messages: { k: { anInt32: 1, aUint32: 2 } } })
    assert.deepEqual(json("Maps", len(2)), { int32s: { 0: "0" } })
    assert.deepEqual(json("Maps", len(13, two)), { messages: { "": { aUint32: 2 } } })
  })

  it("is merged in groups and delimited fields too", () => {
    assert.deepEqual(json("Legacy", group(30, int(1, 1)), group(30, len(2)), group(30, int(1, 2))), {
      single: { number: 2, legacy: {} },
    })
    assert.deepEqual(json("Edition", text(3, ""), group(4, int(1, 1)), group(4, int(7, 7), text(3, ""))), {
      required: "",
      delimited: { explicit: 1, required: "", packed: [7] },
    })
  })

  it("keeps unknown fields of both, when messages are merged", () => {
    const message = decode("Tree", len(2, int(90, 1)), len(2, int(91, 2))) as Message & {
      left: { $unknown: UnknownField[] }
    }
    assert.deepEqual(
      message.left.$unknown.map(({ no }) => no),
      [90, 91],
    )
  })
})

describe("repeated scalars", () => {
  const values = [varint(1), varint(300), varint(-1)]
  const expected = [1, 300, -1]

  it("are read packed, apart, and mixed, whatever the field says", () => {
    const apart = (number: number): Bytes => values.flatMap((value) => [...varint(number * 8), ...value])
    for (const [number, name] of [
      [3, "int32s"],
      [20, "apart"],
    ] as const) {
      assert.deepEqual(json("Lists", len(number, ...values)), { [name]: expected })
      assert.deepEqual(json("Lists", apart(number)), { [name]: expected })
      assert.deepEqual(json("Lists", apart(number), len(number, ...values), apart(number)), {
        [name]: [...expected, ...expected, ...expected],
      })
      assert.deepEqual(json("Lists", len(number)), {})
    }
    assertRewritten("Lists", [apart(3)], [len(3, ...values)])
    assertRewritten("Lists", [len(20, ...values)], [apart(20)])
  })

  it("of 64 bits as strings, however many", () => {
    const count = 200_000
    const packed = len(18, Array(count).fill(1))
    const { longsAsStrings } = decode("Lists", packed) as Message & { longsAsStrings: string[] }
    assert.equal(longsAsStrings.length, count)
    assert.equal(longsAsStrings.at(-1), "1")
    assertRewritten("Lists", [packed])
  })
})

describe("integers of 64 bits as strings (jstype)", () => {
  it("are strings in fields, lists and oneofs, and are written as they are", () => {
    const least = -(2n ** 63n)
    const most = 2n ** 64n - 1n
    const fields = [int(2000, least), int(2048, most)]
    const { longAsString, ulongAsString } = decode("Scalars", ...fields) as Message & Record<string, unknown>
    assert.deepEqual([longAsString, ulongAsString], [`${least}`, `${most}`])
    assertRewritten("Scalars", fields)
    const lists = [len(18, varint(least), varint(5)), int(19, most)]
    const { longsAsStrings, longsApart } = decode("Lists", ...lists) as Message & Record<string, unknown>
    assert.deepEqual([longsAsStrings, longsApart], [[`${least}`, "5"], [`${most}`]])
    assertRewritten("Lists", lists)
    assert.deepEqual((decode("Choices", int(11, most)) as Message & { choice: unknown }).choice, {
      case: "longAsString",
      value: `${most}`,
    })
  })
})

describe("closed enums", () => {
  const unknownOf = (message: Message): [number, number[]][] =>
    (message.$unknown ?? []).map(({ no, data }) => [no, [...data]])

  it("keep what they do not have as unknown fields: alone, in a list, packed, in a oneof", () => {
    for (const [fields, expected] of [
      [[int(6, 4)], {}],
      [[int(6, 3), int(6, 4)], { closed: "FIRST" }],
      [[int(20, 3), int(20, 4), int(20, 5)], { closedList: ["FIRST", "SECOND"] }],
      [[len(21, varint(3), varint(4), varint(-1))], { closedPacked: ["FIRST", "NEGATIVE"] }],
      [[int(50, 5), int(50, 4)], { closedChoice: "SECOND" }],
      [[text(51, "a"), int(50, 4)], { stringChoice: "a" }],
    ] as [Bytes[], JsonValue][]) {
      assert.deepEqual(json("Legacy", ...fields), expected)
      const unknown = unknownOf(decode("Legacy", ...fields))
      assert.equal(unknown.length, 1)
      assert.deepEqual(unknown[0]![1], [4])
    }
  })

  it("keep an entry of a map as a whole", () => {
    const [known, other] = [len(40, text(1, "a"), int(2, 1)), len(40, text(1, "b"), int(2, 7))]
    assert.deepEqual(json("Legacy", known, other), { closedMap: { a: "ONE" } })
    assert.deepEqual(unknownOf(decode("Legacy", known, other)), [[40, [...other.slice(2)]]])
    assertRewritten("Legacy", [known, other])
    // Without a value it has the first one.
    assert.deepEqual(json("Legacy", len(40, text(1, "c"))), { closedMap: { c: "ZERO" } })
  })

  it("keep negative and large values as they came", () => {
    assertRewritten("Legacy", [int(6, -7)])
    assertRewritten("Legacy", [len(21, varint(5)), int(21, -7), int(21, 2 ** 31 - 1)])
  })

  it("are those of editions that say so, while open ones hold any number", () => {
    assert.deepEqual(json("Edition", text(3, ""), int(9, 1), int(10, 9)), { required: "", open: 9 })
  })
})

describe("unknown fields", () => {
  it("are kept in the order in which they came, and written behind the others", () => {
    const unknown = [
      int(90, 1),
      text(80, "a"),
      group(70, int(1, 2), group(2)),
      [...varint(60 * 8 + 5), 1, 2, 3, 4],
      int(90, 0),
    ]
    assertRewritten("Scalars", [unknown[0]!, int(3, 1), ...unknown.slice(1)], [int(3, 1), ...unknown])
    const numbers = decode("Scalars", ...unknown).$unknown!.map(({ no }) => no)
    assert.deepEqual(numbers, [90, 80, 70, 60, 90])
  })

  it("are what has the number of a field and another wire type", () => {
    const fields = [text(3, "a"), int(14, 1), int(7, 2), group(17, int(3, 1))]
    const message = decode("Optionals", ...fields)
    assert.deepEqual(
      message.$unknown?.map(({ no }) => no),
      [3, 14, 17],
    )
    assertRewritten("Optionals", fields, [int(7, 2), text(3, "a"), int(14, 1), group(17, int(3, 1))])
  })

  it("are a group where a length was due, and the other way round", () => {
    assert.equal(decode("Edition", text(3, ""), len(4, text(3, ""))).$unknown?.length, 1)
    assert.equal(decode("Edition", text(3, ""), group(13, text(1, "a"))).$unknown?.length, 1)
  })

  it("in an entry of a map are passed over", () => {
    assert.deepEqual(json("Maps", len(1, text(1, "k"), int(9, 9), text(2, "v"))), { strings: { k: "v" } })
  })
})

describe("delimited encoding", () => {
  it("is that of groups, of fields of editions, and of oneofs and lists of both", () => {
    assertRewritten("Legacy", [group(30, int(1, 5)), group(31), group(31, text(1, "a")), group(52, int(1, 1))])
    const inner = text(3, "r")
    assertRewritten("Edition", [
      inner,
      group(4, inner),
      group(5, inner),
      group(5, inner, group(4, inner)),
      group(11, inner),
    ])
  })

  it("ends with the tag of its own number, behind all that is in it", () => {
    const open = group(30, int(1, 5)).slice(0, -2)
    assert.throws(() => decode("Legacy", open), /Legacy\.single: byte 0: a group that does not end/)
    assert.throws(
      () => decode("Legacy", [...varint(30 * 8 + 3), ...varint(31 * 8 + 4)]),
      /group 31 ends inside group 30/,
    )
    assert.throws(() => decode("Legacy", varint(30 * 8 + 4)), /a group ends that was not begun/)
  })
})

describe("groups in groups", () => {
  /** Messages of one type in one another, so many of them, with some fields in the innermost. */
  function nestedGroups(levels: number): Bytes {
    const content = Array.from({ length: 500 }, () => int(1, 7)).flat()
    const [start, end] = [Array(levels).fill(4 * 8 + 3), Array(levels).fill(4 * 8 + 4)]
    return [...start, ...content, ...end]
  }

  it("are looked through a few times, however deep they are", () => {
    const reads = (levels: number): number => {
      const bytes = Uint8Array.from(nestedGroups(levels))
      let count = 0
      const counting = new Proxy(bytes, {
        get(target, key) {
          if (typeof key === "string" && /^\d+$/.test(key)) count++
          return Reflect.get(target, key, target)
        },
      })
      pairOf("Edition").codec.decode(counting, 0, bytes.length)
      return count / bytes.length
    }
    assert.ok(reads(1) > 1 && reads(99) < 4, `${reads(1)} reads a byte on 1 level, ${reads(99)} on 99`)
  })

  it("end where they end, their end tags in any size, beside and behind each other", () => {
    const longEnd = [0xa4, 0x80, 0x00]
    const inner: Bytes = [4 * 8 + 3, ...int(1, 1), ...longEnd, ...group(5, int(1, 2)), ...group(5, group(4, int(1, 3)))]
    const bytes = Uint8Array.from([4 * 8 + 3, ...inner, ...text(3, "b"), ...longEnd, ...group(4, int(2, 9))])
    const { schema, codec } = pairOf("Edition")
    assertSameMessage(schema, codec.decode(bytes, 0, bytes.length) as Message, theirFromBinary(schema, bytes))
  })
})

describe("UTF-8", () => {
  const malformed: Bytes = [0x61, 0xff]

  it("is checked in every place where proto3 has a string, and named there", () => {
    for (const [name, fields, place] of [
      ["Scalars", len(14, malformed), "Scalars.a_string: byte 3"],
      ["Lists", len(14, malformed), "Lists.strings: byte 3"],
      ["Choices", len(1, malformed), "Choices.a_string: byte 3"],
      ["Maps", len(1, len(1, malformed)), "Maps.strings.key: byte 5"],
      ["Maps", len(1, len(2, malformed)), "Maps.strings.value: byte 5"],
      ["Tree", len(2, len(3, len(1, malformed))), "Tree.name: byte 7"],
    ] as [string, Bytes, string][]) {
      assert.throws(() => decode(name, fields), { message: `farcall.test.${place}: invalid UTF-8` })
    }
  })

  it("is not where the feature says so, nor in proto2; U+FFFD stands for what is malformed", () => {
    assert.deepEqual(json("Legacy", len(4, malformed)), { aString: "a\ufffd" })
    assert.deepEqual(json("Edition", text(3, ""), len(8, malformed), len(15, malformed)), {
      required: "",
      unchecked: "a\ufffd",
      uncheckedList: ["a\ufffd"],
    })
    assert.throws(() => decode("Edition", len(3, malformed)), /Edition\.required: byte 3: invalid UTF-8/)
  })
})

describe("the limit of 100 levels", () => {
  /** Messages in messages, so many levels of them, the outermost one included, which is level 1. */
  function nested(levels: number, wrap: (inner: Bytes, level: number) => Bytes): Bytes {
    let bytes: Bytes = []
    for (let level = 1; level < levels; level++) bytes = wrap(bytes, levels - level)
    return bytes
  }

  const ways: [name: string, title: string, wrap: (inner: Bytes, level: number) => Bytes][] = [
    ["Tree", "messages", (inner) => len(2, inner)],
    ["Tree", "lists of messages", (inner) => len(4, inner)],
    ["Tree", "maps of messages", (inner) => len(5, len(2, inner))],
    ["Choices", "oneofs", (inner) => len(8, inner)],
    ["Legacy", "groups", (inner, level) => (level % 2 === 1 ? group(30, inner) : len(2, inner))],
    ["Edition", "delimited messages", (inner) => group(4, inner)],
    ["Nothing", "unknown groups", (inner) => group(1, inner)],
  ]
  for (const [name, title, wrap] of ways) {
    it(`holds for ${title}`, () => {
      decode(name, nested(100, wrap))
      assert.throws(() => decode(name, nested(101, wrap)), {
        name: "DecodeError",
        message: /nested more than 100 levels deep/,
      })
      assert.throws(() => decode(name, nested(300, wrap)), DecodeError)
    })
  }
})
