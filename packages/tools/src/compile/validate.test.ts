import assert from "node:assert/strict"
import { test } from "node:test"
import { compileText } from "../test-support/compile-text.js"
import { compile } from "./compiler.js"

// Each rule has a planted file in the conformance workspace, compared with protoc; here are the rules that let something
// pass, and those that have more than one side.

for (const [what, body] of [
  ["aliases that are announced", "enum E { option allow_alias = true; A = 0; B = 0; }"],
  ["enum values that differ after the prefix", "enum Color { COLOR_RED = 0; COLOR_GREEN = 1; }"],
  ["enum values that differ only by underscores within", "enum Foo { FOO_BAR_BAZ = 0; FOO_BARBAZ = 1; }"],
  ["an enum value that is only the prefix", "enum Foo { FOO = 0; FOO_BAR = 1; }"],
  ["an alias with and without the prefix", "enum E { option allow_alias = true; E_A = 0; A = 0; }"],
  [
    "the same value name in enums of different messages",
    "message M { enum E { A = 0; } } message N { enum E { A = 0; } }",
  ],
  ["JSON names told apart by hand", 'message M { string a = 1 [json_name = "x"]; string b = 2 [json_name = "y"]; }'],
  [
    "clashing JSON names where that is switched off",
    "message M { option deprecated_legacy_json_field_conflicts = true; int32 a_b = 1; int32 aB = 2; }",
  ],
  [
    "the field numbers around the reserved block",
    "message M { int32 a = 18999; int32 b = 20000; int32 c = 536870911; }",
  ],
  [
    "every type that may be a map's key",
    "message M { map<int32, M> a = 1; map<bool, M> b = 2; map<sfixed64, bytes> c = 3; map<string, double> d = 4; }",
  ],
  ["jstype on 64-bit fields", "message M { int64 a = 1 [jstype = JS_STRING]; fixed64 b = 2 [jstype = JS_NUMBER]; }"],
  ["reserved names that are near", 'message M { reserved "a"; int32 A = 1; int32 a_ = 2; }'],
  ["reserved numbers that touch", "message M { reserved 2 to 4; int32 a = 1; int32 b = 5; }"],
] as const) {
  test(`accepts ${what}`, () => assert.deepEqual(compileText(body).diagnostics, []))
}

test("suggests numbers that are free", () => {
  assert.deepEqual(
    compileText("message M {\nint32 a = 0;\nint32 b = 1;\nreserved 2 to 4;\nint32 c = 5;\n}").diagnostics,
    ["a.proto:3:11: Field numbers must be positive integers.", "a.proto:3:11: Suggested field numbers for M: 6"],
  )
})

test("the entries of a map cannot share a name", () => {
  const { diagnostics } = compileText("message M { map<string, string> a_b = 1; message ABEntry {} }")
  assert.ok(
    diagnostics.includes(
      "a.proto:2:9: Expanded map entry type ABEntry conflicts with an existing nested message type.",
    ),
  )
})

test("options are only where their targets let them be", () => {
  const definitions = `
    import "google/protobuf/descriptor.proto";
    extend google.protobuf.FieldOptions {
      int32 anywhere = 50000; int32 on_fields = 50001 [targets = TARGET_TYPE_FIELD, targets = TARGET_TYPE_ENUM];
      int32 on_files = 50002 [targets = TARGET_TYPE_FILE];
    }`
  assert.deepEqual(
    compileText(`${definitions} message M { int32 a = 1 [(anywhere) = 1, (on_fields) = 1]; }`).diagnostics,
    [],
  )
  assert.deepEqual(compileText(`${definitions} message M { int32 a = 1 [(on_files) = 1]; }`).diagnostics, [
    "a.proto: Option on_files cannot be set on an entity of type `field`.",
  ])
})

test("a file with errors is not in the result", () => {
  assert.equal(compileText("message M { int32 a = 0; }").file, undefined)
  assert.deepEqual(compileText("message M { int32 a = 0; }").files, [])
})

test("what is nested too deep is refused, however deep it is", () => {
  const messages = (depth: number): string =>
    `${Array.from({ length: depth }, (_, i) => `message M${i} {`).join(" ")}${"}".repeat(depth)}`
  assert.deepEqual(compileText(messages(31)).diagnostics, [])
  assert.match(
    compileText(messages(20_000)).diagnostics[0] ?? "",
    /: Reached maximum recursion limit for nested messages\.$/,
  )

  const aggregate = (depth: number): string => `
    import "google/protobuf/descriptor.proto";
    message R { R r = 1; }
    extend google.protobuf.MessageOptions { R r = 50000; }
    message M { option (r) = ${"{ r ".repeat(depth - 1)}{}${"}".repeat(depth - 1)}; }`
  assert.deepEqual(compileText(aggregate(100)).diagnostics, [])
  assert.match(compileText(aggregate(20_000)).diagnostics[0] ?? "", /exceeded the configured recursion limit of 100\.$/)

  const name = `(r)${".r".repeat(5000)}`
  assert.match(
    compileText(aggregate(1).replace("option (r)", `option ${name}`)).diagnostics[0] ?? "",
    /: Option name has 5001 parts, the limit is 100\.$/,
  )
})

test("where protoc gives no place, the declaration that is meant has one beside it", () => {
  const near = (text: string): string[] => {
    const { diagnostics } = compile({ files: ["a.proto"], read: () => text })
    assert.ok(diagnostics.every(({ line }) => line === undefined))
    return diagnostics.map(({ near }) => `${near?.line}:${near?.column}`)
  }
  assert.deepEqual(near('syntax = "proto3";\nmessage M {\n  int32 a = 1;\n  int32 b = 19000;\n}'), ["4:9"])
  assert.deepEqual(near('syntax = "proto3";\nmessage M {\n  map<string, Missing> m = 1;\n}'), ["3:24"])
  assert.deepEqual(near('syntax = "proto3";\nmessage M {\n  oneof o {\n    option deprecated = true;\n  }\n}'), ["3:9"])
})
