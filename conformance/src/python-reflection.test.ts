import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { after, before, describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import {
  clearField,
  clone,
  createFileRegistry,
  type DescFile,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf"
import {
  type DescriptorProto,
  FieldDescriptorProtoSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt"
import { type Client, createChannel, createClient, createServer } from "farcall"
import { addReflection, type ServerReflection, ServerReflectionV1Alpha } from "farcall/reflection"
import * as health from "../../packages/farcall/dist/gen/grpc/health/v1/health_pb.js"
import * as v1 from "../../packages/farcall/dist/gen/grpc/reflection/v1/reflection_pb.js"
import * as v1alpha from "../../packages/farcall/dist/gen/grpc/reflection/v1alpha/reflection_pb.js"
import { file_every_kind } from "../../packages/tools/dist/gen/every_kind_pb.js"
import { delete$, Client as Hostile } from "../../packages/tools/dist/gen/hostile_grpc.js"
import { Things } from "../../packages/tools/dist/gen/south/thing_grpc.js"
import { protocProgram } from "./protoc.js"
import { ChildProgram, freePort } from "./test-support/child-program.js"
import { transcripts } from "./test-support/transcripts.js"

// Reflection between ours and grpcio's, both ways, over sockets. What a server of ours says of its contract is protoc's
// descriptor, field by field.
const python = process.env["FARCALL_PYTHON"]
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const folder = join(root, "conformance/python")
const env = { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: "1" }
const skip = python ? false : "FARCALL_PYTHON names no Python with grpcio; npm test makes one"

/** Where protoc's descriptors are put. */
let scratch: string
before(async () => (scratch = await mkdtemp(join(tmpdir(), "farcall-reflection-"))))
after(() => rm(scratch, { recursive: true }))

describe("reflection of our servers, read by grpcio's client: protoc's descriptors", { skip, concurrency: 2 }, () => {
  for (const system of Object.keys(transcripts)) {
    it(`of ${system}`, async () => {
      const port = await freePort()
      const command = [process.execPath, join(root, "examples", system, "dist/server.js"), "--port", `${port}`]
      const server = new ChildProgram(command, {}, 60_000)
      try {
        await server.firstLine()
        const lines = await readBack(port, await descriptorSet(system, join(root, "examples", system, "proto")))
        assert.match(lines[0]!, /^\w+\.proto: equal$/)
        assert.equal(lines.length, 5) // the file, and four services
      } finally {
        await server.kill()
      }
    })
  }

  it("of contracts with every kind of field, hostile names and imports", async () => {
    await using server = createServer()
    server.add(delete$, {}).add(Hostile, {}).add(Things, {})
    addReflection(server, { files: [file_every_kind] })
    const { port } = await server.listen("127.0.0.1:0")
    const lines = await readBack(port!, await descriptorSet("kinds", join(root, "packages/tools/proto")))
    const files = lines.filter((line) => line.includes(".proto: "))
    assert.ok(files.length > 8)
    for (const line of files) assert.match(line, /: equal$/)
    assert.ok(lines.includes("farcall.hostile.delete: constructor then __proto__ toString"), lines.join("\n"))
  })

  it("of proto2 with extensions and options of its own", async () => {
    const protos = join(scratch, "protos")
    await mkdir(protos)
    for (const [name, text] of Object.entries(extensionsContract)) await writeFile(join(protos, name), text)
    const set = await descriptorSet("extensions", protos)
    const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, await readFile(set)))
    await using server = createServer()
    server.add(registry.getService("ext.Service")!, {})
    addReflection(server, { files: [registry.getFile("extending.proto")!] })
    const { port } = await server.listen("127.0.0.1:0")
    const lines = await readBack(port!, set)
    assert.deepEqual(lines.filter((line) => line.includes(".proto: ")).sort(), [
      "base.proto: equal",
      "extending.proto: equal",
      "google/protobuf/descriptor.proto: equal",
    ])
  })
})

describe("grpcio's reflection, read by our client", { skip }, () => {
  let server: ChildProgram
  let client: Client<typeof ServerReflection>
  let close: () => Promise<void>
  before(async () => {
    server = new ChildProgram([python!, join(folder, "reflection/server.py")], env, 60_000)
    const channel = createChannel(`127.0.0.1:${await server.firstLine()}`)
    // grpcio has no v1 yet, whose messages are of the same form.
    client = createClient(ServerReflectionV1Alpha, channel, { timeoutMs: 20_000 }) as never
    close = () => channel.close()
  })
  after(async () => {
    await close?.()
    await server?.kill()
  })

  it("lists services, and says what is not there", async () => {
    const [services, none] = await ask(client, [
      { case: "listServices", value: "" },
      { case: "fileContainingSymbol", value: "no.Such" },
    ])
    assert.ok(services!.case === "listServicesResponse" && none!.case === "errorResponse")
    assert.deepEqual(services.value.service.map(({ name }) => name).sort(), [
      "grpc.health.v1.Health",
      "grpc.reflection.v1alpha.ServerReflection",
    ])
    assert.equal(none.value.errorCode, 5)
  })

  it("has contracts of health and reflection that are ours, name by name and number by number", async () => {
    const symbols = ["grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"]
    const answers = await ask(
      client,
      symbols.map((value) => ({ case: "fileContainingSymbol", value })),
    )
    const [theirHealth, theirReflection] = answers.map((answer) => {
      assert.ok(answer.case === "fileDescriptorResponse")
      return fromBinary(FileDescriptorProtoSchema, answer.value.fileDescriptorProto[0]!)
    })
    assert.deepEqual(contractOf(health.file_grpc_health_v1_health.proto), contractOf(theirHealth!))
    const ours = v1alpha.file_grpc_reflection_v1alpha_reflection
    assert.deepEqual(contractOf(ours.proto), contractOf(theirReflection!))
    assert.deepEqual(contractOf(v1.file_grpc_reflection_v1_reflection.proto), contractOf(inV1(ours)))
  })
})

type Question = NonNullable<MessageInitShape<typeof v1.ServerReflectionRequestSchema>["messageRequest"]>

async function ask(
  client: Client<typeof ServerReflection>,
  questions: readonly Question[],
): Promise<v1.ServerReflectionResponse["messageResponse"][]> {
  const answers: v1.ServerReflectionResponse["messageResponse"][] = []
  const requests = questions.map((messageRequest) => ({ messageRequest }))
  for await (const { messageResponse } of client.serverReflectionInfo(requests)) answers.push(messageResponse)
  return answers
}

/** What grpcio's client has read: a line for each of the files of a set of descriptors, and for each service. */
async function readBack(port: number, set: string): Promise<readonly string[]> {
  return new ChildProgram([python!, join(folder, "reflection/client.py"), `${port}`, set], env, 60_000).end()
}

/** protoc's descriptors of all .proto files in and below a folder; returns the path of the set. */
async function descriptorSet(name: string, protos: string): Promise<string> {
  const set = join(scratch, `${name}.binpb`)
  const files = (await readdir(protos, { recursive: true })).filter((path) => path.endsWith(".proto"))
  const flags = ["-I", protos, `--descriptor_set_out=${set}`, "--include_imports"]
  const { status, stderr } = spawnSync(protocProgram(), [...flags, ...files], { encoding: "utf8" })
  assert.equal(status, 0, stderr)
  return set
}

/** All that makes out a contract on the wire and in code: not the options of generators, nor the name of the file. */
function contractOf(file: FileDescriptorProto): Uint8Array {
  const contract = clone(FileDescriptorProtoSchema, file)
  contract.name = ""
  clearField(contract, FileDescriptorProtoSchema.field.options)
  const withoutJsonNames = ({ field, nestedType }: DescriptorProto): void => {
    for (const each of field) clearField(each, FieldDescriptorProtoSchema.field.jsonName)
    nestedType.forEach(withoutJsonNames)
  }
  contract.messageType.forEach(withoutJsonNames)
  return toBinary(FileDescriptorProtoSchema, contract)
}

/** The contract of v1alpha under v1's name. */
function inV1({ proto }: DescFile): FileDescriptorProto {
  const renamed = clone(FileDescriptorProtoSchema, proto)
  renamed.package = "grpc.reflection.v1"
  const rename = (type: string): string => type.replace(".grpc.reflection.v1alpha.", ".grpc.reflection.v1.")
  for (const field of renamed.messageType.flatMap((message) => message.field)) {
    // What is set to nothing is not the same as what is not set.
    if (field.typeName !== "") field.typeName = rename(field.typeName)
  }
  for (const method of renamed.service.flatMap((service) => service.method)) {
    method.inputType = rename(method.inputType)
    method.outputType = rename(method.outputType)
  }
  return renamed
}

const extensionsContract = {
  "base.proto": `syntax = "proto2";
package ext;
import "google/protobuf/descriptor.proto";
extend google.protobuf.MethodOptions { optional string role = 50001; }
message Base { extensions 100 to 199; optional int32 own_field = 1; }
service Service { rpc Do(Base) returns (Base) { option (role) = "reader"; } }
`,
  "extending.proto": `syntax = "proto2";
package ext.more;
import "base.proto";
extend ext.Base { optional int32 flat_one = 100; repeated Extra extra = 101 [deprecated = true]; }
message Extra { extend ext.Base { optional Extra nested = 150; } optional group Grouped = 1 { optional bool yes = 1 [default = true]; } }
`,
}
