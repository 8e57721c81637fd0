import assert from "node:assert/strict"
import { test } from "node:test"
import { FieldDescriptorProto_Label as Label, FieldDescriptorProto_Type as Type } from "@bufbuild/protobuf/wkt"
import { DiagnosticList, formatDiagnostic } from "./diagnostics.js"
import type { ParsedFile } from "./parsed-file.js"
import { parseFile } from "./parser.js"

function parse(body: string): ParsedFile {
  const { file, errors } = tryParse(`syntax = "proto3";\n${body}`)
  assert.deepEqual(errors, [])
  return file
}

function tryParse(source: string): { file: ParsedFile; errors: string[] } {
  const diagnostics = new DiagnosticList()
  const file = parseFile("a.proto", source, diagnostics)
  return { file, errors: diagnostics.all.map(formatDiagnostic) }
}

test("a file's package, imports and declarations", () => {
  const { proto } = parse(`
    package a.b;
    import "x.proto"; import public "y.proto"; import weak "z.proto";
    message M {} enum E { ZERO = 0; } service S {} extend M { int32 x = 100; }`)
  assert.equal(proto.package, "a.b")
  assert.deepEqual(proto.dependency, ["x.proto", "y.proto", "z.proto"])
  assert.deepEqual(proto.publicDependency, [1])
  assert.deepEqual(proto.weakDependency, [2])
  assert.deepEqual(
    [proto.messageType, proto.enumType, proto.service, proto.extension].map((list) => list.length),
    [1, 1, 1, 1],
  )
  assert.equal(proto.extension[0]?.extendee, "M")
})

test("fields with and without label, by scalar and by name", () => {
  const { field } = parse("message M { int32 a = 1; repeated .x.Y b = 2; bytes c = 0x10; }").proto.messageType[0]!
  assert.deepEqual(
    field.map(({ name, number, label, typeName }) => [name, number, label, typeName]),
    [
      ["a", 1, Label.OPTIONAL, ""],
      ["b", 2, Label.REPEATED, ".x.Y"],
      ["c", 16, Label.OPTIONAL, ""],
    ],
  )
  assert.equal(field[2]?.type, Type.BYTES)
})

test("a map is a repeated field of a nested entry message", () => {
  const [message] = parse("message M { map<string, x.Y> foo_bar = 3; }").proto.messageType
  assert.deepEqual([message?.field[0]?.label, message?.field[0]?.typeName], [Label.REPEATED, "FooBarEntry"])
  const [entry] = message?.nestedType ?? []
  assert.equal(entry?.options?.mapEntry, true)
  assert.deepEqual(
    entry?.field.map(({ name, number, typeName }) => [name, number, typeName]),
    [
      ["key", 1, ""],
      ["value", 2, "x.Y"],
    ],
  )
})

test("optional fields have oneofs of their own, after the written ones and by free names", () => {
  const [message] = parse(`message M {
    optional int32 a = 1; string _a = 2; oneof real { int32 x = 3; } optional int32 _b = 4; }`).proto.messageType
  assert.deepEqual(
    message?.oneofDecl.map(({ name }) => name),
    ["real", "X_a", "X_b"],
  )
  assert.deepEqual(
    message?.field.filter((field) => field.proto3Optional).map(({ oneofIndex }) => oneofIndex),
    [1, 2],
  )
})

test("reserved ranges end before their end in messages, with it in enums", () => {
  const { proto } = parse(
    'message M { reserved 1, 5 to 7, 9 to max; reserved "x"; } enum E { Z = 0; reserved -2 to max; }',
  )
  assert.deepEqual(
    proto.messageType[0]?.reservedRange.map(({ start, end }) => [start, end]),
    [
      [1, 2],
      [5, 8],
      [9, 536870912],
    ],
  )
  assert.deepEqual(proto.messageType[0]?.reservedName, ["x"])
  const [range] = proto.enumType[0]?.reservedRange ?? []
  assert.deepEqual([range?.start, range?.end], [-2, 2147483647])
})

test("methods stream where they say so, and braces make options", () => {
  const file = parse("service S { rpc A(stream B) returns (stream .c.D) {} rpc E(F) returns (G); }")
  const [streaming, unary] = file.proto.service[0]?.method ?? []
  assert.deepEqual(
    [streaming?.inputType, streaming?.clientStreaming, streaming?.outputType, streaming?.serverStreaming],
    ["B", true, ".c.D", true],
  )
  assert.deepEqual(file.options.get(streaming!), [])
  assert.equal(unary && file.options.has(unary), false)
})

test("options keep their names and values as written", () => {
  const file = parse('option (.a.b).c.(d) = -5; option e = "x" "y"; option f = { g: [1] };')
  const [first, second, third] = file.options.get(file.proto) ?? []
  assert.deepEqual(first?.name, [
    { text: ".a.b", isExtension: true },
    { text: "c", isExtension: false },
    { text: "d", isExtension: true },
  ])
  assert.deepEqual(first?.value, { kind: "integer", value: -5n })
  assert.deepEqual(second?.value, { kind: "string", bytes: "xy" })
  assert.ok(third?.value.kind === "aggregate")
  assert.equal(third.value.tokens.map(({ text }) => text).join(""), "{g:[1]}")
})

test("comments and spans become locations", () => {
  const { source } = parse("// leads\nmessage M { // trails\n}")
  const location = source.locations.find(({ path }) => path.join() === "4,0")
  assert.deepEqual(location?.span, [2, 0, 3, 1])
  assert.equal(location?.leadingComments, " leads\n")
  assert.equal(location?.trailingComments, " trails\n")
  assert.deepEqual(source.find([4, 0, 1]), { line: 2, column: 8 })
})

test("every statement that is wrong is reported, and the rest is parsed", () => {
  const { file, errors } = tryParse('syntax = "proto3";\nmessage M { int32 = 1; string b = 2; }\nfoo;\nmessage N {}')
  assert.deepEqual(errors, [
    "a.proto:2:19: Expected field name.",
    'a.proto:3:1: Expected top-level statement (e.g. "message").',
  ])
  assert.deepEqual(
    file.proto.messageType.map(({ name }) => name),
    ["M", "N"],
  )
})

test("a file without a syntax is proto2; editions are named", () => {
  assert.deepEqual(tryParse("message M { int32 a = 1; }").errors, [
    'a.proto:1:13: Expected "required", "optional", or "repeated".',
  ])
  assert.deepEqual(tryParse('edition = "2023"; message M { int32 a = 1; }').errors, [])
  assert.deepEqual(tryParse('edition = "1998";').errors, ['a.proto:1:11: Unknown edition "1998".'])
  assert.deepEqual(tryParse('edition = "PROTO2";').errors, ['a.proto:1:11: Unknown edition "PROTO2".'])
})
