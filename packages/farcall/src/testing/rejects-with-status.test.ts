import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { Interceptor } from "../core/interceptor.js"
import { StatusError } from "../core/status-error.js"
import { Parrot } from "../test-support/parrot.js"
import { rejectsWithStatus } from "./rejects-with-status.js"
import { mockClient } from "./stand-ins/mock-client.js"

const details = [{ typeUrl: "type.googleapis.com/x.Y", value: Uint8Array.of(1, 2) }]
const fail = (): never => {
  throw new StatusError("NOT_FOUND", "no parrot", { details })
}
const through: Interceptor = (next) => (call) => next(call)

for (const interceptors of [[], [through]]) {
  const failing = mockClient(Parrot, { say: fail, gather: fail, repeat: fail, chat: fail }, { interceptors })
  const fine = mockClient(
    Parrot,
    { say: ({ text }) => ({ text }), gather: () => ({ text: "g" }), repeat: () => [{ text: "r" }], chat: () => [] },
    { interceptors },
  )

  describe(`rejectsWithStatus, with ${interceptors.length} interceptors`, () => {
    it("returns the error of calls of all four kinds", async () => {
      for (const call of [
        failing.say({ text: "" }),
        failing.gather([]),
        failing.gather(),
        failing.repeat({ text: "" }),
        failing.chat(),
        () => failing.say({ text: "" }),
      ]) {
        const error = await rejectsWithStatus(call, "NOT_FOUND", /parrot/, details)
        assert.ok(error instanceof StatusError)
        assert.equal(error.message, "no parrot")
      }
    })

    it("says that a call succeeded, and with what", async () => {
      const says = (what: string): object => ({
        name: "AssertionError",
        message: `the call was to fail with NOT_FOUND, and succeeded with ${what}`,
      })
      await assert.rejects(rejectsWithStatus(fine.say({ text: "hi" }), "NOT_FOUND"), says("{ text: 'hi' }"))
      const gathering = fine.gather()
      gathering.end()
      await assert.rejects(rejectsWithStatus(gathering, "NOT_FOUND"), says("{ text: 'g' }"))
      await assert.rejects(rejectsWithStatus(fine.repeat({ text: "" }), "NOT_FOUND"), says("[ { text: 'r' } ]"))
      await assert.rejects(rejectsWithStatus(fine.chat(), "NOT_FOUND"), says("[]"))
    })
  })
}

describe("rejectsWithStatus", () => {
  const failing = mockClient(Parrot, { say: fail })
  const call = (): Promise<unknown> => failing.say({ text: "" })

  it("says what came instead", async () => {
    await assert.rejects(rejectsWithStatus(call(), "ABORTED", "x"), {
      name: "AssertionError",
      message: 'the call was to fail with ABORTED "x", and failed with NOT_FOUND "no parrot"',
      expected: 'ABORTED "x"',
      actual: 'NOT_FOUND "no parrot"',
    })
    await assert.rejects(rejectsWithStatus(call(), "NOT_FOUND", "no"), /NOT_FOUND "no", and failed with NOT_FOUND/)
    await assert.rejects(rejectsWithStatus(call(), "NOT_FOUND", /cat/g), /NOT_FOUND \/cat\/g, and failed/)
    await assert.rejects(
      rejectsWithStatus(call(), "NOT_FOUND", undefined, []),
      /and carried type\.googleapis\.com\/x\.Y \(0102\), not no details/,
    )
    const other = Promise.reject(new RangeError("off"))
    await assert.rejects(rejectsWithStatus(other, "UNKNOWN"), /failed with what is no StatusError: RangeError: off\n/)
    const caused = mockClient(Parrot, { say: () => assert.fail("the reason") }).say({ text: "" })
    await assert.rejects(
      rejectsWithStatus(caused, "ABORTED"),
      /failed with UNKNOWN .*, caused by AssertionError.*the reason/,
    )
  })

  it("matches the same pattern again and again, sticky and global ones too", async () => {
    const pattern = /parrot/g
    for (let i = 0; i < 3; i++) await rejectsWithStatus(call(), "NOT_FOUND", pattern)
  })

  it("refuses what is no call", async () => {
    for (const what of [undefined, null, 5, {}]) {
      await assert.rejects(rejectsWithStatus(what as never, "NOT_FOUND"), {
        name: "TypeError",
        message: /rejectsWithStatus takes a call, not /,
      })
    }
  })
})
