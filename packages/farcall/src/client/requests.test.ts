import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { limits } from "../core/limits.js"
import { StatusError } from "../core/status-error.js"
import type { Servicer } from "../server/servicer.js"
import { failureOf, Gate, textsOf, until, withoutUnhandledRejections } from "../test-support/outcome.js"
import { callEach, Parrot, type Text } from "../test-support/parrot.js"
import { settled } from "../test-support/settled.js"
import { createTestPair, type TestPair, type TestPairOptions } from "../testing/test-pair.js"

/** Puts together what it is sent; chat sends it back. */
const joining: Servicer<typeof Parrot> = {
  say: (request) => request,
  gather: async (requests) => ({ text: (await textsOf(requests)).join(" ") }),
  *repeat(request) {
    yield request
  },
  async *chat(requests) {
    for await (const { text } of requests) yield { text: `${text}!` }
  },
}

const texts = ["a", "b", "c"]
const expected = { text: "a b c" }

function* plain(): Generator<Text> {
  for (const text of texts) yield { text }
}

async function* later(): AsyncGenerator<Text> {
  for (const text of texts) {
    await settled()
    yield { text }
  }
}

for (const transport of ["memory", "tcp"] as const) {
  const pair = (
    servicer: Partial<Servicer<typeof Parrot>> = joining,
    options: TestPairOptions = {},
  ): Promise<TestPair<typeof Parrot>> =>
    createTestPair(Parrot, servicer, { transport, server: { onHandlerError: () => {} }, ...options })

  describe(`a stream of requests over ${transport}`, () => {
    const sources: readonly [what: string, make: () => Iterable<Text> | AsyncIterable<Text>][] = [
      ["an array", () => texts.map((text) => ({ text }))],
      ["a Set", () => new Set(texts.map((text) => ({ text })))],
      ["a generator", plain],
      ["an async generator", later],
      ["an object that iterates", () => ({ [Symbol.iterator]: plain })],
      ["a ReadableStream", () => ReadableStream.from(later()) as unknown as AsyncIterable<Text>],
    ]
    for (const [what, make] of sources) {
      it(`is taken from ${what}`, async () => {
        await using under = await pair()
        assert.deepEqual(await under.client.gather(make()), expected)
        assert.deepEqual(await textsOf(under.client.chat(make())), ["a!", "b!", "c!"])
      })
    }

    it("may be empty", async () => {
      await using under = await pair()
      assert.deepEqual(await under.client.gather([]), { text: "" })
      assert.deepEqual(await textsOf(under.client.chat([])), [])
      const call = under.client.gather()
      call.end()
      assert.deepEqual(await call.response, { text: "" })
    })

    it("is written by hand, each write awaited", async () => {
      await using under = await pair()
      const call = under.client.gather()
      for (const text of texts) assert.equal(await call.write({ text }), true)
      call.end()
      call.end()
      assert.deepEqual(await call.response, expected)
    })

    it("is written by hand all at once, before there is a connection, and nothing is lost", async () => {
      await using under = await pair()
      const call = under.client.gather()
      const written = texts.map((text) => call.write({ text }))
      call.end()
      assert.deepEqual(await call.response, expected)
      assert.equal((await Promise.all(written)).length, 3)
    })

    it("keeps its order, whenever each write comes", async () => {
      await using under = await pair()
      for (let round = 0; round < 20; round++) {
        const call = under.client.gather()
        void call.write({ text: "a" })
        for (let i = 0; i < round; i++) await undefined
        void call.write({ text: "b" })
        await settled()
        void call.write({ text: "c" })
        call.end()
        assert.deepEqual(await call.response, expected)
      }
    })

    it("refuses a write after its end", async () => {
      await using under = await pair()
      const call = under.client.gather()
      await call.write({ text: "a" })
      call.end()
      await assert.rejects(call.write({ text: "b" }), /write after end/)
      assert.deepEqual(await call.response, { text: "a" })
      await assert.rejects(call.write({ text: "c" }), TypeError)
    })

    it("that always has another ready keeps nobody waiting: an early answer ends it soon", async () => {
      const servicer = { gather: async () => ({ text: "enough" }) }
      await using under = await createTestPair(Parrot, servicer, { transport })
      await under.client.gather([])
      let taken = 0
      function* endless(): Generator<Text> {
        for (;;) {
          taken++
          yield { text: "" }
        }
      }
      assert.deepEqual(await under.client.gather(endless()), { text: "enough" })
      assert.ok(taken <= 20 * limits.messagesPerTurn, `${taken} requests were taken`)
    })

    it("that is large is read as far as the server takes it", async () => {
      await using under = await pair({
        gather: async (requests) => {
          let bytes = 0
          for await (const { text } of requests) bytes += text.length
          return { text: String(bytes) }
        },
      })
      const text = "x".repeat(10_000)
      let taken = 0
      function* many(): Generator<Text> {
        for (; taken < 300; taken++) yield { text }
      }
      assert.deepEqual(await under.client.gather(many()), { text: "3000000" })
      assert.equal(taken, 300)
    })
  })

  describe(`requests that are not wanted over ${transport}`, () => {
    it("15. the server answers before their end: the iterable gets return(), the call its response", async () => {
      const log: string[] = []
      await using under = await pair({
        async gather(requests) {
          for await (const { text } of requests) return { text: `enough after ${text}` }
          return { text: "" }
        },
      })
      async function* endless(): AsyncGenerator<Text> {
        try {
          for (let i = 0; ; i++) {
            await settled()
            yield { text: `${i}` }
          }
        } finally {
          log.push("stopped")
        }
      }
      assert.deepEqual(await under.client.gather(endless()), { text: "enough after 0" })
      await until(() => log.length === 1)
      assert.deepEqual(log, ["stopped"])
    })

    it("15. a stream of responses ends while requests are still being written", async () => {
      await using under = await pair({
        async *chat(requests) {
          for await (const { text } of requests) {
            yield { text }
            return
          }
        },
      })
      const call = under.client.chat()
      assert.equal(await call.write({ text: "a" }), true)
      assert.deepEqual(await textsOf(call), ["a"])
      assert.equal((await call.status).code, "OK")
      assert.equal(await call.write({ text: "b" }), false)
      call.end()
    })

    it("15. a large response is whole, though the requests have not ended", async () => {
      const text = "x".repeat(1_000_000)
      await using under = await pair({
        gather: () => ({ text }),
        *chat() {
          yield { text }
          yield { text }
        },
      })
      assert.equal((await under.client.gather().response).text.length, text.length)
      assert.deepEqual(
        (await textsOf(under.client.chat())).map((one) => one.length),
        [1_000_000, 1_000_000],
      )
    })

    it("the server fails before their end: the iterable gets return(), a writer false", async () => {
      let stopped = 0
      await using under = await pair({ gather: (_requests, context) => context.abort("PERMISSION_DENIED", "no") })
      const requests = {
        [Symbol.iterator]: () => ({
          next: () => ({ value: { text: "x".repeat(1000) }, done: false as const }),
          return: () => {
            stopped++
            return { value: undefined, done: true as const }
          },
        }),
      }
      assert.equal((await failureOf(under.client.gather(requests))).code, "PERMISSION_DENIED")
      assert.equal(stopped, 1)
      const call = under.client.gather()
      await failureOf(call.response)
      assert.equal(await call.write({ text: "late" }), false)
    })

    it("what the iterable throws when it is stopped changes nothing", async () => {
      await withoutUnhandledRejections(async () => {
        await using under = await pair({ gather: () => ({ text: "done" }) })
        for (const stop of [() => assert.fail("return failed"), () => Promise.reject(new Error("return failed"))]) {
          const requests = {
            [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}), return: stop }),
          }
          assert.deepEqual(await under.client.gather(requests), { text: "done" })
        }
      })
    })
  })

  describe(`an iterable of requests that throws over ${transport}`, () => {
    it("cancels the call, with what it threw as the cause", async () => {
      const seen: string[] = []
      await using under = await pair({
        async gather(requests) {
          try {
            for await (const { text } of requests) seen.push(text)
          } catch (error) {
            seen.push((error as StatusError).code)
          }
          return { text: "" }
        },
      })
      const fault = new Error("out of ideas")
      async function* failing(): AsyncGenerator<Text> {
        yield { text: "a" }
        await until(() => seen.length === 1)
        throw fault
      }
      const error = await failureOf(under.client.gather(failing()))
      assert.deepEqual([error.code, error.message], ["CANCELLED", "the iterable of requests failed"])
      assert.equal(error.cause, fault)
      await until(() => seen.length === 2)
      assert.deepEqual(seen, ["a", "CANCELLED"])
    })

    it("ends the call with a StatusError that it throws", async () => {
      await using under = await pair()
      const fault = new StatusError("ABORTED", "by the source")
      const requests = {
        [Symbol.iterator]: () => ({
          next: () => {
            throw fault
          },
        }),
      }
      assert.equal(await failureOf(under.client.gather(requests)), fault)
      assert.equal(await failureOf(textsOf(under.client.chat(requests))), fault)
    })
  })

  describe(`messages that do not fit over ${transport}`, () => {
    const unreadable = { text: "?" }
    const unwritable = { text: "!" }

    it("29. requests that cannot be written: INTERNAL at the client, the handler's call cancelled", async () => {
      await using under = await pair()
      const { client } = under
      let stopped = false
      function* bad(): Generator<Text> {
        try {
          yield { text: "a" }
          yield unwritable
        } finally {
          stopped = true
        }
      }
      const calls = [
        client.say(unwritable),
        textsOf(client.repeat(unwritable)),
        client.gather(bad()),
        textsOf(client.chat([unwritable])),
      ].map(failureOf)
      for (const call of calls) {
        const error = await call
        assert.deepEqual(
          [error.code, error.message],
          ["INTERNAL", "the request is no test.Text: text: not to be written"],
        )
        assert.ok(error.cause instanceof TypeError)
      }
      assert.equal(stopped, true)
      const call = client.gather()
      const error = await failureOf(call.write(unwritable))
      assert.equal(error.code, "INTERNAL")
      assert.equal(await failureOf(call.response), error)
      assert.equal(await call.write({ text: "a" }), false)
    })

    it("29. requests that cannot be read: INTERNAL from the server, and a handler that reads them is told", async () => {
      const seen: string[] = []
      await using under = await pair({
        ...joining,
        async gather(requests) {
          await textsOf(requests).catch((error: StatusError) => seen.push(error.code))
          return { text: "" }
        },
      })
      const { client } = under
      for (const call of [
        client.say(unreadable),
        textsOf(client.repeat(unreadable)),
        client.gather([{ text: "a" }, unreadable]),
        textsOf(client.chat([unreadable])),
      ].map(failureOf)) {
        const error = await call
        assert.deepEqual([error.code, error.message], ["INTERNAL", "the request is no test.Text: text: not to be read"])
      }
      await until(() => seen.length === 1)
      assert.deepEqual(seen, ["INTERNAL"])
    })

    it("29. responses that cannot be written: INTERNAL from the server, after those that could, and the handler is stopped", async () => {
      const log: string[] = []
      await using under = await pair({
        say: () => unwritable,
        gather: async () => unwritable,
        *repeat() {
          try {
            yield { text: "a" }
            yield unwritable
            log.push("went on")
          } finally {
            log.push("repeat stopped")
          }
        },
        async *chat() {
          try {
            yield unwritable
          } finally {
            log.push("chat stopped")
          }
        },
      })
      const { client } = under
      const received: string[] = []
      const repeated = async (): Promise<void> => {
        for await (const { text } of client.repeat({ text: "" })) received.push(text)
      }
      for (const call of [client.say({ text: "" }), client.gather([]), repeated(), textsOf(client.chat([]))].map(
        failureOf,
      )) {
        const error = await call
        assert.deepEqual(
          [error.code, error.message],
          ["INTERNAL", "the response is no test.Text: text: not to be written"],
        )
      }
      assert.deepEqual(received, ["a"])
      await until(() => log.length === 2)
      assert.deepEqual(log.sort(), ["chat stopped", "repeat stopped"])
    })

    it("29. responses that cannot be read: INTERNAL at the client, and the handler's call is cancelled", async () => {
      const stopped = new Gate()
      await using under = await pair({
        say: () => unreadable,
        gather: () => unreadable,
        async *repeat() {
          try {
            for (;;) yield { text: `?${"x".repeat(10_000)}` }
          } finally {
            stopped.open()
          }
        },
        *chat() {
          yield unreadable
        },
      })
      const { client } = under
      for (const call of callEach(client).map(failureOf)) {
        const error = await call
        assert.deepEqual(
          [error.code, error.message],
          ["INTERNAL", "the response is no test.Text: text: not to be read"],
        )
      }
      await stopped.opened
    })

    const long = { text: "x".repeat(101) }
    const fits = { text: "x".repeat(100) }

    it("30. above the limits of either side, in either direction: RESOURCE_EXHAUSTED, and at them they pass", async () => {
      const limits = [
        [{ channel: { maxSendMessageLength: 100 } }, "message is 101 bytes, the limit for sending is 100"],
        [
          { channel: { maxReceiveMessageLength: 100 } },
          "message is 101 bytes, the limit is 100 (maxReceiveMessageLength)",
        ],
        [{ server: { maxSendMessageLength: 100 } }, "message is 101 bytes, the limit for sending is 100"],
        [
          { server: { maxReceiveMessageLength: 100 } },
          "message is 101 bytes, the limit is 100 (maxReceiveMessageLength)",
        ],
      ] as const
      for (const [options, message] of limits) {
        await using under = await pair(
          {
            say: (request) => request,
            gather: async (requests) => (await requests[Symbol.asyncIterator]().next()).value,
            *repeat(request) {
              yield request
            },
            async *chat(requests) {
              yield* requests
            },
          },
          options,
        )
        const { client } = under
        const calls = (request: Text): Promise<unknown>[] => [
          client.say(request),
          client.gather([request]),
          textsOf(client.repeat(request)),
          textsOf(client.chat([request])),
        ]
        for (const call of calls(long).map(failureOf)) {
          const error = await call
          // What this side finds too long says whose it was.
          const told = error.message.replace(/, at (in-memory|ipv4):\S+$/, "")
          assert.deepEqual([error.code, told], ["RESOURCE_EXHAUSTED", message])
        }
        await Promise.all(calls(fits))
      }
    })

    it("30. the default for receiving is 4 MiB", async () => {
      await using under = await pair()
      assert.equal((await under.client.say({ text: "x".repeat(4 * 1024 * 1024) })).text.length, 4 * 1024 * 1024)
      const error = await failureOf(under.client.say({ text: "x".repeat(4 * 1024 * 1024 + 1) }))
      assert.equal(error.message, "message is 4194305 bytes, the limit is 4194304 (maxReceiveMessageLength)")
    })
  })
}
