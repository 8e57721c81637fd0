import { parseArgs } from "node:util"
import { Echo } from "@farcall/example-echo/gen/echo_grpc.js"
import { credentials, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js"
import { createTestPair } from "farcall/testing"
import { Echo as GrpcJsEcho } from "../stacks/grpc-js-protos.js"

/** What this program prints, as JSON, of pairs that were opened, called once, and closed, one after the other. */
export interface TestPairsReport {
  /** Of each pair. */
  readonly milliseconds: number
  /** By which the heap has grown, all in all, once garbage is collected. */
  readonly heapBytes: number
  /** By how many the handles and requests that keep the process have grown, all in all. */
  readonly handles: number
}

const { values: flags } = parseArgs({
  options: { stack: { type: "string", default: "farcall" }, pairs: { type: "string", default: "10000" } },
})
const pairs = Number(flags.pairs)
const run = flags.stack === "farcall" ? ofFarcall : ofGrpcJs

interface Text {
  readonly message: string
}

/** The first pairs pay for what all share: code that is compiled, and caches that are filled. */
await times(Math.min(2_000, pairs))
const before = left()
const begun = performance.now()
await times(pairs)
const milliseconds = (performance.now() - begun) / pairs
const after = left()
const report: TestPairsReport = {
  milliseconds,
  heapBytes: after.heap - before.heap,
  handles: after.handles - before.handles,
}
console.log(JSON.stringify(report))
process.exit(0)

async function times(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const { message } = await run("hi")
    if (message !== "hi!") throw new Error(`the answer was ${message}`)
  }
}

async function ofFarcall(message: string): Promise<Text> {
  await using pair = await createTestPair(Echo, { reply: (request) => ({ message: `${request.message}!` }) })
  return await pair.client.reply({ message })
}

/** A pair in its words: a server on loopback, and a client of it. */
async function ofGrpcJs(message: string): Promise<Text> {
  const server = new Server()
  server.addService(GrpcJsEcho.service, {
    reply: (call: ServerUnaryCall<Text, Text>, done: sendUnaryData<Text>) =>
      done(null, { message: `${call.request.message}!` }),
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  const client = new GrpcJsEcho(`127.0.0.1:${port}`, credentials.createInsecure())
  try {
    return await new Promise<Text>((resolve, reject) => {
      client["reply"]({ message }, (error: Error | null, reply: Text) =>
        error === null ? resolve(reply) : reject(error),
      )
    })
  } finally {
    client.close()
    await new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
  }
}

function left(): { heap: number; handles: number } {
  globalThis.gc?.()
  return { heap: process.memoryUsage().heapUsed, handles: process.getActiveResourcesInfo().length }
}
