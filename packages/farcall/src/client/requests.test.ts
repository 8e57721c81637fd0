import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { limits } from "../core/limits.js"
import { StatusError } from "../core/status-error.js"
import type { Servicer } from "../server/servicer.js"
import { failureOf, textsOf, until, withoutUnhandledRejections } from "../test-support/outcome.js"
import { Parrot, type Text } from "../test-support/parrot.js"
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
}
