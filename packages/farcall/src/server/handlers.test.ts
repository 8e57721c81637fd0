import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { StatusError } from "../core/status-error.js"
import { failureOf, Gate, textsOf, until } from "../test-support/outcome.js"
import { Parrot, type Text } from "../test-support/parrot.js"
import { settled } from "../test-support/settled.js"
import { createTestPair, type TestPair, type TestPairOptions } from "../testing/test-pair.js"
import type { ServerContext } from "./context.js"
import type { Responses, Servicer } from "./servicer.js"

for (const transport of ["memory", "tcp"] as const) {
  const pair = (
    servicer: Partial<Servicer<typeof Parrot>>,
    options: TestPairOptions = {},
  ): Promise<TestPair<typeof Parrot>> =>
    createTestPair(Parrot, servicer, { transport, server: { onHandlerError: () => {} }, ...options })

  describe(`handlers over ${transport}`, () => {
    it("answer one message plainly, by a promise, or by anything that has then", async () => {
      const answers: (() => Text | Promise<Text>)[] = [
        () => ({ text: "plain" }),
        async () => ({ text: "async" }),
        () => thenable("thenable"),
      ]
      await using under = await pair({ say: ({ text }) => answers[Number(text)]!(), gather: () => answers[1]!() })
      const { client } = under
      assert.deepEqual(await client.say({ text: "0" }), { text: "plain" })
      assert.deepEqual(await client.say({ text: "1" }), { text: "async" })
      assert.deepEqual(await client.say({ text: "2" }), { text: "thenable" })
      assert.deepEqual(await client.gather([]), { text: "async" })
    })

    it("answer a stream by a generator, an async one, or any iterable", async () => {
      const list = ["a", "b"].map((text) => ({ text }))
      const answers: (() => Responses<Text>)[] = [
        () => list,
        () => new Set(list),
        function* () {
          yield* list
        },
        async function* () {
          for (const text of list) {
            await settled()
            yield text
          }
        },
        () =>
          ({ [Symbol.asyncIterator]: () => ReadableStream.from(list)[Symbol.asyncIterator]() }) as AsyncIterable<Text>,
      ]
      await using under = await pair({ repeat: ({ text }) => answers[Number(text)]!() })
      for (const i of answers.keys()) assert.deepEqual(await textsOf(under.client.repeat({ text: `${i}` })), ["a", "b"])
    })

    it("that answer a stream with something else are UNKNOWN", async () => {
      const late = () => Promise.reject(new Error("nobody waits for this"))
      const wrong = [() => undefined, () => null, () => 5, () => ({}), () => Promise.resolve([]), late]
      await using under = await pair({ repeat: ({ text }) => wrong[Number(text)]!() as unknown as Responses<Text> })
      for (const i of wrong.keys()) {
        assert.equal((await failureOf(textsOf(under.client.repeat({ text: `${i}` })))).code, "UNKNOWN")
      }
    })

    it("are methods of a class as well as functions of an object", async () => {
      class Shouting implements Servicer<typeof Parrot> {
        private readonly mark = "!"
        say({ text }: Text): Text {
          return { text: text + this.mark }
        }
        async gather(requests: AsyncIterable<Text>): Promise<Text> {
          return { text: (await textsOf(requests)).join(this.mark) }
        }
        *repeat({ text }: Text): Generator<Text> {
          yield { text: text + this.mark }
        }
        async *chat(requests: AsyncIterable<Text>): AsyncGenerator<Text> {
          for await (const { text } of requests) yield { text: text + this.mark }
        }
      }
      await using under = await pair(new Shouting())
      const { client } = under
      assert.deepEqual(await client.say({ text: "a" }), { text: "a!" })
      assert.deepEqual(await client.gather([{ text: "a" }, { text: "b" }]), { text: "a!b" })
      assert.deepEqual(await textsOf(client.repeat({ text: "a" })), ["a!"])
      assert.deepEqual(await textsOf(client.chat([{ text: "a" }])), ["a!"])
    })

    it("that were left out, and services that are not served, are UNIMPLEMENTED", async () => {
      await using under = await pair({})
      const { client } = under
      for (const call of [
        client.say({ text: "" }),
        client.gather([{ text: "" }]),
        textsOf(client.repeat({ text: "" })),
        textsOf(client.chat()),
      ].map(failureOf)) {
        const error = await call
        assert.equal(error.code, "UNIMPLEMENTED")
        assert.match(error.message, /^the method \/test\.Parrot\/\w+ is not implemented$/)
      }
    })

    it("read requests and answer in their own order", async () => {
      await using under = await pair({
        async *chat(requests) {
          const iterator = requests[Symbol.asyncIterator]()
          yield { text: "hello" }
          yield { text: ((await iterator.next()).value as Text).text }
          yield { text: "and" }
          assert.equal((await iterator.next()).value!.text, "b")
          assert.equal((await iterator.next()).done, true)
          assert.equal((await iterator.next()).done, true)
          yield { text: "done" }
        },
      })
      const call = under.client.chat()
      const replies = call[Symbol.asyncIterator]()
      assert.equal((await replies.next()).value.text, "hello")
      await call.write({ text: "a" })
      assert.equal((await replies.next()).value.text, "a")
      assert.equal((await replies.next()).value.text, "and")
      await call.write({ text: "b" })
      call.end()
      assert.equal((await replies.next()).value.text, "done")
      assert.equal((await replies.next()).done, true)
    })

    it("need not read their requests, nor to the end", async () => {
      await using under = await pair({
        gather: async (requests) => {
          for await (const { text } of requests) if (text === "x") break
          return { text: "read on" }
        },
      })
      const text = "y".repeat(100_000)
      const many = function* (): Generator<Text> {
        yield { text: "x" }
        for (let i = 0; i < 20; i++) yield { text }
      }
      assert.deepEqual(await under.client.gather(many()), { text: "read on" })
    })

    it("that throw in the middle of a stream: what was sent arrives, then UNKNOWN", async () => {
      const told: unknown[] = []
      await using under = await pair(
        {
          async *repeat() {
            yield { text: "a" }
            await settled()
            yield { text: "b" }
            throw new Error("secret")
          },
        },
        { server: { onHandlerError: (error) => told.push(error) } },
      )
      const texts: string[] = []
      const call = under.client.repeat({ text: "" })
      const error = await failureOf(
        (async () => {
          for await (const { text } of call) texts.push(text)
        })(),
      )
      assert.deepEqual(texts, ["a", "b"])
      assert.equal(error.code, "UNKNOWN")
      assert.equal(error.message, "the handler failed")
      assert.equal((told[0] as Error).message, "secret")
      assert.equal((await call.status).code, "UNKNOWN")
    })

    it("end a call with a status by context.abort, as by throwing", async () => {
      await using under = await pair({
        say: (_request, context) =>
          context.abort("RESOURCE_EXHAUSTED", "too much", { details: [{ typeUrl: "t", value: Uint8Array.of(1) }] }),
        *repeat(request, context) {
          yield request
          context.abort("ABORTED")
        },
      })
      const error = await failureOf(under.client.say({ text: "" }))
      assert.deepEqual([error.code, error.message, error.details.length], ["RESOURCE_EXHAUSTED", "too much", 1])
      assert.equal((await failureOf(textsOf(under.client.repeat({ text: "" })))).code, "ABORTED")
    })

    it("send their headers early when they want to, once", async () => {
      const gate = new Gate()
      await using under = await pair({
        async *repeat(request, context) {
          context.responseHeaders.set("x", "1")
          context.sendHeaders()
          context.sendHeaders()
          context.responseHeaders.set("late", "1")
          await gate.opened
          yield request
        },
      })
      const call = under.client.repeat({ text: "" })
      const headers = await call.headers
      assert.equal(headers.get("x"), "1")
      assert.equal(headers.has("late"), false)
      gate.open()
      assert.deepEqual(await textsOf(call), [""])
    })

    it("know peer, authority, method, deadline", async () => {
      let seen: ServerContext | undefined
      await using under = await pair({
        say: (request, context) => {
          seen = context
          return request
        },
      })
      await under.client.say({ text: "" }, { authority: "example.org" })
      assert.match(seen!.peer, transport === "tcp" ? /^ipv4:127\.0\.0\.1:\d+$/ : /^in-memory:\d+$/)
      assert.equal(seen!.authority, "example.org")
      assert.equal(seen!.method, Parrot.methods.say)
      assert.equal(seen!.deadline, undefined)
      assert.equal(seen!.remainingMs, Number.POSITIVE_INFINITY)
      assert.equal(seen!.cancelled, false)
      assert.equal(seen!.signal.aborted, true, "the call has ended")
    })

    it("are told by the signal that their call has ended OK, whenever they ask for it", async () => {
      const early: AbortSignal[] = []
      const contexts: ServerContext[] = []
      await using under = await pair({
        say(request, context) {
          contexts.push(context)
          early.push(context.signal)
          assert.equal(context.signal.aborted, false)
          return request
        },
      })
      await under.client.say({ text: "" })
      assert.equal(contexts[0]!.signal, early[0])
      assert.equal(early[0]!.aborted, true)
      assert.deepEqual([early[0]!.reason.name, early[0]!.reason.message], ["AbortError", "the call has ended"])
    })

    it("whose client has gone may answer, throw, or clean up as they like", async () => {
      const told: unknown[] = []
      const started = new Gate()
      const go = new Gate()
      const cleaned: string[] = []
      await using under = await pair(
        {
          say: async ({ text }) => {
            started.open()
            await go.opened
            if (text === "throw") throw new Error("late")
            return { text: "late" }
          },
          async *repeat(request) {
            try {
              for (;;) yield request
            } finally {
              cleaned.push("repeat")
              await Promise.reject(new Error("while cleaning up"))
            }
          },
        },
        { server: { onHandlerError: (error) => told.push((error as Error).message) } },
      )
      const abortion = new AbortController()
      const calls = ["answer", "throw"].map((text) =>
        failureOf(under.client.say({ text }, { signal: abortion.signal })),
      )
      await started.opened
      await settled()
      abortion.abort()
      for (const call of calls) assert.equal((await call).code, "CANCELLED")
      go.open()
      for await (const _ of under.client.repeat({ text: "" })) break
      await until(() => told.includes("while cleaning up"))
      assert.deepEqual(cleaned, ["repeat"])
    })

    it("that run for other calls are not disturbed by a thousand at once", async () => {
      await using under = await pair({
        say: async ({ text }) => {
          await settled()
          if (Number(text) % 7 === 0) throw new StatusError("OUT_OF_RANGE", text)
          return { text: `${text}!` }
        },
      })
      const outcomes = await Promise.all(
        Array.from({ length: 1_000 }, (_, i) =>
          under.client.say({ text: `${i}` }).then(
            ({ text }) => text,
            (error: StatusError) => `${error.code} ${error.message}`,
          ),
        ),
      )
      for (const [i, outcome] of outcomes.entries()) assert.equal(outcome, i % 7 === 0 ? `OUT_OF_RANGE ${i}` : `${i}!`)
    })
  })
}

/** A promise by its face alone, as other libraries make them. */
function thenable(text: string): Promise<Text> {
  // biome-ignore lint/suspicious/noThenProperty: to be told apart from a message is what is tested
  return { then: (resolve: (value: Text) => void) => resolve({ text }) } as Promise<Text>
}
