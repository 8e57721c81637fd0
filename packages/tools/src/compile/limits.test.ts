import assert from "node:assert/strict"
import { test } from "node:test"
import { compile } from "./compiler.js"
import { MAX_ERRORS } from "./limits.js"

test("of very many errors the first are told, and that there are more", () => {
  const ranges = "reserved 1;".repeat(1_000) // Half a million pairs overlap.
  const read = (): string => `syntax = "proto3"; message M { ${ranges} }`
  const { files, diagnostics } = compile({ files: ["m.proto"], read })
  assert.deepEqual(files, [])
  assert.equal(diagnostics.length, MAX_ERRORS + 1)
  assert.match(diagnostics[0]?.message ?? "", /overlaps with already-defined range/)
  assert.match(diagnostics.at(-1)?.message ?? "", /10000 errors/)
})

test("an enum of very many reserved numbers takes no longer for it", () => {
  const numbers = Array.from({ length: 20_000 }, (_, i) => `reserved ${i + 2};`)
  const read = (): string => `syntax = "proto3"; enum E { ZERO = 0; ${numbers.join("")} }`
  assert.deepEqual(compile({ files: ["e.proto"], read }).diagnostics, [])
})

test("very many optional fields of one name take no longer for it", () => {
  const fields = Array.from({ length: 5_000 }, (_, i) => `optional int32 a = ${i + 1};`)
  const read = (): string => `syntax = "proto3"; message M { ${fields.join("")} }`
  const { diagnostics } = compile({ files: ["m.proto"], read })
  assert.equal(diagnostics.length, fields.length - 1)
  assert.ok(diagnostics.every(({ message }) => message === '"a" is already defined in "M".'))
})
