import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { fromBinary } from "@bufbuild/protobuf"
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt"
import fc from "fast-check"
import { file_google_rpc_error_details } from "../gen/google/rpc/error_details_pb.js"
import { Health } from "../gen/grpc/health/v1/health_pb.js"
import { answer, type Question } from "./answer.js"
import { DescriptorIndex } from "./descriptor-index.js"
import type { ReflectedFile } from "./reflected-file.js"
import { symbolsIn } from "./symbols.js"

const index = new DescriptorIndex([Health.typeName], [Health], [file_google_rpc_error_details])
const files = ["grpc/health/v1/health.proto", "google/rpc/error_details.proto", "google/protobuf/duration.proto"]
const symbols = files.flatMap((name) => [...symbolsIn(index.fileByName(name)!.proto)])

const name = fc.oneof(
  fc.constantFrom(...symbols, ...files, "__proto__", "constructor.prototype", ""),
  fc.string(),
  fc.constantFrom(...symbols).map((symbol) => symbol.slice(0, -1)),
)
const question: fc.Arbitrary<Question> = fc.oneof(
  fc.record({
    case: fc.constantFrom("fileByFilename", "fileContainingSymbol", "allExtensionNumbersOfType", "listServices"),
    value: name,
  }),
  fc.record({
    case: fc.constant("fileContainingExtension"),
    value: fc.record({ containingType: name, extensionNumber: fc.integer() }),
  }),
)

describe("answers of reflection", () => {
  it("to any questions on a stream are files, each sent with what it imports unless that was sent before, or errors", () => {
    fc.assert(
      fc.property(fc.array(question, { maxLength: 20 }), (questions) => {
        const sent = new Set<ReflectedFile>()
        const received = new Set<string>()
        for (const asked of questions) {
          const { case: kind, value } = answer(asked, index, sent)
          if (kind === "errorResponse") {
            assert.ok(value.errorCode === 3 || value.errorCode === 5)
            assert.notEqual(value.errorMessage, "")
          }
          if (kind !== "fileDescriptorResponse") continue
          const protos = value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes))
          const [first, ...others] = protos
          if (asked.case === "fileByFilename") assert.equal(first!.name, asked.value)
          else assert.ok([...symbolsIn(first!)].includes(asked.value as string))
          for (const other of others) assert.ok(!received.has(other.name), `${other.name} was sent before`)
          for (const proto of protos) received.add(proto.name)
          for (const proto of protos) for (const imported of proto.dependency) assert.ok(received.has(imported))
        }
      }),
    )
  })

  it("know every symbol of every file", () => {
    assert.ok(symbols.length > 50)
    for (const symbol of symbols) {
      const { case: kind } = answer({ case: "fileContainingSymbol", value: symbol }, index, new Set())
      assert.equal(kind, "fileDescriptorResponse", symbol)
    }
  })
})
