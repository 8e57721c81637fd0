import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { create, createFileRegistry, type DescFile } from "@bufbuild/protobuf"
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"
import { compile } from "../compile/index.js"
import { LocalNames, member, namesOf, propertyKey, safeIdentifier } from "./names.js"

function compileText(text: string): DescFile {
  const { files, diagnostics } = compile({ files: ["a-b/c.proto"], read: () => text })
  assert.deepEqual(diagnostics, [])
  return createFileRegistry(create(FileDescriptorSetSchema, { file: files })).getFile("a-b/c.proto")!
}

describe("namesOf", () => {
  it("joins nested names, leaves out the package, and escapes what TypeScript reserves", () => {
    const file = compileText(`
      syntax = "proto3"; package p.q;
      message Outer { message Inner { enum Kind { NONE = 0; } } }
      message delete { }
      message request { }
    `)
    const names = namesOf(file)
    const [outer, reserved, lower] = file.messages
    const inner = outer!.nestedMessages[0]!
    assert.equal(names.schema(file), "file_a_b_c")
    assert.deepEqual([names.shape(outer!), names.schema(outer!)], ["Outer", "OuterSchema"])
    assert.deepEqual([names.shape(inner), names.schema(inner)], ["Outer_Inner", "Outer_InnerSchema"])
    assert.equal(names.shape(inner.nestedEnums[0]!), "Outer_Inner_Kind")
    assert.deepEqual(names.codec(inner), {
      codec: "Outer_InnerCodec",
      encode: "encodeOuter_Inner",
      read: "readOuter_Inner",
    })
    assert.deepEqual([names.shape(reserved!), names.schema(reserved!)], ["delete$", "deleteSchema"])
    assert.deepEqual([names.shape(lower!), names.codec(lower!).encode], ["request", "encodeRequest"])
  })

  it("gives every name to one thing only", () => {
    const file = compileText(`
      syntax = "proto3";
      message A { message B { } }
      message A_B { }
      message A_BSchema { }
      message a_B { }
      service S { }
      message SSchema { }
    `)
    const names = namesOf(file)
    const messages = [...file.messages, ...file.messages[0]!.nestedMessages]
    const types = messages.flatMap((message) => [names.shape(message), names.schema(message)])
    const all = [...types, names.schema(file.services[0]!), names.schema(file)]
    assert.equal(new Set(all).size, all.length, all.join(" "))
    const codecs = messages.flatMap((message) => Object.values(names.codec(message)))
    assert.equal(new Set(codecs).size, codecs.length, codecs.join(" "))
  })
})

describe("names in code", () => {
  it("escapes reserved words alone", () => {
    assert.equal(safeIdentifier("class"), "class$")
    assert.equal(safeIdentifier("Class"), "Class")
  })

  it("quotes properties that are no identifiers", () => {
    assert.equal(propertyKey("plain"), "plain")
    assert.equal(propertyKey("1st"), '"1st"')
    assert.equal(member("message", "1st"), 'message["1st"]')
    assert.equal(member("message", "default"), "message.default")
  })

  it("keeps locals away from reserved words, from the function's own variables, from imports and from one another", () => {
    const locals = new LocalNames((name) => name === "declared")
    const chosen = ["name", "name", "in", "position", "readString", "declared", "1st", "arguments"].map((name) =>
      locals.choose(name),
    )
    assert.deepEqual(chosen, ["name", "name$", "in$", "position$", "readString$", "declared$", "$1st", "arguments$"])
  })
})
