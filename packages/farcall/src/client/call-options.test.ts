import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { Metadata } from "../core/metadata.js"
import { Parrot } from "../test-support/parrot.js"
import { createTestPair, type TestPair } from "../testing/test-pair.js"

/** The client as plain JavaScript has it: anything can be passed. */
type Loose = Record<"say" | "gather" | "repeat" | "chat", (...given: readonly unknown[]) => unknown>

async function loosely(run: (client: Loose, pair: TestPair<typeof Parrot>) => Promise<void>): Promise<void> {
  await using pair = await createTestPair(Parrot, { say: (request) => request, gather: () => ({ text: "" }) })
  await run(pair.client as unknown as Loose, pair)
}

describe("the options of a call, where no compiler has looked at them", () => {
  for (const [options, text] of [
    [{ timeout: 5 }, 'client.say: there is no option "timeout"; did you mean "timeoutMs"?'],
    [{ timeoutMs: 5, metaData: {} }, 'client.say: there is no option "metaData"; did you mean "metadata"?'],
    ["5", 'client.say: the options must be an object, not "5"'],
    [null, "client.say: the options must be an object, not null"],
    [new Metadata({ a: "b" }), "client.say: metadata is an option: { metadata }"],
    [() => {}, "client.say takes no callback: await the promise that it returns, or iterate over its stream"],
  ] as const) {
    it(`are refused: ${text}`, () =>
      loosely(async (client) => {
        // What returns a promise throws nothing.
        await assert.rejects(client.say({}, options) as Promise<unknown>, { name: "TypeError", message: text })
      }))
  }

  it("are the last: a callback, or anything else, behind them is refused in calls of all kinds", () =>
    loosely(async (client) => {
      const callback = (): void => {}
      const noCallback = /^TypeError: client\.\w+ takes no callback: await the promise that it returns, or iterate/
      await assert.rejects(client.say({}, { timeoutMs: 5 }, callback) as Promise<unknown>, noCallback)
      await assert.rejects(client.say({}, undefined, callback) as Promise<unknown>, noCallback)
      await assert.rejects(client.gather([{}], { timeoutMs: 5 }, callback) as Promise<unknown>, noCallback)
      assert.throws(() => client.gather(callback), noCallback)
      assert.throws(() => client.gather({}, callback), noCallback)
      assert.throws(() => client.repeat({}, {}, callback), noCallback)
      assert.throws(() => client.chat(callback), noCallback)
      assert.throws(() => client.chat([{}], {}, callback), noCallback)
      assert.throws(() => client.repeat({}, {}, {}), /^TypeError: client\.repeat: nothing stands behind the options$/)
    }))

  it("are not the Metadata of another library", () =>
    loosely(async (client) => {
      class Metadata {}
      const message = "client.say: metadata is an option: { metadata }"
      await assert.rejects(client.say({}, new Metadata()) as Promise<unknown>, { name: "TypeError", message })
      await client.say({ text: "a" }, Object.create(null))
    }))

  for (const [options, message] of [
    [{ signal: new AbortController() }, /^TypeError: signal must be an AbortSignal: of an AbortController it is contr/],
    [{ signal: "x" }, /^TypeError: signal must be an AbortSignal$/],
    [{ parent: {} }, /^TypeError: parent must be the context of a handler$/],
    [{ metadata: new Map() }, /^TypeError: metadata is made of a plain object/],
    [{ timeoutMs: "5" }, /^TypeError: timeoutMs must be a number of milliseconds, not 5$/],
  ] as const) {
    it(`have the kinds of values that they are to have: ${message.source}`, () =>
      loosely(async (client) => {
        await assert.rejects(client.say({ text: "a" }, options) as Promise<unknown>, message)
      }))
  }

  it("are looked at in calls of all kinds", () =>
    loosely(async (client) => {
      const wrong = { deadLine: 5 }
      const message = /there is no option "deadLine"; did you mean "deadline"\?/
      await assert.rejects(client.gather([{}], wrong) as Promise<unknown>, message)
      assert.throws(() => client.gather(wrong), message)
      assert.throws(() => client.repeat({}, wrong), message)
      assert.throws(() => client.chat([{}], wrong), message)
      assert.throws(() => client.chat(wrong), message)
    }))

  it("are none: a request where an iterable of requests is wanted", () =>
    loosely(async (client) => {
      for (const [given, text] of [
        [[undefined, { timeoutMs: 5 }], "the requests must be an iterable, not undefined"],
        [["text"], "the requests must be an iterable, not string"],
        [[{ text: "a" }], 'with no iterable of requests: there is no option "text"'],
        [[{ text: "a" }, { timeoutMs: 5 }], "the requests must be an iterable, not an object that is none"],
      ] as const) {
        for (const call of [client.gather, client.chat]) {
          assert.throws(
            () => call(...given),
            (error: Error) => error instanceof TypeError && error.message.includes(text),
          )
        }
      }
    }))

  it("may be left out, or undefined", () =>
    loosely(async (client) => {
      await client.say({ text: "a" }, undefined)
      await client.say({ text: "a" }, { timeoutMs: undefined, metadata: undefined })
      await client.gather([{ text: "a" }], undefined)
    }))
})
