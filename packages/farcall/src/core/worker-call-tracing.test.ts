import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { CallTracer } from "./call-tracer.js"
import { Metadata } from "./metadata.js"
import { globalTracers } from "./tracers.js"
import { traceWorkerCall } from "./worker-call-tracing.js"

function fields(carried: Readonly<Record<string, string>>): string[] {
  const made: string[] = []
  new Metadata(carried).appendTo(made)
  return made
}

describe("tracing on a worker thread", () => {
  it("asks the thread's tracers and the global ones, and runs the call within what they set up", () => {
    const steps: string[] = []
    const tracer = (name: string): CallTracer => ({
      workerCall: (carried) => {
        steps.push(`${name} is told ${carried.get("word")}`)
        return {
          run: (call) => {
            steps.push(`${name} begins`)
            call()
            steps.push(`${name} ends`)
          },
        }
      },
    })
    const own = tracer("own")
    const remove = globalTracers.add(tracer("global"))
    const tracing = traceWorkerCall(fields({ word: "hi" }), [{}, own])!
    remove()
    assert.equal(tracing.runs, true)
    tracing.run(() => steps.push("call"))
    assert.deepEqual(steps, [
      "own is told hi",
      "global is told hi",
      "own begins",
      "global begins",
      "call",
      "global ends",
      "own ends",
    ])
    assert.notEqual(tracing.traceBy(own), undefined)
    assert.equal(tracing.traceBy({}), undefined)
  })

  it("makes nothing where nothing was sent along, or nobody cares", () => {
    const careless: readonly CallTracer[] = [
      {},
      { enabled: false, workerCall: () => ({}) },
      { workerCall: () => undefined },
    ]
    assert.equal(traceWorkerCall(undefined, [{ workerCall: () => assert.fail("told") }]), undefined)
    assert.equal(traceWorkerCall([], careless), undefined)
  })

  it("harms no call by what a tracer throws", () => {
    const errors: unknown[] = []
    const onError = (error: unknown): void => void errors.push((error as Error).message)
    const fail = (what: string) => (): never => {
      throw new Error(what)
    }
    const tracing = traceWorkerCall(
      [],
      [
        { workerCall: fail("asked"), onError },
        { workerCall: () => ({ run: fail("run") }), onError },
      ],
    )!
    let ran = 0
    tracing.run(() => ran++)
    assert.equal(ran, 1)
    assert.deepEqual(errors, ["asked", "run"])
  })
})
