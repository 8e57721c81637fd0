import { once } from "node:events"
import { createServer } from "node:net"
import type * as fixtures from "farcall/testing/node"
import { Gate } from "../gen/gate_grpc.js"

/** What a runner of tests has, and Farcall's fixtures for it. */
interface Runner {
  describe(name: string, suite: () => void): unknown
  it(name: string, test: () => void | Promise<void>): unknown
  after(ended: () => void): unknown
  readonly useTestPair: typeof fixtures.useTestPair
  readonly useLeakChecks: typeof fixtures.useLeakChecks
}

/** Tests that leave something behind: all but the first of each suite are to fail. ../runners.test.ts runs them. */
export function leavingTests({ describe, it, after, useTestPair, useLeakChecks }: Runner): void {
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
    after(() => void server.close())

    it("leaves a socket", async () => {
      server.listen(0, "127.0.0.1")
      await once(server, "listening")
    })

    it("leaves a rejection", () => {
      void Promise.reject(new Error("nobody waits for me"))
    })
  })
}

async function* echo(requests: AsyncIterable<{ name: string }>): AsyncIterable<{ text: string }> {
  for await (const { name } of requests) yield { text: name }
}
