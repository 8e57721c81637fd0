import { once } from "node:events"
import { createServer } from "node:net"
import { useLeakChecks, useTestPair } from "farcall/testing/vitest"
import { afterAll, describe, it } from "vitest"
import { Gate } from "../../dist/gen/gate_grpc.js"

// Tests that leave something behind: all but the first of each suite are to fail. ../../src/runners.test.ts runs them.

describe("calls", () => {
  const { client } = useTestPair(Gate, { wait: (requests) => echo(requests) }, { per: "suite" })

  it("tidy", async () => {
    for await (const _ of client.wait([{ name: "a" }]));
  })

  it("leaves a call", async () => {
    await client.wait().write({ name: "a" })
  })
})

describe("the process", () => {
  useLeakChecks()

  it("tidy", () => {})

  const server = createServer()
  afterAll(() => void server.close())

  it("leaves a socket", async () => {
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
  })

  it("leaves a rejection", () => {
    void Promise.reject(new Error("nobody waits for me"))
  })
})

async function* echo(requests: AsyncIterable<{ name: string }>): AsyncIterable<{ text: string }> {
  for await (const { name } of requests) yield { text: name }
}
