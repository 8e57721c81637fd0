import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { Client, credentials, Metadata, Server, ServerCredentials } from "@grpc/grpc-js"
import { createChannel, createClient, createServer } from "farcall"
import { type FaultProxy, startFaultProxy } from "farcall/testing"
import { Parrot } from "../../packages/farcall/dist/test-support/parrot.js"

// The proxy reads and writes header blocks anew: whatever encoder they come from, and whoever reads them.

const calls = 30
const asIs = (bytes: Buffer): Buffer => bytes

describe("a fault proxy between programs of grpc-js and ours", () => {
  it("our server, their client", async () => {
    const server = createServer().add(Parrot, {
      say({ text }, context) {
        context.responseHeaders.set("seen", String(context.metadata.get("number")))
        return { text: `${text}!` }
      },
    })
    await using proxy = await proxyOf((await server.listen("127.0.0.1:0")).toString())
    const client = new Client(proxy.address, credentials.createInsecure())
    await play(proxy, (number) => callOfGrpcJs(client, number))
    client.close()
    await server.shutdown({ graceMs: 0 })
  })

  it("their server, our client", async () => {
    const server = new Server()
    server.register(
      "/test.Parrot/Say",
      (call: { request: Buffer }, done: (error: null, reply: Buffer) => void) =>
        done(null, Buffer.from(`${call.request}!`)),
      asIs,
      asIs,
      "unary",
    )
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      )
    })
    await using proxy = await proxyOf(`127.0.0.1:${port}`)
    await using channel = createChannel(proxy.address)
    const client = createClient(Parrot, channel)
    await play(proxy, async (number) => {
      const metadata = { number: String(number), [`own-${number % 3}`]: "x".repeat(300 * (number % 5)) }
      return (await client.say({ text: `call ${number}` }, { metadata })).text
    })
    server.forceShutdown()
  })
})

function proxyOf(target: string): Promise<FaultProxy> {
  const rules = [
    { fault: "split", bytes: 11 },
    { fault: "reset", code: "CANCEL", nth: [5, 6, 20] },
    { fault: "latency", ms: 2, jitterMs: 5, seed: 3 },
    { fault: "latency", ms: 5, probability: 0.2, seed: 4, direction: "responses" },
  ] as const
  return startFaultProxy({ target, rules, services: [Parrot] })
}

/** Calls one after the other, then all at once. */
async function play(proxy: FaultProxy, call: (number: number) => Promise<string>): Promise<void> {
  const outcomes: string[] = []
  for (let number = 1; number <= calls; number++) outcomes.push(await call(number).catch(() => "reset"))
  const struck = [5, 6, 20]
  assert.deepEqual(
    outcomes,
    Array.from({ length: calls }, (_, i) => (struck.includes(i + 1) ? "reset" : `call ${i + 1}!`)),
  )
  const numbers = Array.from({ length: calls }, (_, i) => i + 1)
  assert.deepEqual(
    await Promise.all(numbers.map(call)),
    numbers.map((number) => `call ${number}!`),
  )
  proxy.faults.mustHaveMatched()
}

function callOfGrpcJs(client: Client, number: number): Promise<string> {
  const metadata = new Metadata()
  metadata.set("number", String(number))
  metadata.set(`own-${number % 3}`, "x".repeat(300 * (number % 5)))
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest("/test.Parrot/Say", asIs, asIs, Buffer.from(`call ${number}`), metadata, (error, reply) =>
      error === null ? resolve(reply!.toString()) : reject(error),
    )
  })
}
