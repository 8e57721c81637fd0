import assert from "node:assert/strict"
import { test } from "node:test"
import { FieldDescriptorProto_Type as Type } from "@bufbuild/protobuf/wkt"
import { compileText } from "../test-support/compile-text.js"

const OTHER = 'syntax = "proto3"; package other; message Thing {} enum Kind { NONE = 0; }'

test("type names become full names, the innermost scope first", () => {
  const { file, diagnostics } = compileText(`
    package a.b;
    message Thing {}
    message M {
      message Thing {}
      Thing inner = 1; b.Thing outer = 2; .a.b.Thing absolute = 3; E kind = 4;
      enum E { ZERO = 0; }
    }`)
  assert.deepEqual(diagnostics, [])
  const fields = file?.messageType[1]?.field ?? []
  assert.deepEqual(
    fields.map(({ typeName }) => typeName),
    [".a.b.M.Thing", ".a.b.Thing", ".a.b.Thing", ".a.b.M.E"],
  )
  assert.deepEqual([fields[0]?.type, fields[3]?.type], [Type.MESSAGE, Type.ENUM])
})

test("what is imported publicly is passed on, what is imported only is not", () => {
  const others = {
    "other.proto": OTHER,
    "public.proto": 'syntax = "proto3"; import public "other.proto";',
    "private.proto": 'syntax = "proto3"; import "other.proto"; message P { other.Thing t = 1; }',
  }
  assert.deepEqual(compileText('import "public.proto"; message M { other.Thing t = 1; }', others).diagnostics, [])
  assert.deepEqual(
    compileText('import "private.proto"; message M { P p = 1; other.Thing t = 2; }', others).diagnostics,
    [
      'a.proto:2:46: "other.Thing" seems to be defined in "other.proto", which is not imported by "a.proto".  To use it ' +
        "here, please add the necessary import.",
    ],
  )
})

test("files come after what they import", () => {
  const { files } = compileText('import "b.proto"; import "other.proto"; message M { other.Thing t = 1; B b = 2; }', {
    "other.proto": OTHER,
    "b.proto": 'syntax = "proto3"; import "other.proto"; message B { other.Thing t = 1; }',
  })
  assert.deepEqual(
    files.map(({ name }) => name),
    ["other.proto", "b.proto", "a.proto"],
  )
})

test("a broken import fails its importers, and its names stay free for others", () => {
  const { file, diagnostics } = compileText('import "broken.proto"; message Broken {} message M { Broken b = 1; }', {
    "broken.proto": 'syntax = "proto3"; message Broken { Missing m = 1; }',
  })
  assert.equal(file, undefined)
  assert.deepEqual(diagnostics, [
    'broken.proto:1:37: "Missing" is not defined.',
    'a.proto:2:1: Import "broken.proto" was not found or had errors.',
  ])
})

test("imports that lead round end", () => {
  const { diagnostics } = compileText('import "b.proto";', { "b.proto": 'syntax = "proto3"; import "a.proto";' })
  assert.deepEqual(diagnostics, [
    "a.proto:2:1: File recursively imports itself: a.proto -> b.proto -> a.proto",
    'b.proto:1:20: Import "a.proto" was not found or had errors.',
    'a.proto:2:1: Import "b.proto" was not found or had errors.',
  ])
})

test("an import that nothing is used of is a warning", () => {
  const { file, diagnostics } = compileText('import "other.proto";', { "other.proto": OTHER })
  assert.ok(file)
  assert.deepEqual(diagnostics, ["a.proto:2:1: warning: Import other.proto is unused."])
})

test("the bundled files need not be anywhere", () => {
  const { files, diagnostics } = compileText(`
    import "google/protobuf/api.proto";
    message M { google.protobuf.Api api = 1; }`)
  assert.deepEqual(diagnostics, [])
  assert.deepEqual(
    files.map(({ name }) => name),
    [
      "google/protobuf/source_context.proto",
      "google/protobuf/any.proto",
      "google/protobuf/type.proto",
      "google/protobuf/api.proto",
      "a.proto",
    ],
  )
})

test("a bundled file that is on the disk as proto3 is read from there", () => {
  const { files } = compileText('import "google/protobuf/empty.proto"; message M { google.protobuf.Own own = 1; }', {
    "google/protobuf/empty.proto": 'syntax = "proto3"; package google.protobuf; message Own {}',
  })
  assert.equal(files[0]?.messageType[0]?.name, "Own")
})

test("names of Object.prototype are names like others", () => {
  const { file, diagnostics } = compileText(`
    package constructor;
    message __proto__ { toString hasOwnProperty = 1; constructor.valueOf x = 2; }
    message toString {} message valueOf {}`)
  assert.deepEqual(diagnostics, [])
  assert.equal(file?.messageType[0]?.field[0]?.typeName, ".constructor.toString")
  assert.deepEqual(compileText("message M { toString a = 1; }").diagnostics, [
    'a.proto:2:13: "toString" is not defined.',
  ])
})
