import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { CallOptions } from "../client/call-options.js"
import type { Servicer } from "../server/servicer.js"
import { failureOf, Gate, textsOf, until, withoutUnhandledRejections } from "../test-support/outcome.js"
import { Parrot, type Text, TextCodec } from "../test-support/parrot.js"
import { settled } from "../test-support/settled.js"
import { createTestPair, type TestPair } from "../testing/test-pair.js"
import type { Call, Interceptor, Response } from "./interceptor.js"
import { Metadata } from "./metadata.js"
import { okStatus } from "./status.js"
import { StatusError } from "./status-error.js"

const echo: Servicer<typeof Parrot> = {
  say: (request) => request,
  gather: async (requests) => ({ text: (await textsOf(requests)).join(" ") }),
  *repeat({ text }) {
    for (let i = 0; i < 3; i++) yield { text: text + i }
  },
  async *chat(requests) {
    yield* requests
  },
}

type TestClient = TestPair<typeof Parrot>["client"]

/** A call of each kind, with the texts that come back. */
const kinds: readonly [kind: string, call: (client: TestClient, options?: CallOptions) => Promise<string[]>][] = [
  ["unary", async (client, options) => [(await client.say({ text: "a" }, options)).text]],
  ["clientStreaming", async (client, options) => [(await client.gather([{ text: "a" }], options)).text]],
  ["serverStreaming", (client, options) => textsOf(client.repeat({ text: "a" }, options))],
  ["bidiStreaming", (client, options) => textsOf(client.chat([{ text: "a" }], options))],
]

async function* mapped(messages: AsyncIterable<unknown>, change: (text: string) => string): AsyncGenerator<Text> {
  for await (const message of messages) yield { text: change((message as Text).text) }
}

/** Changes every request and every response. */
const shouting: Interceptor = (next) => async (call) => {
  const shout = (text: string): string => `${text}!`
  const message = async (): Promise<Text> => ({ text: shout(((await call.message()) as Text).text) })
  const streamed = call.method.kind === "clientStreaming" || call.method.kind === "bidiStreaming"
  const response = await next(call.with(streamed ? { messages: mapped(call.messages, shout) } : { message }))
  if (call.method.kind === "unary" || call.method.kind === "clientStreaming") {
    return response.with({ message: async () => ({ text: shout(((await response.message()) as Text).text) }) })
  }
  return response.with({ messages: mapped(response.messages, shout) })
}

for (const side of ["client", "server"] as const) {
  for (const transport of ["memory", "tcp"] as const) {
    const pair = (
      interceptors: readonly Interceptor[],
      servicer: Partial<Servicer<typeof Parrot>> = echo,
    ): Promise<TestPair<typeof Parrot>> =>
      createTestPair(Parrot, servicer, {
        transport,
        server: { onHandlerError: () => {}, ...(side === "server" ? { interceptors } : {}) },
        client: side === "client" ? { interceptors } : {},
      })

    describe(`interceptors of the ${side} over ${transport}`, () => {
      for (const [kind, call] of kinds) {
        it(`stand around a call, the first outermost (${kind})`, async () => {
          const log: string[] = []
          const named =
            (name: string): Interceptor =>
            (next) =>
            async (one) => {
              assert.equal(one.method.kind, kind)
              log.push(`${name} in`)
              const response = await next(one)
              log.push(`${name} out`)
              void response.status.then(({ code }) => log.push(`${name} ${code}`))
              return response
            }
          await using under = await pair([named("a"), named("b")])
          await call(under.client)
          await until(() => log.length === 6)
          // A unary call is over when its client's interceptors have the response: who asks is told at once.
          const passes = log.filter((line) => !line.endsWith("OK"))
          assert.deepEqual(passes, ["a in", "b in", "b out", "a out"])
          assert.deepEqual(log.filter((line) => line.endsWith("OK")).sort(), ["a OK", "b OK"])
        })

        it(`replace messages (${kind})`, async () => {
          await using under = await pair([shouting])
          const texts = await call(under.client)
          assert.deepEqual(texts, kind === "serverStreaming" ? ["a!0!", "a!1!", "a!2!"] : ["a!!"])
        })

        it(`answer without the server, or the handler (${kind})`, async () => {
          const never = (): never => assert.fail("the handler ran")
          const canned: Interceptor = () => async () => new Canned(["from afar"])
          await using under = await pair([canned], { say: never, gather: never, repeat: never, chat: never })
          assert.deepEqual(await call(under.client), ["from afar"])
        })

        it(`refuse a call with a status (${kind})`, async () => {
          const refusing: Interceptor = () => async () => {
            throw new StatusError("UNAUTHENTICATED", "who are you?")
          }
          await using under = await pair([refusing])
          const error = await failureOf(call(under.client))
          assert.deepEqual([error.code, error.message], ["UNAUTHENTICATED", "who are you?"])
        })

        it(`see how a call fails, and can make another error of it (${kind})`, async () => {
          const seen: string[] = []
          const translating: Interceptor = (next) => async (one) => {
            try {
              return await next(one)
            } catch (error) {
              seen.push((error as StatusError).code)
              throw new StatusError("UNAVAILABLE", "translated", { cause: error })
            }
          }
          const fail = (): never => {
            throw new StatusError("NOT_FOUND", "gone")
          }
          await using under = await pair([translating], { say: fail, gather: fail, repeat: fail, chat: fail })
          assert.equal((await failureOf(call(under.client))).code, "UNAVAILABLE")
          assert.deepEqual(seen, ["NOT_FOUND"])
        })

        it(`may fail themselves, without harm to others (${kind})`, async () => {
          await withoutUnhandledRejections(async () => {
            let broken = true
            const failing: Interceptor = (next) => async (one) => {
              if (broken) throw new Error("a fault of the interceptor's")
              return next(one)
            }
            await using under = await pair([failing])
            const fails = call(under.client)
            if (side === "client") await assert.rejects(fails, /a fault of the interceptor's/)
            else assert.equal((await failureOf(fails)).code, "UNKNOWN")
            broken = false
            assert.ok((await call(under.client)).length > 0)
          })
        })

        it(`know method, deadline, signal, metadata (${kind})`, async () => {
          const seen: Call[] = []
          const looking: Interceptor = (next) => (one) => {
            seen.push(one)
            return next(one)
          }
          await using under = await pair([looking])
          await call(under.client, { timeoutMs: 60_000, metadata: { x: "1" } })
          const [one] = seen
          assert.equal(one!.method.kind, kind)
          assert.equal(one!.metadata.get("x"), "1")
          assert.ok(Number.isFinite(one!.deadline))
          assert.ok(one!.signal instanceof AbortSignal)
          if (side === "server") assert.match(one!.peer!, transport === "tcp" ? /^ipv4:127/ : /^in-memory:/)
        })
      }

      it("change metadata both ways", async () => {
        let handlerSaw: string[] = []
        const changing: Interceptor = (next) => async (call) => {
          const metadata = new Metadata(call.metadata).set("x-added", "by the interceptor")
          metadata.delete("x-removed")
          const response = await next(call.with({ metadata }))
          response.headers.set("h-added", "1")
          if (side === "server") response.trailers.set("t-added", "2")
          return response
        }
        await using under = await pair([changing], {
          *repeat(request, context) {
            handlerSaw = [...context.metadata].map(([key]) => key)
            yield request
          },
        })
        const call = under.client.repeat({ text: "" }, { metadata: { "x-removed": "1", "x-kept": "1" } })
        await textsOf(call)
        assert.deepEqual(handlerSaw.filter((key) => key.startsWith("x-")).sort(), ["x-added", "x-kept"])
        assert.equal((await call.headers).get("h-added"), "1")
        if (side === "server") assert.equal((await call.trailers).get("t-added"), "2")
      })

      it("leave values for those further in, however the call is changed, and for the handler", async () => {
        const key = Symbol("left")
        const seen: unknown[] = []
        const leaving: Interceptor = (next) => (call) => {
          call.values.set(key, call.metadata.get("x"))
          return next(call.with({ metadata: new Metadata(call.metadata) }))
        }
        const finding: Interceptor = (next) => (call) => {
          seen.push(call.values.get(key))
          return next(call)
        }
        await using under = await pair([leaving, finding], {
          say(request, { values }) {
            seen.push(values.get(key))
            return request
          },
        })
        await under.client.say({ text: "" }, { metadata: { x: "1" } })
        await under.client.say({ text: "" }, { metadata: { x: "2" } })
        // A client's go over no wire.
        assert.deepEqual(seen, side === "server" ? ["1", "1", "2", "2"] : ["1", undefined, "2", undefined])
      })

      it("see trailers once the status is there", async () => {
        const seen = new Gate()
        let trailer: string | undefined
        const looking: Interceptor = (next) => async (call) => {
          const response = await next(call)
          void response.status.then(() => {
            trailer = response.trailers.get("t")
            seen.open()
          })
          return response
        }
        await using under = await pair([looking], {
          *repeat(request, context) {
            context.responseTrailers.set("t", "1")
            yield request
          },
        })
        await textsOf(under.client.repeat({ text: "" }))
        await seen.opened
        assert.equal(trailer, "1")
      })

      it("let a call be cancelled, and leave nothing behind", async () => {
        const aborted = new Gate()
        const through: Interceptor = (next) => (call) => next(call)
        await using under = await pair([through], {
          async *chat(requests, context) {
            context.signal.addEventListener("abort", () => aborted.open())
            yield { text: "ready" }
            yield* requests
          },
        })
        const call = under.client.chat()
        for await (const { text } of call) {
          assert.equal(text, "ready")
          break
        }
        await aborted.opened
        assert.equal((await call.status).code, "CANCELLED")
        assert.equal(await call.write({ text: "late" }), false)
      })

      it("let requests be written by hand", async () => {
        await using under = await pair([shouting])
        const call = under.client.gather()
        assert.equal(await call.write({ text: "a" }), true)
        assert.equal(await call.write({ text: "b" }), true)
        call.end()
        await assert.rejects(call.write({ text: "c" }), TypeError)
        assert.deepEqual(await call.response, { text: "a! b!!" })
        assert.equal((await call.status).code, "OK")
      })

      it("read a request as often as they like", async () => {
        const texts: string[] = []
        const logging: Interceptor = (next) => async (call) => {
          const early = call.message()
          const response = await next(call)
          texts.push(((await early) as Text).text, ((await call.message()) as Text).text)
          return response
        }
        await using under = await pair([logging])
        assert.deepEqual(await under.client.say({ text: "a" }), { text: "a" })
        assert.deepEqual(texts, ["a", "a"])
      })
    })
  }
}

describe("interceptors of the server", () => {
  for (const [kind, name] of [
    ["unary", "say"],
    ["clientStreaming", "gather"],
    ["serverStreaming", "repeat"],
    ["bidiStreaming", "chat"],
  ] as const) {
    it(`run before the body is read: a call that is refused costs no decoding (${kind})`, async (test) => {
      const log: string[] = []
      const refusing: Interceptor = (next) => async (call) => {
        log.push("interceptor")
        await settled()
        if (!call.metadata.has("token")) throw new StatusError("UNAUTHENTICATED", "no token")
        return next(call)
      }
      const { decode } = TextCodec
      test.mock.method(TextCodec, "decode", (...args: Parameters<typeof decode>) => {
        log.push("decode")
        return decode(...args)
      })
      await using under = await createTestPair(Parrot, echo, { server: { interceptors: [refusing] } })
      const call = kinds.find(([one]) => one === kind)![1]
      assert.equal((await failureOf(call(under.client))).code, "UNAUTHENTICATED")
      assert.deepEqual(log, ["interceptor"])
      const texts = await call(under.client, { metadata: { token: "1" } })
      assert.deepEqual(texts, name === "repeat" ? ["a0", "a1", "a2"] : ["a"])
      assert.deepEqual(log.slice(0, 3), ["interceptor", "interceptor", "decode"])
    })
  }

  it("that take their time do not let requests pile up", async () => {
    const gate = new Gate()
    const waiting: Interceptor = (next) => async (call) => {
      await gate.opened
      return next(call)
    }
    const servicer = {
      gather: async (requests: AsyncIterable<Text>) => ({ text: `${(await textsOf(requests)).length}` }),
    }
    await using under = await createTestPair(Parrot, servicer, { server: { interceptors: [waiting] } })
    let taken = 0
    const text = "x".repeat(50_000)
    function* many(): Generator<Text> {
      for (; taken < 100; taken++) yield { text }
    }
    const call = under.client.gather(many())
    await until(() => taken >= 5)
    for (let turn = 0; turn < 50; turn++) await settled()
    assert.ok(taken * 50_000 < 700_000, `${taken} messages of 50,000 bytes were taken`)
    gate.open()
    assert.deepEqual(await call, { text: "100" })
  })

  for (const [kind, call] of kinds) {
    it(`say so when they forget to return the response (${kind})`, async () => {
      const forgetful: Interceptor = (next) => async (one) => {
        await next(one)
        return undefined as never
      }
      const message = "an interceptor must return the response that next(call) resolves to, not undefined"
      await using ours = await createTestPair(Parrot, echo, { client: { interceptors: [forgetful] } })
      await assert.rejects(call(ours.client), { name: "TypeError", message })
      const told: unknown[] = []
      const server = { interceptors: [forgetful], onHandlerError: (error: unknown) => told.push(error) }
      await using theirs = await createTestPair(Parrot, echo, { server })
      await assert.rejects(call(theirs.client), { code: "UNKNOWN" })
      assert.equal((told[0] as Error).message, message)
    })
  }

  it("of another form are refused before there are calls", async () => {
    const inOneGo = ((call: Call, next: unknown) => [call, next]) as never
    for (const interceptors of [[inOneGo], [5 as never]]) {
      const message = "interceptors[0] must be of the form (next) => async (call) => next(call)"
      await assert.rejects(createTestPair(Parrot, echo, { client: { interceptors } }), { name: "TypeError", message })
      await assert.rejects(createTestPair(Parrot, echo, { server: { interceptors } }), { name: "TypeError", message })
    }
  })

  it("do not run for methods that are not there", async () => {
    const interceptors: Interceptor[] = [() => () => assert.fail("an interceptor ran")]
    await using under = await createTestPair(Parrot, {}, { server: { interceptors } })
    assert.equal((await failureOf(under.client.say({ text: "a" }))).code, "UNIMPLEMENTED")
  })

  it("that never answer do not keep a call from its deadline", async () => {
    const interceptors: Interceptor[] = [() => () => new Promise<Response>(() => {})]
    await using under = await createTestPair(Parrot, echo, { server: { interceptors } })
    assert.equal((await failureOf(under.client.say({ text: "a" }, { timeoutMs: 20 }))).code, "DEADLINE_EXCEEDED")
    await settled()
  })
})

/** A response of an interceptor's own. */
class Canned implements Response {
  readonly headers: Metadata = new Metadata()
  readonly trailers: Metadata = new Metadata()
  readonly status = Promise.resolve(okStatus)
  private readonly texts: readonly string[]

  constructor(texts: readonly string[]) {
    this.texts = texts
  }

  async message(): Promise<Text> {
    return { text: this.texts[0]! }
  }

  get messages(): AsyncIterable<Text> {
    const { texts } = this
    return (async function* () {
      for (const text of texts) yield { text }
    })()
  }

  with(): Response {
    return this
  }
}
