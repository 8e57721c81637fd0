import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { settled } from "../test-support/settled.js"
import { Pending } from "./pending.js"

describe("a pending value", () => {
  it("is made once, and only when asked for", async () => {
    let made = 0
    const pending = new Pending<number>()
    pending.provide(() => ++made)
    assert.equal(made, 0)
    assert.equal(await pending.get(), 1)
    assert.equal(await pending.get(), 1)
  })

  it("can be asked for before it is there", async () => {
    const pending = new Pending<string>()
    const promise = pending.get()
    assert.equal(pending.get(), promise)
    pending.provide(() => "there")
    assert.equal(await promise, "there")
  })

  it("takes the first that is provided", async () => {
    const pending = new Pending<string>()
    pending.provide(() => "first")
    pending.provide(() => "second", new Error("late"))
    assert.equal(await pending.get(), "first")
  })

  it("rejects with the error, before and after it is asked for, and harms nobody who does not look", async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown): void => void unhandled.push(reason)
    process.on("unhandledRejection", note)
    const early = new Pending<string>()
    void early.get()
    const error = new Error("no")
    early.provide(() => assert.fail("made in spite of the error"), error)
    const late = new Pending<string>()
    late.provide(() => assert.fail("made in spite of the error"), error)
    void late.get()
    await settled()
    process.off("unhandledRejection", note)
    assert.deepEqual(unhandled, [])
    await assert.rejects(early.get(), error)
    await assert.rejects(late.get(), error)
  })
})
