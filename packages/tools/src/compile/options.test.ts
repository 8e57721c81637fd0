import assert from "node:assert/strict"
import { test } from "node:test"
import { create, createFileRegistry, getOption, type Message } from "@bufbuild/protobuf"
import { FileDescriptorSetSchema, FileOptions_OptimizeMode } from "@bufbuild/protobuf/wkt"
import { compileText } from "../test-support/compile-text.js"

const DEFINITIONS = `
  import "google/protobuf/descriptor.proto";
  package opts;
  message Rules {
    int32 max = 1; repeated string tags = 2; Rules inner = 3; Level level = 4; map<string, int64> sizes = 5;
    oneof kind { string text = 6; bytes raw = 7; }
  }
  enum Level { LOW = 0; HIGH = 1; }
  extend google.protobuf.MessageOptions { Rules rules = 50000; repeated int32 list = 50001; double ratio = 50002; }
`

/** The value of an extension of MessageOptions on the message M, as protobuf-es reads it back. */
function messageOption(statements: string, extension: string, more: string = ""): unknown {
  const { files, diagnostics } = compileText(`${DEFINITIONS} ${more} message M { ${statements} }`)
  assert.deepEqual(diagnostics, [])
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...files] }))
  return getOption(registry.getMessage("opts.M")!, registry.getExtension(extension)!)
}

test("what descriptor.proto defines is set on the options themselves", () => {
  const { file } = compileText(`
    option java_package = "x.y"; option optimize_for = CODE_SIZE;
    message M { option deprecated = true; repeated int32 a = 1 [packed = false, deprecated = true]; }`)
  assert.equal(file?.options?.javaPackage, "x.y")
  assert.equal(file?.options?.optimizeFor, FileOptions_OptimizeMode.CODE_SIZE)
  assert.equal(file?.messageType[0]?.options?.deprecated, true)
  const options = file?.messageType[0]?.field[0]?.options
  assert.deepEqual([options?.packed, options?.deprecated], [false, true])
})

test("custom options of scalars, repeated ones in order", () => {
  assert.deepEqual(messageOption("option (list) = 3; option (.opts.list) = -1;", "opts.list"), [3, -1])
  assert.equal(messageOption("option (opts.ratio) = -inf;", "opts.ratio"), Number.NEGATIVE_INFINITY)
})

test("dotted names fill one message", () => {
  const rules = messageOption(
    'option (rules).max = 5; option (rules).inner.level = HIGH; option (rules).tags = "a"; option (rules).tags = "b";',
    "opts.rules",
  ) as Message & { max: number; inner: { level: number }; tags: string[] }
  assert.equal(rules.max, 5)
  assert.equal(rules.inner.level, 1)
  assert.deepEqual(rules.tags, ["a", "b"])
})

test("aggregates are text format", () => {
  const rules = messageOption(
    `option (rules) = {
      max: 0x10, tags: ["a", 'b' "c"]; inner < level: HIGH raw: "\\377" > inner_: {}
    };`.replace(" inner_: {}", ' sizes { key: "k" value: -1 }'),
    "opts.rules",
  ) as Message & Record<string, unknown>
  assert.equal(rules["max"], 16)
  assert.deepEqual(rules["tags"], ["a", "bc"])
  assert.deepEqual(rules["sizes"], { k: -1n })
  const inner = rules["inner"] as { level: number; kind: { case: string; value: Uint8Array } }
  assert.equal(inner.level, 1)
  assert.deepEqual(inner.kind, { case: "raw", value: new Uint8Array([255]) })
})

test("the location of an option is that of the field it sets", () => {
  const { file } = compileText(
    `${DEFINITIONS} message M { option (rules).inner.max = 1; option (list) = 1; option (list) = 2; }`,
  )
  const paths = file?.sourceCodeInfo?.location.map(({ path }) => path.join("."))
  for (const path of ["4.1.7.50000.3.1", "4.1.7.50001.0", "4.1.7.50001.1"]) assert.ok(paths?.includes(path), path)
  assert.ok(!paths?.some((path) => path.includes("999")))
})

test("options for the source only are left out", () => {
  const { file } = compileText(`
    import "google/protobuf/descriptor.proto";
    extend google.protobuf.MessageOptions { string note = 50000 [retention = RETENTION_SOURCE]; }
    message M { option (note) = "x"; }`)
  assert.ok(file?.messageType[0])
  assert.equal(file.messageType[0].options, undefined)
  // FileDescriptorProto.message_type, DescriptorProto.options.
  const ofOptions = file.sourceCodeInfo?.location.filter(({ path }) => path[0] === 4 && path[2] === 7)
  assert.deepEqual(ofOptions, [])
})

test("in the bytes of an Any, options for the source only stay", () => {
  const any = `
    import "google/protobuf/any.proto";
    message Inner { int32 noted = 1 [retention = RETENTION_SOURCE]; int32 kept = 2; }
    extend google.protobuf.MessageOptions { google.protobuf.Any any = 50005; }`
  const set = "option (any) = { [type.googleapis.com/opts.Inner] { noted: 1 kept: 2 } };"
  const { value } = messageOption(set, "opts.any", any) as Message & { value: Uint8Array }
  assert.deepEqual([...value], [0x08, 1, 0x10, 2])
})

test("one mistake in a declaration's options is told, and those of others too", () => {
  const { diagnostics } = compileText(`${DEFINITIONS}
message M {
  option (rules).max = "x";
  option (rules).nothing = 1;
}
message N { option deprecated = 1; }`)
  assert.deepEqual(diagnostics, [
    'a.proto:16:33: Value must be identifier for boolean option "google.protobuf.MessageOptions.deprecated".',
    'a.proto:13:24: Value must be integer, from -2147483648 to 2147483647, for int32 option "opts.Rules.max".',
  ])
})

test("strings of options are UTF-8 where their type asks for it", () => {
  const proto3 = `${DEFINITIONS} message S { string text = 1; } extend google.protobuf.FieldOptions { S s = 50009; }`
  const complaint = 'String field "text" contains invalid UTF-8.'
  const options = (text: string): string | undefined =>
    compileText(`${proto3} message M { int32 a = 1 [${text}]; }`).diagnostics[0]?.replace(/^[^ ]+ /, "")
  assert.equal(options('(s).text = "\\377"'), complaint)
  assert.equal(options('(s) = { text: "\\377" }'), `Error while parsing option value for "s": ${complaint}`)
  assert.equal(options('(s).text = "\\303\\244"'), undefined)
})
