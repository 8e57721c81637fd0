import assert from "node:assert/strict"
import { describe, it } from "node:test"
import {
  create,
  createFileRegistry,
  type DescFile,
  type DescService,
  fromBinary,
  type MessageInitShape,
} from "@bufbuild/protobuf"
import { FieldDescriptorProto_Type, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"
import { DescriptorIndex } from "./descriptor-index.js"

type FileInit = MessageInitShape<typeof FileDescriptorProtoSchema> & { readonly name: string }

/** Contracts each of which was compiled by itself: the last of its files, which may import those before. */
function contract(...files: readonly FileInit[]): DescFile {
  const set = create(FileDescriptorSetSchema, {
    file: files.map((file) => create(FileDescriptorProtoSchema, { syntax: "proto3", ...file })),
  })
  return createFileRegistry(set).getFile(files.at(-1)!.name)!
}

/** `example.proto` with a message `request` of one field, and a service that takes it. */
function example(service: string, field: string, dependency: readonly string[] = []): FileInit {
  return {
    name: "example.proto",
    package: "example",
    dependency: [...dependency],
    messageType: [
      { name: "request", field: [{ name: field, number: 1, type: FieldDescriptorProto_Type.INT32, label: 1 }] },
    ],
    service: [
      { name: service, method: [{ name: "Go", inputType: ".example.request", outputType: ".example.request" }] },
    ],
  }
}

function indexed(contracts: readonly DescFile[], further: readonly DescFile[] = []): DescriptorIndex {
  const services: DescService[] = contracts.flatMap((file) => file.services)
  return new DescriptorIndex(
    services.map(({ typeName }) => typeName),
    services,
    further,
  )
}

describe("an index of contracts that have never met", () => {
  const index = indexed([contract(example("First", "a")), contract(example("Second", "b"))])

  it("gives files of one name names of their own", () => {
    const [first, second] = [index.fileByName("example.proto"), index.fileByName("example-2.proto")]
    assert.equal(first!.proto.service[0]!.name, "First")
    assert.equal(second!.proto.service[0]!.name, "Second")
    assert.equal(second!.proto.name, "example-2.proto")
    assert.equal(fromBinary(FileDescriptorProtoSchema, second!.bytes).name, "example-2.proto")
    assert.equal(index.fileByName("example-3.proto"), undefined)
  })

  it("finds each service and method in its own file, and a message of both in the first", () => {
    const [first, second] = [index.fileByName("example.proto"), index.fileByName("example-2.proto")]
    for (const symbol of ["example.First", "example.First.Go", "example.request", "example.request.a"]) {
      assert.equal(index.fileOfSymbol(symbol), first, symbol)
    }
    for (const symbol of ["example.Second", "example.Second.Go", "example.request.b"]) {
      assert.equal(index.fileOfSymbol(symbol), second, symbol)
    }
  })

  it("has what both have in the same words once", () => {
    const shared: FileInit = { name: "shared.proto", package: "shared", messageType: [{ name: "M" }] }
    const both = indexed([
      contract(shared, example("First", "a", ["shared.proto"])),
      contract(shared, example("Second", "b", ["shared.proto"])),
    ])
    const [first, second] = [both.fileByName("example.proto")!, both.fileByName("example-2.proto")!]
    assert.equal(first.dependencies[0], second.dependencies[0])
    assert.equal(both.fileByName("shared-2.proto"), undefined)
    assert.deepEqual(second.proto.dependency, ["shared.proto"])
  })

  it("has importing files name what they import as it is called here, and leaves the descriptors alone", () => {
    const shared = (name: string): FileInit => ({ name: "shared.proto", package: "shared", messageType: [{ name }] })
    const importing = contract(shared("N"), {
      name: "b.proto",
      package: "b",
      dependency: ["shared.proto"],
      service: [{ name: "B" }],
    })
    const both = indexed([
      contract(shared("M"), { name: "a.proto", package: "a", dependency: ["shared.proto"], service: [{ name: "A" }] }),
      importing,
    ])
    assert.deepEqual(both.fileByName("a.proto")!.proto.dependency, ["shared.proto"])
    assert.deepEqual(both.fileByName("b.proto")!.proto.dependency, ["shared-2.proto"])
    assert.equal(both.fileOfSymbol("shared.N"), both.fileByName("shared-2.proto"))
    assert.deepEqual(importing.proto.dependency, ["shared.proto"])
  })

  it("tells apart files that differ only in what they import", () => {
    const shared = (name: string): FileInit => ({ name: "shared.proto", package: "shared", messageType: [{ name }] })
    const middle: FileInit = { name: "middle.proto", dependency: ["shared.proto"], messageType: [{ name: "Middle" }] }
    const top = (name: string): FileInit => ({
      name: `${name}.proto`,
      dependency: ["middle.proto"],
      service: [{ name }],
    })
    const both = indexed([contract(shared("M"), middle, top("A")), contract(shared("N"), middle, top("B"))])
    assert.deepEqual(both.fileByName("A.proto")!.proto.dependency, ["middle.proto"])
    assert.deepEqual(both.fileByName("B.proto")!.proto.dependency, ["middle-2.proto"])
    assert.deepEqual(both.fileByName("middle-2.proto")!.proto.dependency, ["shared-2.proto"])
  })

  it("finds a service that is served before a message of its name", () => {
    const served = indexed([
      contract({ name: "a.proto", messageType: [{ name: "Thing" }], service: [{ name: "Other" }] }),
      contract({ name: "b.proto", service: [{ name: "Thing" }] }),
    ])
    assert.equal(served.fileOfSymbol("Thing"), served.fileByName("b.proto"))
  })
})

describe("an index of all that a file can define", () => {
  const file = contract({
    name: "all.proto",
    package: "p.q",
    syntax: "proto2",
    messageType: [
      {
        name: "Outer",
        field: [{ name: "in_one", number: 1, type: FieldDescriptorProto_Type.INT32, label: 1, oneofIndex: 0 }],
        oneofDecl: [{ name: "one" }],
        extensionRange: [{ start: 100, end: 200 }],
        nestedType: [
          {
            name: "Inner",
            extension: [
              { name: "deep", number: 150, type: FieldDescriptorProto_Type.INT32, label: 1, extendee: ".p.q.Outer" },
            ],
            enumType: [{ name: "E", value: [{ name: "E_ZERO", number: 0 }] }],
          },
        ],
      },
    ],
    enumType: [{ name: "Top", value: [{ name: "TOP_ZERO", number: 0 }] }],
    extension: [{ name: "flat", number: 100, type: FieldDescriptorProto_Type.INT32, label: 1, extendee: ".p.q.Outer" }],
    service: [{ name: "S", method: [{ name: "Do", inputType: ".p.q.Outer", outputType: ".p.q.Outer" }] }],
  })
  const index = indexed([], [file])

  it("finds each by its full name, and nothing else", () => {
    const symbols = `Outer Outer.in_one Outer.one Outer.Inner Outer.Inner.deep Outer.Inner.E Outer.Inner.E_ZERO
      Top TOP_ZERO flat S S.Do`
    for (const symbol of symbols.split(/\s+/)) {
      assert.equal(index.fileOfSymbol(`p.q.${symbol}`)?.proto, file.proto, symbol)
    }
    for (const symbol of ["p", "p.q", "Outer", "p.q.Outer.", "p.q.Outer.Inner.E.E_ZERO", "__proto__", "constructor"]) {
      assert.equal(index.fileOfSymbol(symbol), undefined, symbol)
    }
    assert.deepEqual(index.services, [])
  })

  it("finds extensions wherever they are defined, by message and number", () => {
    assert.deepEqual(index.extensionNumbersOf("p.q.Outer"), [100, 150])
    assert.deepEqual(index.extensionNumbersOf("p.q.Outer.Inner"), [])
    assert.equal(index.extensionNumbersOf("p.q.S"), undefined)
    assert.equal(index.fileOfExtension("p.q.Outer", 150)?.proto, file.proto)
    assert.equal(index.fileOfExtension("p.q.Outer", 151), undefined)
    assert.equal(index.fileOfExtension("p.q.Inner", 150), undefined)
  })
})
