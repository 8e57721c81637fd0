import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { Metadata } from "../core/metadata.js"
import { StatusError } from "../core/status-error.js"
import type { Servicer } from "../server/servicer.js"
import { failureOf, textsOf, until, withoutUnhandledRejections } from "../test-support/outcome.js"
import { callEach, Parrot } from "../test-support/parrot.js"
import { createTestPair, type TestPair } from "../testing/test-pair.js"

for (const transport of ["memory", "tcp"] as const) {
  const pair = (servicer: Partial<Servicer<typeof Parrot>>): Promise<TestPair<typeof Parrot>> =>
    createTestPair(Parrot, servicer, { transport, server: { onHandlerError: () => {} } })

  describe(`metadata over ${transport}`, () => {
    it("goes both ways with every kind of call", async () => {
      const reflect = (context: {
        metadata: Metadata
        responseHeaders: Metadata
        responseTrailers: Metadata
      }): void => {
        context.responseHeaders.merge({ "h-text": context.metadata.getAll("x") })
        context.responseHeaders.append("h-bin", context.metadata.get("b-bin")!)
        context.responseTrailers.append("t-bin", context.metadata.get("b-bin")!.slice().reverse()).append("t", "end")
      }
      await using under = await pair({
        say: (request, context) => {
          reflect(context)
          return request
        },
        async gather(requests, context) {
          for await (const _ of requests);
          reflect(context)
          return { text: "" }
        },
        *repeat(request, context) {
          reflect(context)
          yield request
        },
        async *chat(requests, context) {
          reflect(context)
          for await (const request of requests) yield request
        },
      })
      const bytes = Uint8Array.of(0, 255, 1, 128)
      let headers: Metadata | undefined
      let trailers: Metadata | undefined
      const options = {
        metadata: { x: ["one", "two"], "b-bin": bytes },
        onHeader: (metadata: Metadata) => {
          headers = metadata
        },
        onTrailer: (metadata: Metadata) => {
          trailers = metadata
        },
      }
      const { client } = under
      const calls = [
        () => client.say({ text: "" }, options),
        () => client.gather([{ text: "" }], options),
        () => textsOf(client.repeat({ text: "" }, options)),
        () => textsOf(client.chat([{ text: "" }], options)),
        async () => {
          const call = client.chat(options)
          call.end()
          await textsOf(call)
          assert.deepEqual(await call.headers, headers)
          assert.deepEqual(await call.trailers, trailers)
        },
      ]
      for (const call of calls) {
        headers = undefined
        trailers = undefined
        await call()
        assert.deepEqual(headers!.getAll("h-text"), ["one", "two"])
        assert.deepEqual(new Uint8Array(headers!.get("h-bin")!), bytes)
        assert.deepEqual(trailers!.getAll("t-bin"), [bytes.slice().reverse()])
        assert.equal(trailers!.get("t"), "end")
      }
    })

    it("is refused before the call begins when it is not allowed", async () => {
      let calls = 0
      await using under = await pair({
        say: (request) => {
          calls++
          return request
        },
      })
      await assert.rejects(async () => under.client.say({ text: "" }, { metadata: { "grpc-status": "0" } }), TypeError)
      await assert.rejects(async () => under.client.say({ text: "" }, { metadata: { a: "\r\n" } }), TypeError)
      assert.throws(() => under.client.repeat({ text: "" }, { metadata: { a: "\0" } }), TypeError)
      assert.equal(calls, 0)
    })

    it("of a client that names no options is what the transport needs", async () => {
      let received: string[] = []
      await using under = await pair({
        say: (request, context) => {
          received = [...context.metadata].map(([key]) => key)
          return request
        },
      })
      await under.client.say({ text: "" })
      assert.deepEqual(received, ["user-agent"])
    })
  })

  describe(`a status over ${transport}`, () => {
    const details = [
      { typeUrl: "type.googleapis.com/google.rpc.BadRequest", value: Uint8Array.of(1, 2, 3) },
      { typeUrl: "t/ü", value: new Uint8Array(0) },
    ]
    const thrown = (): never => {
      throw new StatusError("FAILED_PRECONDITION", "geht nicht: 50 % ☃\n ", {
        details,
        trailers: new Metadata({ "x-hint": "later", "x-bin": Uint8Array.of(9) }),
        cause: new Error("secret"),
      })
    }
    const servicer: Servicer<typeof Parrot> = {
      say: thrown,
      gather: async () => thrown(),
      repeat: thrown,
      async *chat() {
        yield { text: "first" }
        thrown()
      },
    }

    it("carries code, message, details and trailers with every kind of call", async () => {
      await using under = await pair(servicer)
      const { client } = under
      const calls = [
        client.say({ text: "" }),
        client.gather([]),
        client.gather().response,
        textsOf(client.repeat({ text: "" })),
        textsOf(client.chat([])),
        textsOf(client.chat()),
      ].map(failureOf)
      for (const call of calls) {
        const error = await call
        assert.equal(error.code, "FAILED_PRECONDITION")
        assert.equal(error.codeNumber, 9)
        assert.equal(error.message, "geht nicht: 50 % ☃\n ")
        assert.deepEqual(error.details, details)
        assert.equal(error.trailers!.get("x-hint"), "later")
        assert.deepEqual(error.trailers!.get("x-bin"), Uint8Array.of(9))
        assert.equal(error.cause, undefined)
      }
    })

    it("comes after the messages that were sent before it", async () => {
      await using under = await pair(servicer)
      const texts: string[] = []
      const call = under.client.chat([])
      const error = await failureOf(
        (async () => {
          for await (const { text } of call) texts.push(text)
        })(),
      )
      assert.deepEqual(texts, ["first"])
      assert.equal(error.code, "FAILED_PRECONDITION")
      assert.deepEqual(await call.status, { code: error.code, codeNumber: 9, message: error.message })
      assert.equal((await call.trailers).get("x-hint"), "later")
    })

    it("is promised by calls that fail without a word to anyone who does not ask", async () => {
      await withoutUnhandledRejections(async () => {
        await using under = await pair(servicer)
        const calls = [under.client.gather(), under.client.repeat({ text: "" }), under.client.chat()]
        for (const call of calls) {
          assert.equal((await call.status).code, "FAILED_PRECONDITION")
          await call.trailers
        }
        void calls[0]!.headers
        void under.client.gather().response
        void under.client.gather().headers
      })
    })

    it("is OK with what a call that succeeds promises", async () => {
      await using under = await pair({ *repeat() {}, gather: () => ({ text: "x" }) })
      const call = under.client.repeat({ text: "" })
      assert.deepEqual(await call.status, { code: "OK", codeNumber: 0, message: "" })
      assert.deepEqual(await textsOf(call), [])
      const gather = under.client.gather()
      assert.deepEqual(await gather.response, { text: "x" })
      assert.equal((await gather.status).code, "OK")
    })
  })

  describe(`what a handler throws over ${transport}`, () => {
    const secrets: readonly [what: string, thrown: unknown][] = [
      ["an Error", new Error("secret")],
      ["a text", "secret"],
      ["nothing", undefined],
      ["null", null],
      ["an object with a code", { code: "NOT_FOUND", message: "secret", details: "secret" }],
      ["an error with a stack of its own", Object.assign(new Error("secret"), { stack: "secret" })],
    ]
    for (const [what, thrown] of secrets) {
      it(`28. is UNKNOWN, and nothing of it leaks (${what})`, async () => {
        const told: unknown[] = []
        const fail = async (): Promise<never> => {
          throw thrown
        }
        await using under = await createTestPair(
          Parrot,
          {
            say: fail,
            gather: fail,
            async *repeat() {
              yield await fail()
            },
            // biome-ignore lint/correctness/useYield: it fails before
            *chat() {
              throw thrown
            },
          },
          { transport, server: { onHandlerError: (error, method) => told.push([error, method.name]) } },
        )
        const { client } = under
        for (const call of callEach(client).map(failureOf)) {
          const error = await call
          assert.equal(error.code, "UNKNOWN")
          assert.equal(error.message, "the handler failed")
          assert.doesNotMatch(JSON.stringify([error.details, [...error.trailers!]]), /secret/)
        }
        await until(() => told.length === 4)
        assert.deepEqual(told.map((entry) => (entry as unknown[])[1]).sort(), ["Chat", "Gather", "Repeat", "Say"])
      })
    }
  })

  describe(`callbacks of a call over ${transport}`, () => {
    const broken = (): never => {
      throw new Error("the callback's own fault")
    }

    it("that throw fail their call, and no other", async () => {
      await withoutUnhandledRejections(async () => {
        await using under = await pair({
          say: (request) => request,
          *repeat(request) {
            yield request
          },
        })
        const { client } = under
        const neighbour = client.say({ text: "neighbour" })
        for (const options of [{ onHeader: broken }, { onTrailer: broken }]) {
          const error = await failureOf(client.say({ text: "" }, options))
          assert.equal(error.code, "UNKNOWN")
          assert.match((error.cause as Error).message, /own fault/)
          const call = client.repeat({ text: "" }, options)
          assert.equal((await failureOf(textsOf(call))).code, "UNKNOWN")
          assert.equal((await call.status).code, "UNKNOWN")
        }
        assert.deepEqual(await neighbour, { text: "neighbour" })
        assert.deepEqual(await client.say({ text: "after" }), { text: "after" })
      })
    })
  })
}
