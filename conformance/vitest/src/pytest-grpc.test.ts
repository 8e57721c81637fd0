import { rejectsWithStatus } from "farcall/testing"
import { useTestPair } from "farcall/testing/vitest"
import { describe, expect, it } from "vitest"
import { Gate } from "../../dist/gen/gate_grpc.js"
import { gateServicer, makeLatch } from "../../dist/pytest-grpc/gate-servicer.js"

// The same as ../../src/pytest-grpc/pytest-grpc.test.ts, for vitest.

describe("a handler", () => {
  const thrown: unknown[] = []
  const onHandlerError = (error: unknown): void => void thrown.push(error)
  const { client } = useTestPair(Gate, () => gateServicer(makeLatch()), { server: { onHandlerError } })

  it("answers", async () => {
    expect((await client.greet({ name: "Ada" })).text).toBe("Welcome, Ada!")
  })

  it("that throws is an error to who called it, and its own to who serves it", async () => {
    await rejectsWithStatus(client.stumble({}), "UNKNOWN", "the handler failed")
    expect(thrown).toEqual([new RangeError("a step too many")])
  })
})

describe("a server with TLS", () => {
  const { client } = useTestPair(
    Gate,
    { greet: ({ name }, { auth }) => ({ text: `Welcome, ${name}, by ${auth?.protocol}!` }) },
    { transport: "tls" },
  )

  it("answers", async () => {
    expect((await client.greet({ name: "Ada" })).text).toBe("Welcome, Ada, by TLSv1.3!")
  })
})

describe("a handler that blocks its thread", () => {
  makeLatch()
  const worker = new URL("../../dist/pytest-grpc/gate-worker.js", import.meta.url)
  const { client } = useTestPair(Gate, worker, { workers: 2, per: "suite" })

  it("is let go by one on the other thread", async () => {
    const waiting = client.wait([{}])
    const welcomes = waiting[Symbol.asyncIterator]()
    for (const text of ["0", "1"]) {
      expect((await welcomes.next()).value?.text).toBe(text)
      expect((await client.open({})).text).toMatch(/^let [01] go$/)
    }
    expect((await welcomes.next()).done).toBe(true)
    expect((await waiting.status).code).toBe("OK")
  })
})
