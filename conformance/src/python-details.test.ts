import assert from "node:assert/strict"
import { join } from "node:path"
import { describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import type { DescMessage, Message } from "@bufbuild/protobuf"
import { toJson } from "@bufbuild/protobuf"
import { bytesMethod, createChannel, createClient, createServer, StatusError } from "farcall"
import {
  badRequest,
  debugInfo,
  detailsOf,
  errorInfo,
  help,
  localizedMessage,
  preconditionFailure,
  quotaFailure,
  requestInfo,
  resourceInfo,
  retryInfo,
} from "farcall/error-details"
import * as schemas from "../../packages/farcall/dist/gen/google/rpc/error_details_pb.js"
import { ChildProgram } from "./test-support/child-program.js"

// The ten standard details of an error between ours and grpcio-status, both ways: each side reads what the other wrote.
const python = process.env["FARCALL_PYTHON"]
const folder = fileURLToPath(new URL("../python", import.meta.url))
const env = { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: "1" }
const skip = python ? false : "FARCALL_PYTHON names no Python with grpcio; npm test makes one"

const Details = {
  typeName: "details.Details",
  methods: { fail: bytesMethod("/details.Details/Fail", "unary") },
} as const

/** As conformance/python/details/details.py has them. */
const allTen = [
  errorInfo({ reason: "API_DISABLED", domain: "example.com", metadata: { service: "a", größe: "✓" } }),
  retryInfo({ delayMs: 90_500 }),
  debugInfo({ stackEntries: ["at a", "at b"], detail: "deep down" }),
  quotaFailure([
    {
      subject: "project:p",
      description: "too many",
      apiService: "compute.example.com",
      quotaMetric: "cpus",
      quotaId: "CPUS",
      quotaDimensions: { region: "europe" },
      quotaValue: 2n ** 53n + 1n,
      futureQuotaValue: 0n,
    },
  ]),
  preconditionFailure([{ type: "TOS", subject: "terms", description: "not agreed to" }]),
  badRequest([
    { field: "name", description: "must not be empty" },
    {
      field: "age",
      description: "is too high",
      reason: "TOO_HIGH",
      localizedMessage: { locale: "de", message: "zu hoch" },
    },
  ]),
  requestInfo({ requestId: "4711", servingData: "shard 3" }),
  resourceInfo({ resourceType: "table", resourceName: "users", owner: "ada", description: "is locked" }),
  help([{ description: "read on", url: "https://example.com/help" }]),
  localizedMessage({ locale: "de-CH", message: "Das geht nicht" }),
]

describe("the standard details of errors", { skip }, () => {
  it("of a server on grpcio-status, read by ours", async () => {
    const server = new ChildProgram([python!, join(folder, "details/server.py")], env, 60_000)
    try {
      await server.lineThat((line) => line === "ready")
      const [port, ...expected] = server.lines.slice(0, -1)
      assert.equal(expected.length, 11)
      await using channel = createChannel(`127.0.0.1:${port}`)
      const call = createClient(Details, channel).fail(new Uint8Array(0), { timeoutMs: 20_000 })
      await assert.rejects(call, (error: StatusError) => {
        assert.deepEqual(linesOf(error), expected)
        // Not only read as the same, but written as the same.
        assert.deepEqual(
          allTen.map(({ typeUrl }) => typeUrl),
          error.details.map(({ typeUrl }) => typeUrl),
        )
        assert.deepEqual(linesOf(new StatusError(error.code, error.message, { details: allTen })), expected)
        return true
      })
    } finally {
      await server.kill()
    }
  })

  it("of our server, read by grpcio-status", async () => {
    const failure = new StatusError("FAILED_PRECONDITION", "all ten", { details: allTen })
    await using server = createServer()
    server.add(Details, {
      fail: () => {
        throw failure
      },
    })
    const { port } = await server.listen("127.0.0.1:0")
    const client = new ChildProgram([python!, join(folder, "details/client.py"), `${port}`], env, 60_000)
    assert.deepEqual(await client.end(), linesOf(failure))
  })
})

const schemaOf: ReadonlyMap<string, DescMessage> = new Map(
  schemas.file_google_rpc_error_details.messages.map((schema) => [schema.typeName, schema]),
)

/** What is in a status: a line a detail, in protobuf's JSON with sorted keys, as details.py prints it. */
function linesOf(error: StatusError): string[] {
  const details = detailsOf(error).map((detail) => {
    assert.ok(detail.$typeName !== undefined, "a detail was not read")
    const json = toJson(schemaOf.get(detail.$typeName)!, detail as Message)
    return `${detail.$typeName} ${JSON.stringify(json, sortedKeys)}`
  })
  return [`${error.codeNumber} ${error.message}`, ...details]
}

/** For JSON.stringify: objects with their keys in order. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
