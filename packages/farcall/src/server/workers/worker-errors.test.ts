import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { CallEnd } from "../../core/call-tracer.js"
import { reasonOf } from "../../core/reason.js"
import { failureOf, until } from "../../test-support/outcome.js"
import { WorkerScene } from "../../test-support/worker-scene.js"

// What each of the two threads knows of an error that the other has made.

async function traced(): Promise<{ scene: WorkerScene; ends: CallEnd[] }> {
  const ends: CallEnd[] = []
  const tracer = { serverCall: () => ({ onEnd: (end: CallEnd) => void ends.push(end) }) }
  return { scene: await WorkerScene.open({ server: { tracers: [tracer] } }), ends }
}

describe("errors of worker threads, on the server's", () => {
  it("have their reason, and what the handler threw as their cause", async () => {
    const { scene, ends } = await traced()
    await using _ = scene
    for (const [order, code, reason] of [
      ["throw", "UNKNOWN", "FARCALL_HANDLER_FAILED"],
      ["strange", "UNKNOWN", "FARCALL_HANDLER_FAILED"],
      ["unwritable", "INTERNAL", "FARCALL_UNWRITABLE_MESSAGE"],
      ["exit", "INTERNAL", "FARCALL_WORKER_DIED"],
      // The handler's own.
      ["abort no", "FAILED_PRECONDITION", undefined],
    ] as const) {
      assert.equal((await failureOf(scene.ask(order))).code, code)
      const { error } = ends.pop()!
      assert.deepEqual([error?.code, error?.reason], [code, reason], order)
      if (reason === "FARCALL_HANDLER_FAILED") assert.equal(error?.cause, scene.errors.pop())
    }
  })

  it("have it where they are told as errors of handlers", async () => {
    const { scene } = await traced()
    await using _ = scene
    await failureOf(scene.ask("compress snappy"))
    assert.equal(reasonOf(scene.errors[0]), "FARCALL_COMPRESSION")
  })
})

describe("why a call has ended, on its worker thread", () => {
  it("is what the server found", async () => {
    const { scene } = await traced()
    await using _ = scene
    const abortion = new AbortController()
    const cancelled = failureOf(scene.client.say({ text: "wait" }, { signal: abortion.signal }))
    await scene.heard("waiting")
    abortion.abort()
    assert.equal((await cancelled).code, "CANCELLED")
    await until(() => scene.pool["running"].size === 0, "the thread to be free")
    assert.equal(await scene.ask("seenReason"), "FARCALL_CLIENT_GONE")
  })
})
