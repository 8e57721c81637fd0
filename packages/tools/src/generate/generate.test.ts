import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { create, createFileRegistry, type DescFile, type MessageInitShape } from "@bufbuild/protobuf"
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"
import { toBinary } from "@farcall/protobuf"
import * as hostileCodecs from "../gen/hostile_codec.js"
import { Client, delete$ } from "../gen/hostile_grpc.js"
import * as hostileSchemas from "../gen/hostile_pb.js"
import { ThingCodec } from "../gen/south/thing_codec.js"
import { Things } from "../gen/south/thing_grpc.js"
import { generate } from "./generate.js"

type FileInit = MessageInitShape<typeof FileDescriptorProtoSchema>

const HOSTILE = '"; globalThis.escaped = true; //'

function fileOf(init: FileInit): DescFile {
  const proto = create(FileDescriptorProtoSchema, { name: "a.proto", syntax: "proto3", ...init } as FileInit)
  return createFileRegistry(create(FileDescriptorSetSchema, { file: [proto] })).getFile("a.proto")!
}

describe("generate", () => {
  it("refuses descriptors with names that would be code", () => {
    const files: FileInit[] = [
      { package: HOSTILE },
      { messageType: [{ name: HOSTILE }] },
      { messageType: [{ name: "A", field: [{ name: HOSTILE, number: 1, type: 5, label: 1 }] }] },
      { messageType: [{ name: "A", oneofDecl: [{ name: HOSTILE }] }] },
      { messageType: [{ name: "A", nestedType: [{ name: HOSTILE }] }] },
      { enumType: [{ name: HOSTILE, value: [{ name: "ZERO", number: 0 }] }] },
      { enumType: [{ name: "E", value: [{ name: HOSTILE, number: 0 }] }] },
      { service: [{ name: HOSTILE }] },
      {
        messageType: [{ name: "A" }],
        service: [{ name: "S", method: [{ name: HOSTILE, inputType: ".A", outputType: ".A" }] }],
      },
    ]
    for (const init of files) {
      assert.throws(() => generate([fileOf(init)]), / cannot be the name of a |invalid .*name/, JSON.stringify(init))
    }
  })

  it("refuses descriptors of files that would be written elsewhere", () => {
    const proto = create(FileDescriptorProtoSchema, { name: "../../elsewhere.proto", syntax: "proto3" })
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [proto] }))
    assert.throws(() => generate([registry.getFile("../../elsewhere.proto")!]), /is not the path of a \.proto file/)
  })
})

describe("the keys and values of a map", () => {
  for (const [syntax, checked] of [
    ["proto2", false],
    ["proto3", true],
  ] as const) {
    it(`${checked ? "must" : "need not"} be UTF-8 in ${syntax}`, () => {
      const entry = {
        name: "MEntry",
        options: { mapEntry: true },
        field: [
          { name: "key", number: 1, type: 9, label: 1 },
          { name: "value", number: 2, type: 9, label: 1 },
        ],
      }
      const map = { name: "m", number: 1, type: 11, label: 3, typeName: ".A.MEntry" }
      const file = fileOf({ syntax, messageType: [{ name: "A", field: [map], nestedType: [entry] }] } as FileInit)
      const { text } = generate([file]).find(({ path }) => path.endsWith("_codec.ts"))!
      assert.equal(text.match(/= readLossyString\(/g)?.length ?? 0, checked ? 0 : 2)
      assert.equal(text.match(/= read(?:String|Key)\(/g)?.length ?? 0, checked ? 2 : 0)
    })
  }
})

describe("generated code of hostile names, comments and strings", () => {
  it("has run nothing of theirs", () => {
    assert.ok(Object.keys(hostileCodecs).length > 10)
    assert.ok(!("escaped" in globalThis))
    for (const value of [hostileCodecs, Client, delete$]) assert.ok(!("escaped" in value))
  })

  it("has their methods under names that are free", () => {
    assert.deepEqual(Object.keys(delete$.methods), ["constructor$", "then", "__proto__", "toString$"])
    assert.deepEqual(
      Object.values(delete$.methods).map(({ path, kind, idempotency }) => [path, kind, idempotency]),
      [
        ["/farcall.hostile.delete/constructor", "unary", undefined],
        ["/farcall.hostile.delete/then", "bidiStreaming", undefined],
        ["/farcall.hostile.delete/__proto__", "unary", "NO_SIDE_EFFECTS"],
        ["/farcall.hostile.delete/toString", "serverStreaming", "IDEMPOTENT"],
      ],
    )
    assert.equal(delete$.methods["constructor$"].input, hostileCodecs.requestCodec)
  })

  it("leads from a service to its descriptor", async () => {
    assert.equal(await delete$.descriptor!(), hostileSchemas.delete$)
    assert.equal(await Client.descriptor!(), hostileSchemas.Client)
  })

  it("takes what an initialiser has for itself, not what it inherits", () => {
    const { InheritedCodec } = hostileCodecs
    assert.equal(toBinary(InheritedCodec, {} as never).length, 0)
    const bytes = toBinary(InheritedCodec, { hasOwnProperty: "a", toLocaleString: [1] } as never)
    assert.equal(Buffer.from(bytes).toString("hex"), "0a0161120101")
    const message = InheritedCodec.decode(bytes, 0, bytes.length)
    assert.equal(message.hasOwnProperty, "a")
    assert.equal(message.isPrototypeOf, undefined)
  })
})

describe("two files of one name in different folders", () => {
  it("find one another", () => {
    const bytes = toBinary(ThingCodec, { thing: { name: "north" }, sizes: [1], tree: { left: { name: "leaf" } } })
    const thing = ThingCodec.decode(bytes, 0, bytes.length)
    assert.equal(thing.$typeName, "farcall.south.Thing")
    assert.equal(thing.thing?.$typeName, "farcall.north.Thing")
    assert.equal(thing.tree?.left?.name, "leaf")
    assert.equal(Things.methods.compare.output, ThingCodec)
    assert.equal(Things.methods.compare.input.typeName, "farcall.north.Thing")
    assert.equal(Things.methods.compare.kind, "clientStreaming")
  })
})
