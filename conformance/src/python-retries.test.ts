import assert from "node:assert/strict"
import { join } from "node:path"
import { describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import {
  type Channel,
  createChannel,
  createClient,
  createServer,
  type MessageCodec,
  Metadata,
  type MethodDefinition,
  type MethodKind,
  type ServerContext,
  StatusError,
} from "farcall"
import { ChildProgram } from "./test-support/child-program.js"

// Retries between ours and grpcio's, both ways, over sockets: the same calls must fare the same.
const python = process.env["FARCALL_PYTHON"]
const folder = fileURLToPath(new URL("../python/retries", import.meta.url))
const skip = python ? false : "FARCALL_PYTHON names no Python with grpcio; npm test makes one"

interface Case {
  readonly call: string
  readonly kind: "Unary" | "ClientStreaming" | "ServerStreaming" | "Bidi"
  /** How many attempts fail. */
  readonly fail: string
  readonly pushback?: string
}

const kinds = ["Unary", "ClientStreaming", "ServerStreaming", "Bidi"] as const
const cases: readonly Case[] = kinds.flatMap((kind) => [
  { call: `${kind} at once`, kind, fail: "0" },
  { call: `${kind} at the third attempt`, kind, fail: "2" },
  { call: `${kind} never`, kind, fail: "9" },
  { call: `${kind} when told to wait`, kind, fail: "1", pushback: "20" },
  { call: `${kind} told to stop`, kind, fail: "1", pushback: "-1" },
])

const sent = { Unary: "abc", ClientStreaming: "abc", ServerStreaming: "abc", Bidi: "a b c" }

const expected: readonly string[] = kinds.flatMap((kind) => [
  `${kind} at once: ${sent[kind]} none`,
  `${kind} at the third attempt: ${sent[kind]} none 1 2`,
  `${kind} never: UNAVAILABLE: attempt 4`,
  `${kind} when told to wait: ${sent[kind]} none 1`,
  `${kind} told to stop: UNAVAILABLE: attempt 1`,
])

describe("retries", { skip }, () => {
  it("of our client, with a server on grpcio", async () => {
    const server = new ChildProgram([python!, join(folder, "server.py")], {}, 60_000)
    await using channel = createChannel(`127.0.0.1:${await server.firstLine()}`, {
      serviceConfig: {
        methodConfig: [
          {
            name: [{ service: "retries.Retries" }],
            retryPolicy: {
              maxAttempts: 4,
              initialBackoff: "0.01s",
              maxBackoff: "0.02s",
              backoffMultiplier: 2,
              retryableStatusCodes: ["UNAVAILABLE"],
            },
          },
        ],
      },
    })
    try {
      assert.deepEqual(await Promise.all(cases.map((one) => outcome(channel, one))), expected)
    } finally {
      await server.kill()
    }
  })

  it("of a client on grpcio, with our server", async () => {
    await using server = createServer()
    server.add(Retries, new FailingServicer())
    const { port } = await server.listen("127.0.0.1:0")
    const client = new ChildProgram([python!, join(folder, "client.py"), `${port}`, JSON.stringify(cases)], {}, 60_000)
    assert.deepEqual(await client.end(), expected)
  })
})

/** How a call of ours ends, as the program in Python prints it. */
async function outcome(channel: Channel, { kind, call, fail, pushback }: Case): Promise<string> {
  const client = createClient(Retries, channel)
  const options = { metadata: { call, fail, ...(pushback === undefined ? {} : { pushback }) }, timeoutMs: 20_000 }
  const requests = ["a", "b", "c"]
  const answers: string[] = []
  try {
    if (kind === "Unary") answers.push(await client.unary("abc", options))
    else if (kind === "ClientStreaming") answers.push(await client.clientStreaming(requests, options))
    else if (kind === "ServerStreaming") answers.push(...(await all(client.serverStreaming("abc", options))))
    else answers.push(...(await all(client.bidi(requests, options))))
  } catch (error) {
    assert.ok(error instanceof StatusError)
    return `${call}: ${error.code}: ${error.message}`
  }
  return `${call}: ${answers.join(" ")}`
}

async function all(texts: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = []
  for await (const text of texts) found.push(text)
  return found
}

/** What server.py does, on ours. */
class FailingServicer {
  private readonly attempts = new Map<string, string[]>()

  unary(request: string, context: ServerContext): string {
    return `${request} ${this.enter(context)}`
  }

  async clientStreaming(requests: AsyncIterable<string>, context: ServerContext): Promise<string> {
    return `${(await all(requests)).join("")} ${this.enter(context)}`
  }

  *serverStreaming(request: string, context: ServerContext): Generator<string> {
    const seen = this.enter(context)
    yield request
    yield seen
  }

  async *bidi(requests: AsyncIterable<string>, context: ServerContext): AsyncGenerator<string> {
    let seen: string | undefined
    for await (const request of requests) {
      seen ??= this.enter(context)
      yield request
    }
    yield seen!
  }

  private enter({ metadata }: ServerContext): string {
    const call = metadata.get("call")!
    const seen = this.attempts.get(call) ?? []
    this.attempts.set(call, seen)
    seen.push(metadata.get("grpc-previous-rpc-attempts") ?? "none")
    if (seen.length > Number(metadata.get("fail"))) return seen.join(" ")
    const pushback = metadata.get("pushback")
    const trailers = new Metadata(pushback === undefined ? {} : { "grpc-retry-pushback-ms": pushback })
    throw new StatusError("UNAVAILABLE", `attempt ${seen.length}`, { trailers })
  }
}

/** Bytes, as text. */
const Text: MessageCodec<string> = {
  typeName: "retries.Text",
  encode(text, sink, position) {
    const bytes = Buffer.from(text)
    assert.ok(position + bytes.length <= sink.limit)
    sink.buffer.set(bytes, position)
    return position + bytes.length
  },
  decode: (bytes, start, stop) => Buffer.from(bytes.subarray(start, stop)).toString(),
}

function method<Kind extends MethodKind>(
  kind: Kind,
  name: string,
): MethodDefinition<Kind, string, string, string, string> {
  return { name, path: `/retries.Retries/${name}`, kind, input: Text, output: Text }
}

const Retries = {
  typeName: "retries.Retries",
  methods: {
    unary: method("unary", "Unary"),
    clientStreaming: method("clientStreaming", "ClientStreaming"),
    serverStreaming: method("serverStreaming", "ServerStreaming"),
    bidi: method("bidiStreaming", "Bidi"),
  },
} as const
