import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import type { Diagnostic } from "./diagnostics.js"
import { SourceLines } from "./source-lines.js"

function at(line: number | undefined, column: number | undefined): Diagnostic {
  return { severity: "error", file: "a.proto", line, column, message: "", hint: undefined }
}

/** What is marked at a place, with the UTF-16 characters it spans. */
function marked(source: string | Uint8Array, line: number, column: number): [string, number, number] {
  const lines = new SourceLines(source)
  const range = lines.range(at(line, column))!
  assert.equal(range.start.line, line - 1)
  assert.equal(range.end.line, line - 1)
  return [lines.marked(at(line, column), 100)!.marked, range.start.character, range.end.character]
}

test("marks the token that begins at the place", () => {
  const cases: [string, number, string][] = [
    ["message A {", 1, "message"],
    ["  foo.bar.Baz b = 1;", 3, "foo.bar.Baz"],
    ["  .foo.Bar b = 1;", 3, ".foo.Bar"],
    ["int32 a = 0x1F;", 11, "0x1F"],
    ['string s = "a \\" b" ;', 12, '"a \\" b"'],
    ["string s = 'unfinished", 12, "'unfinished"],
    ["option (my.option).sub = 1;", 8, "(my.option).sub"],
    ["int32 a = 1 [(my.option) = 1];", 14, "(my.option)"],
    ["rpc M(A) returns (B);", 6, "("],
    ['import public "a.proto";', 1, 'import public "a.proto"'],
    ["message A {", 12, ""],
    ["int32 a;", 8, ";"],
  ]
  for (const [line, column, expected] of cases) assert.equal(marked(line, 1, column)[0], expected, line)
})

test("counts columns as protoc does, and characters as editors do", () => {
  // A tab reaches to the next multiple of eight; é takes two bytes, 日 three, 😀 four of UTF-8 and two of UTF-16.
  assert.deepEqual(marked("\tint32 a;", 1, 9), ["int32", 1, 6])
  assert.deepEqual(marked("ab\tint32 a;", 1, 9), ["int32", 3, 8])
  assert.deepEqual(marked('"é日😀" word', 1, 13), ["word", 7, 11])
  assert.deepEqual(marked("one\ntwo three\n", 2, 5), ["three", 4, 9])
  assert.deepEqual(marked("one\r\ntwo\r\n", 1, 4), ["", 3, 3])
})

test("marks the whole of a letter that is no ASCII", () => {
  for (const column of [2, 3, 4]) assert.deepEqual(marked("a日b", 1, column), ["日", 1, 2])
})

test("finds several places of a line in any order", () => {
  const lines = new SourceLines("é one two three")
  for (const [column, character] of [
    [4, 2],
    [12, 10],
    [8, 6],
    [8, 6],
    [1, 0],
  ] as const) {
    assert.equal(lines.range(at(1, column))?.start.character, character)
  }
})

test("cuts a long line", () => {
  const line = `${"é".repeat(1000)}WORD${"é".repeat(1000)}`
  const { before, marked, after } = new SourceLines(line).marked(at(1, 2001), 100)!
  assert.deepEqual([before, marked, after.length], ["é".repeat(50), "WORD", 50])
})

test("has no place for a file as a whole, nor beyond its end", () => {
  const lines = new SourceLines("one line")
  assert.equal(lines.range(at(undefined, undefined)), undefined)
  assert.equal(lines.range(at(7, 1)), undefined)
  assert.deepEqual(lines.range(at(1, 100)), { start: { line: 0, character: 8 }, end: { line: 0, character: 8 } })
})

test("never throws, and marks within the line", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(5), fc.nat(70), (bytes, line, column) => {
      const lines = new SourceLines(bytes)
      const range = lines.range(at(line, column))
      const shown = lines.marked(at(line, column), 10)
      assert.equal(range === undefined, shown === undefined)
      assert.ok(range === undefined || range.end.character - range.start.character === shown?.marked.length)
    }),
  )
})
