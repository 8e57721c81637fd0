import assert from "node:assert/strict"
import { test } from "node:test"
import { decodeByteString, toByteString } from "./byte-string.js"
import { floatValue, integerValue, jsonName, stringValue } from "./literal.js"

test("integers are decimal, hexadecimal or octal, of any size", () => {
  assert.equal(integerValue("0"), 0n)
  assert.equal(integerValue("18446744073709551615"), 18446744073709551615n)
  assert.equal(integerValue("0xFF"), 255n)
  assert.equal(integerValue("017"), 15n)
  assert.ok(integerValue("08") > 0xffffffffffffffffn, "fits no field")
})

test("floats may lack digits on one side of the point", () => {
  assert.equal(floatValue("1."), 1)
  assert.equal(floatValue(".5"), 0.5)
  assert.equal(floatValue("1e400"), Number.POSITIVE_INFINITY)
})

test("strings are bytes: escapes of C, and code points as UTF-8", () => {
  assert.equal(stringValue('"a\\n\\x41\\101\\\'"'), "a\nAA'")
  assert.equal(stringValue('"\\377\\xff"'), "\xff\xff")
  assert.equal(stringValue("'\\u00e4'"), "\xc3\xa4")
  assert.equal(decodeByteString(stringValue("'\\U0001F600\\ud83d\\ude00'")), "😀😀")
})

test("a file's text and its bytes make the same byte string", () => {
  const text = "ä 😀 plain"
  assert.equal(toByteString(text), toByteString(new TextEncoder().encode(text)))
  assert.equal(decodeByteString(toByteString(text)), text)
  assert.equal(toByteString(new Uint8Array([0x61, 0xff])), "a\xff")
  const long = "ü".repeat(50_000)
  assert.equal(decodeByteString(toByteString(long)), long)
})

test("JSON names drop underscores and raise the letter after", () => {
  for (const [name, expected] of [
    ["foo", "foo"],
    ["foo_bar", "fooBar"],
    ["_foo", "Foo"],
    ["foo__bar_", "fooBar"],
    ["a_1b", "a1b"],
    ["FOO_Bar", "FOOBar"],
    ["_", ""],
  ] as const) {
    assert.equal(jsonName(name), expected)
  }
})
