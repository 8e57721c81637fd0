import assert from "node:assert/strict"
import { test } from "node:test"
import { jsonName } from "./json-name.js"

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
