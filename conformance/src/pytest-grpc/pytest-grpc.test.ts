import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { rejectsWithStatus } from "farcall/testing"
import { useTestPair } from "farcall/testing/node"
import { Gate } from "../gen/gate_grpc.js"
import { gateServicer, makeLatch } from "./gate-servicer.js"

// The examples of pytest-grpc, in our terms; ../../vitest/src/pytest-grpc.test.ts has them for vitest.

describe("a handler", () => {
  const thrown: unknown[] = []
  const onHandlerError = (error: unknown): void => void thrown.push(error)
  const { client } = useTestPair(Gate, () => gateServicer(makeLatch()), { server: { onHandlerError } })

  it("answers", async () => {
    assert.equal((await client.greet({ name: "Ada" })).text, "Welcome, Ada!")
  })

  it("that throws is an error to who called it, and its own to who serves it", async () => {
    await rejectsWithStatus(client.stumble({}), "UNKNOWN", "the handler failed")
    assert.deepEqual(thrown, [new RangeError("a step too many")])
  })
})

describe("a server with TLS", () => {
  const { client } = useTestPair(
    Gate,
    { greet: ({ name }, { auth }) => ({ text: `Welcome, ${name}, by ${auth?.protocol}!` }) },
    { transport: "tls" },
  )

  it("answers", async () => {
    assert.equal((await client.greet({ name: "Ada" })).text, "Welcome, Ada, by TLSv1.3!")
  })
})

describe("a handler that blocks its thread", () => {
  makeLatch()
  const { client } = useTestPair(Gate, new URL("gate-worker.js", import.meta.url), { workers: 2, per: "suite" })

  it("is let go by one on the other thread", async () => {
    const waiting = client.wait([{}])
    const welcomes = waiting[Symbol.asyncIterator]()
    for (const text of ["0", "1"]) {
      assert.equal((await welcomes.next()).value?.text, text)
      // It may not have come to wait yet: then it finds the gate open.
      assert.match((await client.open({})).text, /^let [01] go$/)
    }
    assert.equal((await welcomes.next()).done, true)
    assert.equal((await waiting.status).code, "OK")
  })

  it("leaves the other thread free", async () => {
    const waiting = client.wait([{}])
    const welcomes = waiting[Symbol.asyncIterator]()
    await welcomes.next()
    const names = ["Ada", "Alan", "Grace"]
    const greetings = await Promise.all(names.map((name) => client.greet({ name })))
    assert.deepEqual(
      greetings.map(({ text }) => text),
      names.map((name) => `Welcome, ${name}!`),
    )
    await client.open({})
    await welcomes.next()
    await client.open({})
    assert.equal((await welcomes.next()).done, true)
  })
})
