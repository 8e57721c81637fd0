import assert from "node:assert/strict"
import { test } from "node:test"
import { decodeByteString } from "./byte-string.js"
import { floatValue, integerValue, stringValue } from "./literal.js"

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
