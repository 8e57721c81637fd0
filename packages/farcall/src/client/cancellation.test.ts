import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { ServerContext } from "../server/context.js"
import type { Servicer } from "../server/servicer.js"
import { failureOf, textsOf, until } from "../test-support/outcome.js"
import { Parrot, type Text } from "../test-support/parrot.js"
import { settled } from "../test-support/settled.js"
import { createTestPair, type TestPair, type TestPairOptions } from "../testing/test-pair.js"
import { virtualClock } from "../testing/virtual-clock.js"

/** Waits for ever, and tells of what it sees. */
class Hanging implements Servicer<typeof Parrot> {
  readonly contexts: ServerContext[] = []
  readonly log: string[] = []

  say(_request: Text, context: ServerContext): Promise<Text> {
    this.note(context)
    return new Promise(() => {})
  }

  gather(_requests: AsyncIterable<Text>, context: ServerContext): Promise<Text> {
    this.note(context)
    return new Promise(() => {})
  }

  async *repeat(request: Text, context: ServerContext): AsyncGenerator<Text> {
    this.note(context)
    try {
      for (;;) yield request
    } finally {
      this.log.push("repeat's finally")
    }
  }

  async *chat(requests: AsyncIterable<Text>, context: ServerContext): AsyncGenerator<Text> {
    this.note(context)
    try {
      for await (const request of requests) yield request
    } catch (error) {
      this.log.push(`chat's requests: ${(error as { code: string }).code}`)
      throw error
    } finally {
      this.log.push("chat's finally")
    }
  }

  private note(context: ServerContext): void {
    this.contexts.push(context)
    context.signal.addEventListener("abort", () => {
      this.log.push(`aborted: ${(context.signal.reason as { code: string } | undefined)?.code}`)
    })
  }
}

for (const transport of ["memory", "tcp"] as const) {
  const pair = (
    servicer: Partial<Servicer<typeof Parrot>>,
    options: TestPairOptions = {},
  ): Promise<TestPair<typeof Parrot>> => createTestPair(Parrot, servicer, { transport, ...options })

  describe(`cancelling over ${transport}`, () => {
    it("by a signal that is aborted already: the call never leaves", async () => {
      const servicer = new Hanging()
      await using under = await pair(servicer)
      const signal = AbortSignal.abort(new Error("before"))
      const { client } = under
      for (const call of [
        client.say({ text: "" }, { signal }),
        client.gather([], { signal }),
        textsOf(client.repeat({ text: "" }, { signal })),
        textsOf(client.chat({ signal })),
      ].map(failureOf)) {
        const error = await call
        assert.equal(error.code, "CANCELLED")
        assert.equal((error.cause as Error).message, "before")
      }
      assert.equal(servicer.contexts.length, 0)
    })

    it("by a signal while it runs: the handler's signal is aborted", async () => {
      const servicer = new Hanging()
      await using under = await pair(servicer)
      const { client } = under
      const starts = [
        (signal: AbortSignal) => client.say({ text: "" }, { signal }),
        (signal: AbortSignal) => client.gather({ signal }).response,
        (signal: AbortSignal) => textsOf(client.chat({ signal })),
      ]
      for (const [i, start] of starts.entries()) {
        const abortion = new AbortController()
        const call = failureOf(start(abortion.signal))
        await until(() => servicer.contexts.length === i + 1)
        abortion.abort(new Error("now"))
        const error = await call
        assert.equal(error.code, "CANCELLED")
        assert.equal((error.cause as Error).message, "now")
        await until(() => servicer.contexts[i]!.cancelled)
        assert.equal(servicer.log.filter((line) => line === "aborted: CANCELLED").length, i + 1)
      }
      await until(() => servicer.log.includes("chat's finally"))
      assert.ok(servicer.log.includes("chat's requests: CANCELLED"))
    })

    it("by a signal after the call has ended changes nothing, and nothing listens to it any more", async () => {
      await using under = await pair({ say: (request) => request })
      const abortion = new AbortController()
      const listeners: string[] = []
      const add = abortion.signal.addEventListener.bind(abortion.signal)
      const remove = abortion.signal.removeEventListener.bind(abortion.signal)
      abortion.signal.addEventListener = (...args: Parameters<typeof add>) => {
        listeners.push("add")
        add(...args)
      }
      abortion.signal.removeEventListener = (...args: Parameters<typeof remove>) => {
        listeners.push("remove")
        remove(...args)
      }
      assert.deepEqual(await under.client.say({ text: "x" }, { signal: abortion.signal }), { text: "x" })
      assert.deepEqual(listeners, ["add", "remove"])
      abortion.abort()
      assert.deepEqual(await under.client.say({ text: "y" }), { text: "y" })
    })

    it("by leaving a response loop, by break, return or an error", async () => {
      const servicer = new Hanging()
      await using under = await pair(servicer)
      const leave: readonly ((call: AsyncIterable<Text>) => Promise<unknown>)[] = [
        async (call) => {
          for await (const _ of call) break
        },
        async (call) => {
          for await (const text of call) return text
          return undefined
        },
        (call) =>
          assert.rejects(async () => {
            for await (const _ of call) throw new Error("enough")
          }, /enough/),
      ]
      for (const [i, loop] of leave.entries()) {
        const call = under.client.repeat({ text: "x".repeat(10_000) })
        await loop(call)
        assert.equal((await call.status).code, "CANCELLED")
        await until(
          () =>
            servicer.contexts[i]!.cancelled &&
            servicer.log.filter((line) => line.startsWith("repeat")).length === i + 1,
        )
      }
    })

    it("by call.cancel, with the reason as the cause, once", async () => {
      const servicer = new Hanging()
      await using under = await pair(servicer)
      const call = under.client.chat()
      await call.write({ text: "a" })
      const replies = call[Symbol.asyncIterator]()
      assert.deepEqual((await replies.next()).value, { text: "a" })
      const waiting = failureOf(replies.next())
      const reason = new Error("changed my mind")
      call.cancel(reason)
      call.cancel(new Error("again"))
      const error = await waiting
      assert.equal(error.code, "CANCELLED")
      assert.equal(error.cause, reason)
      assert.equal((await call.status).code, "CANCELLED")
      assert.equal(await call.write({ text: "b" }), false)
      await until(() => servicer.log.includes("aborted: CANCELLED"))
    })

    it("before there is a connection", async () => {
      const servicer = new Hanging()
      await using under = await pair(servicer)
      const call = under.client.chat()
      const written = call.write({ text: "a" })
      call.cancel()
      assert.equal(await written, false)
      assert.equal((await failureOf(textsOf(call))).code, "CANCELLED")
      await settled()
      assert.equal(servicer.contexts.length, 0)
    })

    it("of one call leaves its neighbours alone", async () => {
      await using under = await pair({
        ...bound(new Hanging()),
        gather: async (requests) => ({ text: (await textsOf(requests)).join("") }),
      })
      const neighbour = under.client.gather()
      await neighbour.write({ text: "a" })
      for (let i = 0; i < 20; i++) {
        const call = under.client.chat()
        await call.write({ text: "x" })
        call.cancel()
      }
      await neighbour.write({ text: "b" })
      neighbour.end()
      assert.deepEqual(await neighbour.response, { text: "ab" })
    })
  })

  describe(`deadlines over ${transport}`, () => {
    it("end a call at the client in real time, though nothing else happens", async () => {
      await using under = await pair(new Hanging())
      const error = await failureOf(under.client.say({ text: "" }, { timeoutMs: 30 }))
      assert.equal(error.code, "DEADLINE_EXCEEDED")
    })

    it("end every kind of call at the client", async () => {
      const clock = virtualClock()
      const servicer = new Hanging()
      await using under = await pair(servicer, { channel: { clock } })
      const { client } = under
      const options = { timeoutMs: 500 }
      const calls = [
        client.say({ text: "" }, options),
        client.gather([], options),
        client.gather(options).response,
        textsOf(client.chat(options)),
      ].map(failureOf)
      await until(() => servicer.contexts.length === 4)
      await clock.advance(500)
      for (const call of calls) {
        const error = await call
        assert.equal(error.code, "DEADLINE_EXCEEDED")
        assert.match(error.message, /^the deadline passed at /)
      }
      await until(() => servicer.contexts.every((context) => context.cancelled))
    })

    it("end a handler's call at the server", async () => {
      const clock = virtualClock()
      const servicer = new Hanging()
      // The client's own clock stands still, so that the server's is the first.
      await using under = await pair(servicer, { server: { clock }, channel: { clock: virtualClock() } })
      const call = failureOf(under.client.say({ text: "" }, { timeoutMs: 500 }))
      await until(() => servicer.contexts.length === 1)
      const [context] = servicer.contexts
      assert.equal(context!.remainingMs, 500)
      assert.equal(context!.deadline!.getTime(), clock.wallNow() + 500)
      await clock.advance(499)
      assert.equal(context!.remainingMs, 1)
      assert.equal(context!.cancelled, false)
      await clock.advance(1)
      assert.deepEqual(servicer.log, ["aborted: DEADLINE_EXCEEDED"])
      assert.equal(context!.remainingMs, 0)
      assert.equal((await call).code, "CANCELLED")
    })

    it("are an instant, or a timeout, whichever is earlier, or the client's default", async () => {
      const clock = virtualClock()
      const remaining: number[] = []
      const servicer = {
        say: (request: Text, context: ServerContext) => {
          remaining.push(context.remainingMs)
          return request
        },
      }
      const clocks = { server: { clock }, channel: { clock } }
      await using under = await pair(servicer, { ...clocks, client: { timeoutMs: 70_000 } })
      const { client } = under
      const request = { text: "" }
      await client.say(request)
      await client.say(request, { timeoutMs: 10_000 })
      await client.say(request, { deadline: new Date(clock.wallNow() + 20_000) })
      await client.say(request, { deadline: new Date(clock.wallNow() + 20_000), timeoutMs: 5_000 })
      await client.say(request, { deadline: new Date(clock.wallNow() + 3_000), timeoutMs: 5_000 })
      await client.say(request, { timeoutMs: Number.POSITIVE_INFINITY })
      assert.deepEqual(remaining, [70_000, 10_000, 20_000, 5_000, 3_000, Number.POSITIVE_INFINITY])
    })

    it("36. are of a monotonic clock: the wall clock may jump as it likes", async () => {
      const clock = virtualClock()
      const servicer = new Hanging()
      await using under = await pair(servicer, { server: { clock }, channel: { clock } })
      let ended = false
      const call = failureOf(under.client.say({ text: "" }, { timeoutMs: 500 })).then((error) => {
        ended = true
        return error.code
      })
      await until(() => servicer.contexts.length === 1)
      clock.wallNow = () => Date.UTC(2050, 0, 1)
      await clock.advance(499)
      clock.wallNow = () => 0
      assert.equal(servicer.contexts[0]!.remainingMs, 1)
      assert.equal(ended, false)
      await clock.advance(1)
      assert.equal(await call, "DEADLINE_EXCEEDED")
    })

    it("that have passed end the call before it begins", async () => {
      const servicer = new Hanging()
      await using under = await pair(servicer)
      for (const options of [{ timeoutMs: 0 }, { timeoutMs: -1 }, { deadline: new Date(0) }]) {
        const error = await failureOf(under.client.say({ text: "" }, options))
        assert.deepEqual(
          [error.code, error.message],
          ["DEADLINE_EXCEEDED", "the deadline had passed before the call began"],
        )
        assert.equal((await failureOf(textsOf(under.client.chat([], options)))).code, "DEADLINE_EXCEEDED")
      }
      assert.equal(servicer.contexts.length, 0)
    })

    it("that are no number or date are a mistake of the caller's", async () => {
      await using under = await pair(new Hanging())
      for (const options of [
        { timeoutMs: Number.NaN },
        { timeoutMs: "5" as unknown as number },
        { deadline: new Date(Number.NaN) },
      ]) {
        await assert.rejects(async () => under.client.say({ text: "" }, options), TypeError)
        assert.throws(() => under.client.repeat({ text: "" }, options), TypeError)
      }
    })

    it("40. are handed on to calls made with a handler's context as their parent", async () => {
      const clock = virtualClock()
      const remaining: number[] = []
      const clocks = { server: { clock }, channel: { clock } }
      const inner = new Hanging()
      await using backend = await pair(inner, clocks)
      let innerFailure: string | undefined
      await using under = await pair(
        {
          say: async (request, context) => {
            remaining.push(context.remainingMs)
            const call = backend.client.say(request, { parent: context, timeoutMs: 10_000 })
            innerFailure = (await failureOf(call)).code
            return request
          },
        },
        clocks,
      )
      const call = failureOf(under.client.say({ text: "" }, { timeoutMs: 400 }))
      await until(() => inner.contexts.length === 1)
      assert.deepEqual(remaining, [400])
      assert.equal(inner.contexts[0]!.remainingMs, 400)
      await clock.advance(400)
      assert.equal((await call).code, "DEADLINE_EXCEEDED")
      await until(() => innerFailure !== undefined)
      assert.equal(innerFailure, "DEADLINE_EXCEEDED")
    })

    it("40. so is cancelling, and the end of the parent", async () => {
      const inner = new Hanging()
      await using backend = await pair(inner)
      const failures: string[] = []
      await using under = await pair({
        say: async (request, context) => {
          const call = backend.client.say(request, { parent: context })
          void failureOf(call).then((error) => failures.push(error.code))
          await until(() => inner.contexts.length > 0)
          if (request.text === "hang") await call
          return request
        },
      })
      await under.client.say({ text: "ends" })
      await until(() => failures.length === 1)
      const abortion = new AbortController()
      const call = failureOf(under.client.say({ text: "hang" }, { signal: abortion.signal }))
      await until(() => inner.contexts.length === 2)
      abortion.abort()
      await call
      await until(() => failures.length === 2)
      assert.deepEqual(failures, ["CANCELLED", "CANCELLED"])
    })
  })
}

function bound(servicer: Hanging): Servicer<typeof Parrot> {
  return {
    say: servicer.say.bind(servicer),
    gather: servicer.gather.bind(servicer),
    repeat: servicer.repeat.bind(servicer),
    chat: servicer.chat.bind(servicer),
  }
}
