import assert from "node:assert/strict"
import { test } from "node:test"
import { FieldDescriptorProto_Type as Type } from "@bufbuild/protobuf/wkt"
import { compileWhole } from "../test-support/compile-text.js"

// The conformance workspace compares descriptors and refusals with protoc's; here is what can be seen from within.

test("defaults are kept as C++ prints them", () => {
  const { file, diagnostics } = compileWhole(`
    message M {
      optional float a = 1 [default = 9e9];
      optional double b = 2 [default = 9e9];
      optional int32 c = 3 [default = -0];
      optional bytes d = 4 [default = "\\x01'\\377"];
      optional double e = 5 [default = -nan];
      optional sint64 f = 6 [default = -0x8000000000000000];
      optional E g = 7 [default = Y];
      optional float h = 8 [default = 0.1];
    }
    enum E { X = 1; Y = -1; }`)
  assert.deepEqual(diagnostics, [])
  assert.deepEqual(
    file?.messageType[0]?.field.map(({ defaultValue }) => defaultValue),
    ["9e+09", "9000000000", "0", "\\001\\'\\377", "nan", "-9223372036854775808", "Y", "0.1"],
  )
})

test("a group is a field and a message", () => {
  const { file } = compileWhole("message M { repeated group Part = 1 { optional int32 size = 1; } }")
  const [field] = file?.messageType[0]?.field ?? []
  assert.deepEqual([field?.name, field?.type, field?.typeName], ["part", Type.GROUP, ".M.Part"])
  assert.equal(file?.messageType[0]?.nestedType[0]?.field[0]?.name, "size")
})

test("what is delimited in an edition stays a message in its descriptor", () => {
  const { file, diagnostics } = compileWhole(
    'edition = "2023"; message M { M a = 1 [features.message_encoding = DELIMITED]; }',
  )
  assert.deepEqual(diagnostics, [])
  assert.equal(file?.messageType[0]?.field[0]?.type, Type.MESSAGE)
})

test("extension ranges to max end where the numbers of their message do", () => {
  const ends = (option: string): (number | undefined)[] => {
    const { file } = compileWhole(`message M { extensions 4 to max; ${option} }`)
    return file?.messageType[0]?.extensionRange.map(({ end }) => end) ?? []
  }
  assert.deepEqual(ends(""), [536_870_912])
  assert.deepEqual(ends("option message_set_wire_format = true;"), [2_147_483_647])
})

test("options of one extensions statement are those of each of its ranges", () => {
  const { file } = compileWhole("message M { extensions 1 to 5, 9 [verification = DECLARATION]; extensions 20; }")
  const ranges = file?.messageType[0]?.extensionRange ?? []
  // The option is for readers of the source, so that nothing of it is left.
  assert.deepEqual(
    ranges.map(({ options }) => options),
    [undefined, undefined, undefined],
  )
  const { diagnostics } = compileWhole(
    "message M { extensions 1, 9 [verification = DECLARATION]; } extend M { optional int32 a = 9; }",
  )
  assert.match(diagnostics[0] ?? "", /Missing extension declaration for field a with number 9/)
})

test("what is imported for its options is there, and is put out for the files asked for", () => {
  const others = {
    "options.proto": `syntax = "proto2"; import "google/protobuf/descriptor.proto";
      extend google.protobuf.MessageOptions { optional int32 rank = 50000; } message Type { }`,
  }
  const text = 'edition = "2024"; import option "options.proto"; message M { option (rank) = 5; }'
  const { files, diagnostics } = compileWhole(text, others)
  assert.deepEqual(diagnostics, [])
  assert.deepEqual(
    files.map(({ name }) => name),
    ["google/protobuf/descriptor.proto", "options.proto", "a.proto"],
  )
  assert.deepEqual(
    compileWhole('edition = "2024"; import "b.proto"; message N { M m = 1; }', {
      ...others,
      "b.proto": text,
    }).files.map(({ name }) => name),
    ["b.proto", "a.proto"],
  )
})

test("a file whose options are out of their time is not in the result, nor is one that imports it", () => {
  const { files, diagnostics } = compileWhole('syntax = "proto3"; import "b.proto"; message M { N n = 1; }', {
    "b.proto": 'edition = "2024"; option java_multiple_files = true; message N { } message O { }',
    "c.proto": "",
  })
  assert.match(diagnostics[0] ?? "", /^b\.proto: google\.protobuf\.FileOptions\.java_multiple_files has been removed/)
  assert.deepEqual(files, [])
})

test("hostile sizes and depths end in an error", () => {
  const first = (text: string): string => compileWhole(text).diagnostics[0] ?? ""
  const groups = `message A { ${"optional group G = 1 { ".repeat(20_000)}`
  assert.match(first(groups), /Reached maximum recursion limit for nested messages\.$/)
  const numbers = Array.from({ length: 2000 }, (_, i) => 2 * i + 1).join(", ")
  const declarations = Array.from({ length: 2000 }, () => "verification = UNVERIFIED").join(", ")
  assert.match(first(`message M { extensions ${numbers} [${declarations}]; }`), /2000 ranges that share 2000 options/)
  assert.match(
    first(`import "google/protobuf/descriptor.proto";
      message R { reserved "gone"; } extend google.protobuf.MessageOptions { optional R r = 50000; }
      message M { option (r) = { gone: ${"[".repeat(20_000)}${"]".repeat(20_000)} }; }`),
    /exceeded the configured recursion limit of 100\.$/,
  )
})
