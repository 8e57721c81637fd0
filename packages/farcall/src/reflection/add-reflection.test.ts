import assert from "node:assert/strict"
import { type Debugger, Session } from "node:inspector"
import { describe, it } from "node:test"
import type { MessageInitShape } from "@bufbuild/protobuf"
import type { Client } from "../client/client.js"
import { limits } from "../core/limits.js"
import type { StatusError } from "../core/status-error.js"
import type {
  ServerReflectionRequestSchema,
  ServerReflectionResponse,
} from "../gen/grpc/reflection/v1/reflection_pb.js"
import { ServerReflection as ServerReflectionV1Alpha } from "../gen/grpc/reflection/v1alpha/reflection_grpc.js"
import { addHealth, Health } from "../health/index.js"
import { failureOf } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { createTestPair, type TestPair } from "../testing/test-pair.js"
import { virtualClock } from "../testing/virtual-clock.js"
import { addReflection, type ReflectionOptions, ServerReflection } from "./index.js"

type Question = NonNullable<MessageInitShape<typeof ServerReflectionRequestSchema>["messageRequest"]>

/** The parrot, whose service comes from no .proto, with health and reflection. */
function open(options?: ReflectionOptions): Promise<TestPair<typeof Parrot>> {
  return createTestPair(
    Parrot,
    { say: (request) => request },
    {
      configure: (server) => {
        addReflection(server, options)
        addHealth(server)
      },
    },
  )
}

/** The answers to questions that are asked on one stream. */
async function ask(
  client: Client<typeof ServerReflection>,
  ...questions: Question[]
): Promise<ServerReflectionResponse[]> {
  const responses: ServerReflectionResponse[] = []
  const requests = questions.map((messageRequest) => ({ host: "h", messageRequest }))
  for await (const response of client.serverReflectionInfo(requests)) responses.push(response)
  return responses
}

/** An answer in short: names of services, numbers, the names of files, or the error. */
async function brief({ messageResponse: { case: kind, value } }: ServerReflectionResponse): Promise<unknown> {
  if (kind === "listServicesResponse") return value.service.map(({ name }) => name)
  if (kind === "allExtensionNumbersResponse") return [value.baseTypeName, ...value.extensionNumber]
  if (kind === "errorResponse") return `${value.errorCode} ${value.errorMessage}`
  const [{ fromBinary }, { FileDescriptorProtoSchema }] = await Promise.all([
    import("@bufbuild/protobuf"),
    import("@bufbuild/protobuf/wkt"),
  ])
  return value!.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name)
}

/** The modules of descriptors that this process has loaded. */
function descriptorsLoaded(): string[] {
  const urls: string[] = []
  const session = new Session()
  session.connect()
  session.on("Debugger.scriptParsed", ({ params }: { params: Debugger.ScriptParsedEventDataType }) =>
    urls.push(params.url),
  )
  session.post("Debugger.enable")
  session.disconnect()
  assert.ok(urls.length > 50)
  return urls
    .filter((url) => /_pb\.js$|descriptor-index\.js$/.test(url))
    .map((url) => url.slice(url.lastIndexOf("/") + 1))
}

describe("reflection", () => {
  // The first test of the file: after the others the descriptors are there.
  it("loads no descriptor before the first client asks", async () => {
    await using pair = await open()
    await pair.client.say({ text: "" })
    assert.equal((await pair.clientOf(Health).check({ service: "" })).status, 1)
    assert.deepEqual(descriptorsLoaded(), [])
    await ask(pair.clientOf(ServerReflection), { case: "listServices", value: "" })
    const loaded = descriptorsLoaded()
    for (const name of ["descriptor-index.js", "health_pb.js", "reflection_pb.js"])
      assert.ok(loaded.includes(name), name)
  })

  for (const version of ["v1", "v1alpha"] as const) {
    it(`answers all that can be asked, by ${version}`, async () => {
      const { file_google_rpc_error_details } = await import("../gen/google/rpc/error_details_pb.js")
      await using pair = await open({ files: [file_google_rpc_error_details] })
      // Of the same form, whatever the types are called.
      const client = pair.clientOf(version === "v1" ? ServerReflection : (ServerReflectionV1Alpha as never))
      const questions: [Question, unknown][] = [
        [
          { case: "listServices", value: "*" },
          [
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection",
            "test.Parrot",
          ],
        ],
        [{ case: "fileContainingSymbol", value: "grpc.health.v1.Health.Watch" }, ["grpc/health/v1/health.proto"]],
        [{ case: "fileByFilename", value: "grpc/health/v1/health.proto" }, ["grpc/health/v1/health.proto"]],
        [
          { case: "fileContainingSymbol", value: "google.rpc.RetryInfo" },
          ["google/rpc/error_details.proto", "google/protobuf/duration.proto"],
        ],
        // What it imports was sent before.
        [{ case: "fileByFilename", value: "google/rpc/error_details.proto" }, ["google/rpc/error_details.proto"]],
        [{ case: "fileByFilename", value: "google/protobuf/duration.proto" }, ["google/protobuf/duration.proto"]],
        [{ case: "allExtensionNumbersOfType", value: "google.rpc.Help" }, ["google.rpc.Help"]],
        [{ case: "fileByFilename", value: "no.proto" }, '5 there is no file "no.proto" here'],
        [{ case: "fileContainingSymbol", value: "no.Such" }, "5 nothing here is called no.Such"],
        [
          { case: "fileContainingSymbol", value: "test.Parrot" },
          "5 the service test.Parrot has no descriptor here: it does not come from a .proto",
        ],
        [{ case: "allExtensionNumbersOfType", value: "no.Such" }, "5 no message here is called no.Such"],
        [
          { case: "fileContainingExtension", value: { containingType: "google.rpc.Help", extensionNumber: 7 } },
          "5 no extension 7 of google.rpc.Help is known here",
        ],
        [{ case: "fileContainingSymbol", value: "" }, '3 "" is no name of the form package.Name'],
        [{ case: "allExtensionNumbersOfType", value: "a..b" }, '3 "a..b" is no name of the form package.Name'],
        [
          { case: "fileContainingExtension", value: { containingType: ".a", extensionNumber: 1 } },
          '3 ".a" is no name of the form package.Name',
        ],
        [{ case: undefined }, "3 the request asks for nothing that is known here"],
        [{ case: "fileContainingSymbol", value: "a".repeat(1_025) }, "3 a name has 1025 characters, the limit is 1024"],
      ]
      const responses = await ask(client, ...questions.map(([question]) => question))
      assert.deepEqual(
        await Promise.all(responses.map(brief)),
        questions.map(([, expected]) => expected),
      )
      const [first] = responses
      assert.equal(first!.$typeName, `grpc.reflection.${version}.ServerReflectionResponse`)
      assert.equal(first!.validHost, "h")
      assert.deepEqual(first!.originalRequest?.messageRequest, questions[0]![0])
      assert.equal(responses.at(-1)!.originalRequest, undefined)
    })
  }

  it("knows services that protoc-gen-es describes, and those that are added later", async () => {
    await using pair = await createTestPair(Parrot, {}, { configure: (server) => addReflection(server) })
    const client = pair.clientOf(ServerReflection)
    const symbol: Question = { case: "fileContainingSymbol", value: "grpc.health.v1.Health" }
    const [before] = await ask(client, symbol)
    assert.equal(before!.messageResponse.case, "errorResponse")
    const described = await import("../gen/grpc/health/v1/health_pb.js")
    await pair.add(described.Health, {})
    const [after] = await ask(client, symbol)
    assert.deepEqual(await brief(after!), ["grpc/health/v1/health.proto"])
  })

  it("tells its handler's error, and the next client what there is then, when descriptors cannot be loaded", async () => {
    const told: unknown[] = []
    let broken = true
    const failing: typeof Health = {
      ...Health,
      descriptor: () => (broken ? Promise.reject(new Error("no such module")) : Health.descriptor!()),
    }
    await using pair = await createTestPair(
      failing,
      {},
      { configure: (server) => addReflection(server), server: { onHandlerError: (error) => told.push(error) } },
    )
    const client = pair.clientOf(ServerReflection)
    const error = await failureOf(ask(client, { case: "listServices", value: "" }))
    assert.equal(error.code, "UNKNOWN")
    assert.match(String(told[0]), /no such module/)
    broken = false
    const [response] = await ask(client, { case: "fileContainingSymbol", value: "grpc.health.v1.Health" })
    assert.deepEqual(await brief(response!), ["grpc/health/v1/health.proto"])
  })

  it("ends a stream that asks too often", async () => {
    await using pair = await open()
    let answers = 0
    const requests = Array(limits.maxReflectionRequests + 1).fill({
      messageRequest: { case: "fileByFilename", value: "no" },
    })
    const call = async (): Promise<void> => {
      for await (const _ of pair.clientOf(ServerReflection).serverReflectionInfo(requests)) answers++
    }
    const error: StatusError = await failureOf(call())
    assert.equal(error.code, "RESOURCE_EXHAUSTED")
    assert.match(error.message, /^a stream of reflection has 10000 requests at the most/)
    assert.equal(answers, limits.maxReflectionRequests)
  })

  it("does not hold up a shutdown: streams end once they have answered", async () => {
    const clock = virtualClock()
    await using pair = await createTestPair(Parrot, {}, { clock, configure: (server) => addReflection(server) })
    const call = pair.clientOf(ServerReflection).serverReflectionInfo()
    const reading = call[Symbol.asyncIterator]()
    await call.write({ messageRequest: { case: "listServices", value: "" } })
    assert.equal((await reading.next()).value!.messageResponse.case, "listServicesResponse")
    await pair.server.shutdown({ graceMs: 60_000 })
    assert.equal((await reading.next()).done, true)
    assert.equal((await call.status).code, "OK")
    assert.ok(clock.now() < 60_000)
  })

  it("leaves out of a long answer what clients can ask for by name", async () => {
    const { ReflectedFile } = await import("./reflected-file.js")
    const { answer } = await import("./answer.js")
    const { create } = await import("@bufbuild/protobuf")
    const { FileDescriptorProtoSchema } = await import("@bufbuild/protobuf/wkt")
    const file = (name: string, kilobytes: number, dependencies: InstanceType<typeof ReflectedFile>[] = []) =>
      new ReflectedFile(
        create(FileDescriptorProtoSchema, { name, package: "p".repeat(kilobytes * 1024) }),
        dependencies,
      )
    const [small, large] = [file("small.proto", 1), file("large.proto", 1024)]
    const top = file("top.proto", 1, [small, large])
    const index = { fileByName: () => top }
    const sent = new Set<InstanceType<typeof ReflectedFile>>()
    const { value } = answer({ case: "fileByFilename", value: "top.proto" }, index as never, sent)
    assert.deepEqual((value as { fileDescriptorProto: Uint8Array[] }).fileDescriptorProto, [top.bytes, small.bytes])
    assert.deepEqual([...sent], [top, small])
  })
})
