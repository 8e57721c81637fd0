import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { runInNewContext } from "node:vm"
import * as values from "./field-value.js"

type Convert = (value: unknown, field: string) => unknown

/** What a conversion throws, with its name: `RangeError: a.B.c: 1.5 is not an int32`. */
function refusalOf(convert: Convert, value: unknown): string {
  try {
    convert(value, "a.B.c")
  } catch (error) {
    return String(error)
  }
  return "taken"
}

describe("a value that is not plainly right", () => {
  const taken: readonly [convert: Convert, value: unknown, converted: unknown][] = [
    [values.toInt32, 5, 5],
    [values.toInt32, "-2147483648", -2147483648],
    [values.toInt32, "2147483647", 2147483647],
    [values.toInt32, " 7 ", 7],
    [values.toUint32, "4294967295", 4294967295],
    [values.toUint32, 0, 0],
    [values.toInt64, 2n ** 63n - 1n, 2n ** 63n - 1n],
    [values.toInt64, -(2 ** 63), -(2n ** 63n)],
    [values.toInt64, "-9223372036854775808", -(2n ** 63n)],
    [values.toUint64, "18446744073709551615", 2n ** 64n - 1n],
    [values.toUint64, 2 ** 53, 2n ** 53n],
    [values.toFloat, 1e40 ** 10, Number.POSITIVE_INFINITY],
    [values.toFloat, Number.NaN, Number.NaN],
    [values.toFloat, 1.5, 1.5],
  ]
  for (const [convert, value, converted] of taken) {
    it(`is converted by ${convert.name} where it can be: ${typeof value} ${String(value)}`, () => {
      assert.deepEqual(convert(value, "a.B.c"), converted)
    })
  }

  const refused: readonly [convert: Convert, value: unknown, refusal: string][] = [
    [values.toInt32, 2147483648, "RangeError: a.B.c: 2147483648 is not an int32"],
    [values.toInt32, "2147483648", 'RangeError: a.B.c: "2147483648" is not an int32'],
    [values.toInt32, " ", 'TypeError: a.B.c: " " is not an int32'],
    [values.toInt32, null, "TypeError: a.B.c: null is not an int32"],
    [values.toInt32, undefined, "TypeError: a.B.c: undefined is not an int32"],
    [values.toInt32, 5n, "TypeError: a.B.c: 5n is not an int32"],
    [values.toInt32, new Map(), "TypeError: a.B.c: a Map is not an int32"],
    [values.toInt32, [1], "TypeError: a.B.c: an array is not an int32"],
    [values.toInt32, {}, "TypeError: a.B.c: an object is not an int32"],
    [values.toInt32, "1A", 'RangeError: a.B.c: "1A" is not an int32'],
    [values.toInt32, "A-B", 'RangeError: a.B.c: "A-B" is not an int32'],
    [values.toInt32, `${"x".repeat(39)}!`, `RangeError: a.B.c: "${"x".repeat(39)}!" is not an int32`],
    [values.toInt32, `${"x".repeat(40)}!`, `RangeError: a.B.c: "${"x".repeat(40)}…" is not an int32`],
    [values.toUint32, 4294967296, "RangeError: a.B.c: 4294967296 is not a uint32"],
    [values.toUint32, -1, "RangeError: a.B.c: -1 is not a uint32"],
    [values.toUint32, {}, "TypeError: a.B.c: an object is not a uint32"],
    [values.toInt64, 2n ** 63n, "RangeError: a.B.c: 9223372036854775808n is not an int64"],
    [values.toInt64, -(2n ** 63n) - 1n, "RangeError: a.B.c: -9223372036854775809n is not an int64"],
    [values.toInt64, "", 'RangeError: a.B.c: "" is not an int64'],
    [values.toInt64, "1-", 'RangeError: a.B.c: "1-" is not an int64'],
    [values.toInt64, "--1", 'RangeError: a.B.c: "--1" is not an int64'],
    [values.toInt64, " 1", 'RangeError: a.B.c: " 1" is not an int64'],
    [values.toInt64, Number.POSITIVE_INFINITY, "RangeError: a.B.c: Infinity is not an int64"],
    [values.toInt64, true, "TypeError: a.B.c: true is not an int64"],
    [values.toUint64, 2n ** 64n, "RangeError: a.B.c: 18446744073709551616n is not a uint64"],
    [values.toUint64, "-1", 'RangeError: a.B.c: "-1" is not a uint64'],
    [values.toUint64, null, "TypeError: a.B.c: null is not a uint64"],
    [values.toFloat, 3.5e38, "RangeError: a.B.c: 3.5e+38 is not a float"],
    [values.toFloat, "1", 'TypeError: a.B.c: "1" is not a float'],
    [values.toBytes, { length: 1 }, "TypeError: a.B.c: an object is not a Uint8Array"],
    [values.toBytes, null, "TypeError: a.B.c: null is not a Uint8Array"],
    [values.toBytes, new Uint16Array(1), "TypeError: a.B.c: an object is not a Uint8Array"],
  ]
  for (const [convert, value, refusal] of refused) {
    it(`is refused by ${convert.name}: ${refusal}`, () => assert.equal(refusalOf(convert, value), refusal))
  }

  it("is refused with a hint where it is the name of an enum's value", () => {
    const hint = "; a value of an enum is a number, State.OPEN for instance, and not its name"
    for (const name of ["OPEN", "_open", "o1"]) {
      assert.equal(refusalOf(values.toInt32, name), `RangeError: a.B.c: "${name}" is not an int32${hint}`)
    }
  })

  it("may be bytes in an array of numbers, or of another realm", () => {
    const own = Uint8Array.of(1, 2)
    assert.equal(values.toBytes(own, "a.B.c"), own)
    assert.deepEqual(values.toBytes([1, 2], "a.B.c"), own)
    const foreign = runInNewContext("new Uint8Array([1, 2])") as Uint8Array
    assert.ok(!(foreign instanceof Uint8Array))
    assert.equal(values.toBytes(foreign, "a.B.c"), foreign)
  })
})

describe("a map's key", () => {
  it("is what its type says", () => {
    assert.equal(values.keyToInt32("-5", "a.B.c"), -5)
    assert.equal(values.keyToUint32("5", "a.B.c"), 5)
    assert.equal(values.keyToInt64("-5", "a.B.c"), -5n)
    assert.equal(values.keyToUint64("5", "a.B.c"), 5n)
    assert.equal(values.keyToBool("true", "a.B.c"), true)
    assert.equal(values.keyToBool("false", "a.B.c"), false)
  })

  it("is refused as a key", () => {
    for (const [convert, refusal] of [
      [values.keyToInt32, 'RangeError: a.B.c (key): "1.5" is not an int32'],
      [values.keyToUint32, 'RangeError: a.B.c (key): "1.5" is not a uint32'],
      [values.keyToInt64, 'RangeError: a.B.c (key): "1.5" is not an int64'],
      [values.keyToUint64, 'RangeError: a.B.c (key): "1.5" is not a uint64'],
      [values.keyToBool, 'TypeError: a.B.c (key): "1.5" is not a bool'],
    ] as const) {
      assert.equal(refusalOf(convert as Convert, "1.5"), refusal)
    }
  })
})

describe("a field", () => {
  const taken = (check: Convert, ...given: readonly unknown[]): void => {
    for (const value of given) assert.equal(refusalOf(check, value), "taken")
  }

  it("that is repeated has a list, or a typed array", () => {
    taken(values.checkList, [], [1], new Float64Array(2), new Uint8Array(1))
    for (const [value, what] of [
      [null, "null"],
      ["ab", '"ab"'],
      [new Set(), "an object"],
    ] as const) {
      assert.equal(refusalOf(values.checkList, value), `TypeError: a.B.c: ${what} is not an array`)
    }
  })

  it("that is a map has an object", () => {
    taken(values.checkMap, {}, Object.create(null))
    for (const [value, what] of [
      ["ab", '"ab"'],
      [undefined, "undefined"],
      [[], "an array"],
      [new Map(), "a Map"],
    ] as const) {
      const refusal = `TypeError: a.B.c: ${what} is not an object with a property for each key`
      assert.equal(refusalOf(values.checkMap, value), refusal)
    }
  })

  it("that is a message has one, of its type, or an initialiser", () => {
    taken(values.checkMessage, {}, { $typeName: undefined }, { $typeName: "a.B.c" })
    for (const [value, what] of [
      ["ab", '"ab" as a.B.c: a message or its initialiser is wanted'],
      [null, "null as a.B.c: a message or its initialiser is wanted"],
      [[], "an array as a.B.c: a message or its initialiser is wanted"],
      [{ $typeName: "a.B" }, "a message of type a.B as a.B.c"],
    ] as const) {
      assert.equal(refusalOf(values.checkMessage, value), `TypeError: cannot encode ${what}`)
    }
    taken(values.checkMessage, new Date())
    assert.throws(
      () => values.checkMessage(new Date(), "google.protobuf.Timestamp"),
      /^TypeError: cannot encode a Date/,
    )
    assert.doesNotThrow(() => values.checkMessage({}, "google.protobuf.Timestamp"))
  })

  it("that is required is there", () => {
    assert.throws(() => values.missing("a.B.c"), { name: "TypeError", message: "a.B.c: a required field is not set" })
  })
})
