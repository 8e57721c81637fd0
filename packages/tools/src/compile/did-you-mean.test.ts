import assert from "node:assert/strict"
import { test } from "node:test"
import { compile } from "./compiler.js"
import { closest, slips } from "./did-you-mean.js"

/** The hints that go with the errors of a.proto, beside other files. */
function hints(text: string, others: Readonly<Record<string, string>> = {}): (string | undefined)[] {
  const sources = new Map(Object.entries({ ...others, "a.proto": text }))
  const read = (name: string): string | undefined => sources.get(name)
  return compile({ files: ["a.proto"], read, list: () => sources.keys() }).diagnostics.map(({ hint }) => hint)
}

test("counts letters left out, put in, replaced and swapped", () => {
  const cases: [string, string, number][] = [
    ["", "", 0],
    ["mesage", "message", 1],
    ["messsage", "message", 1],
    ["nessage", "message", 1],
    ["emssage", "message", 1],
    ["strnig", "string", 1],
    ["abc", "", 3],
    ["ca", "abc", 3],
  ]
  for (const [from, to, expected] of cases) {
    assert.equal(slips(from, to, 5), expected, `${from} → ${to}`)
    assert.equal(slips(to, from, 5), expected, `${to} → ${from}`)
  }
  assert.ok(slips("a".repeat(100), "b".repeat(100), 3) > 3)
})

test("suggests only what is close for its length, and the closest of it", () => {
  assert.equal(closest("Tru", ["false", "true"]), "true")
  assert.equal(closest("ab", ["ac", "AB"]), "AB")
  assert.equal(closest("int23", ["int64", "int32"]), "int32")
  assert.equal(closest("Request", ["Response", "Request"]), undefined)
  assert.equal(closest("x".repeat(10_000), [`${"x".repeat(10_000)}y`]), undefined)
})

test("suggests keywords", () => {
  assert.deepEqual(hints('syntax = "proto3"; mesage A {}'), ["did you mean `message`?"])
  assert.deepEqual(hints('sytnax = "proto3";'), ["did you mean `syntax`?"])
  assert.deepEqual(hints('syntax = "proto4";'), ["did you mean `proto3`?"])
  assert.deepEqual(hints('syntax = "proto3"; message A { enmu B { C = 0; } }')[0], "did you mean `enum`?")
  assert.deepEqual(hints('syntax = "proto3"; message A { optoinal string b = 1; }'), ["did you mean `optional`?"])
  assert.deepEqual(hints('syntax = "proto3"; message A { reserve 1 to 3; }'), ["did you mean `reserved`?"])
  assert.deepEqual(hints('syntax = "proto2"; message A { requierd string b = 1; }')[0], "did you mean `required`?")
  assert.deepEqual(hints('syntax = "proto3"; message A {} service S { rcp M(A) returns (A); }'), [
    "did you mean `rpc`?",
  ])
  assert.deepEqual(hints('syntax = "proto3"; message A {} service S { rpc M(A) return (A); }'), [
    "did you mean `returns`?",
  ])
})

test("suggests types as they can be written where they are missed", () => {
  assert.deepEqual(hints('syntax = "proto3"; message A { strng s = 1; }'), ["did you mean `string`?"])
  assert.deepEqual(
    hints('syntax = "proto3"; package p.q; message Apple { message Inner {} } message B { Aple a = 1; }'),
    ["did you mean `Apple`?"],
  )
  assert.deepEqual(
    hints(
      'syntax = "proto3"; package p.q; message Apple { message Inner {} } message B { Apple.Iner a = 1; Inner b = 2; }',
    ),
    ["did you mean `Apple.Inner`?", "did you mean `p.q.Apple.Inner`?"],
  )
  const b = 'syntax = "proto3"; package fruit; message Apple {} enum Size { SMALL = 0; }'
  assert.deepEqual(hints('syntax = "proto3"; import "b.proto"; message B { Apple a = 1; }', { "b.proto": b }), [
    "did you mean `fruit.Apple`?",
  ])
  // Methods take messages only.
  assert.deepEqual(
    hints('syntax = "proto3"; import "b.proto"; service S { rpc M(fruit.Siez) returns (fruit.Appel); }', {
      "b.proto": b,
    }),
    [undefined, "did you mean `fruit.Apple`?"],
  )
})

test("knows the imports of the well-known types", () => {
  assert.deepEqual(
    hints('syntax = "proto3"; message A { google.protobuf.Timestamp t = 1; Duration d = 2; Whatever w = 3; }'),
    [
      '`import "google/protobuf/timestamp.proto";` is missing',
      'did you mean `google.protobuf.Duration`, of `import "google/protobuf/duration.proto";`?',
      undefined,
    ],
  )
})

test("suggests imports: of the same name elsewhere, or of a name like it", () => {
  const others = { "deep/down/there.proto": 'syntax = "proto3";' }
  const importing = (name: string): string | undefined => hints(`syntax = "proto3"; import "${name}";`, others)[0]
  assert.equal(importing("there.proto"), 'did you mean `import "deep/down/there.proto"`?')
  assert.equal(importing("deep/down/thre.proto"), 'did you mean `import "deep/down/there.proto"`?')
  assert.equal(importing("google/protobuf/timestmap.proto"), 'did you mean `import "google/protobuf/timestamp.proto"`?')
  assert.equal(importing("quite/another.proto"), undefined)
})

test("suggests options, their parentheses, and what they are set to", () => {
  const first = (body: string): string | undefined =>
    hints(
      `syntax = "proto2"; import "google/protobuf/descriptor.proto";
enum Colour { RED = 0; GREEN = 1; }
message Point { optional int32 across = 1; optional Colour colour = 2; }
extend google.protobuf.FieldOptions { optional Colour tint = 50000; optional Point where = 50001; }
message A { ${body} }`,
    )[0]
  assert.equal(first("optional int32 a = 1 [deprecatd = true];"), "did you mean `deprecated`?")
  assert.equal(first("optional int32 a = 1 [defualt = 3];"), "did you mean `default`?")
  assert.equal(first("optional int32 a = 1 [deprecated = TRUE];"), "did you mean `true`?")
  assert.equal(first("optional int32 a = 1 [(tnit) = RED];"), "did you mean `(tint)`?")
  assert.equal(
    first("optional int32 a = 1 [tint = RED];"),
    "did you mean `(tint)`? The names of custom options stand between parentheses.",
  )
  assert.equal(first("optional int32 a = 1 [(deprecated) = true];"), "did you mean `deprecated`?")
  assert.equal(first("optional int32 a = 1 [(tint) = GREN];"), "did you mean `GREEN`?")
  assert.equal(first("optional int32 a = 1 [(where) = { acros: 1 }];"), "did you mean `across`?")
  assert.equal(first("optional int32 a = 1 [(where) = { colour: GREE }];"), "did you mean `GREEN`?")
  assert.equal(first("optional int32 a = 1 [(where).acros = 1];"), "did you mean `across`?")
  assert.equal(first("optional Colour a = 1 [default = REDD];"), "did you mean `RED`?")
  assert.equal(first("optional int32 a = 1 [ctype = STRIGN_PIECE];"), "did you mean `STRING_PIECE`?")
})

test("says where a semicolon or a brace is missing", () => {
  assert.deepEqual(hints('syntax = "proto3"\nmessage A {}')[0], "is a `;` missing at the end of line 1?")
  assert.deepEqual(hints('syntax = "proto3";\nmessage A {\n  string a = 1\n\n  string b = 2;\n}'), [
    "is a `;` missing at the end of line 3?",
  ])
  assert.deepEqual(hints('syntax = "proto3"; package a b;'), [undefined])
  assert.deepEqual(hints('syntax = "proto3";\nmessage A {\n  message B {\n}\n'), ["the `{` in line 2 is not closed"])
})

test("gives up looking for hints in a file of nothing but mistakes", () => {
  const fields = Array.from({ length: 500 }, (_, i) => `Aple a${i} = ${i + 1};`)
  const all = hints(`syntax = "proto3"; message Apple {} message B { ${fields.join(" ")} }`)
  assert.equal(all.length, 500)
  assert.equal(all.filter((hint) => hint !== undefined).length, 100)
})
