import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { Call, Interceptor } from "../core/interceptor.js"
import { StatusError } from "../core/status-error.js"
import type { Servicer } from "../server/servicer.js"
import { failureOf, Gate, textsOf } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { createTestPair, type TestPair } from "../testing/test-pair.js"

const echo: Partial<Servicer<typeof Parrot>> = {
  say: (request) => request,
  async *chat(requests) {
    yield* requests
  },
}

function pair(
  interceptors: readonly Interceptor[],
  servicer: Partial<Servicer<typeof Parrot>> = echo,
): Promise<TestPair<typeof Parrot>> {
  return createTestPair(Parrot, servicer, { client: { interceptors } })
}

describe("interceptors of a client", () => {
  it("that have not gone on yet make no call of one that is cancelled meanwhile", async () => {
    const gate = new Gate()
    let served = false
    const waits: Interceptor = (next) => async (call) => {
      await gate.opened
      return next(call)
    }
    await using under = await pair([waits], {
      async *chat(requests) {
        served = true
        yield* requests
      },
    })
    const call = under.client.chat()
    call.cancel(new Error("enough"))
    gate.open()
    const error = await failureOf(textsOf(call))
    assert.equal(error.code, "CANCELLED")
    assert.equal((error.cause as Error).message, "enough")
    assert.equal(served, false)
  })

  for (const early of [true, false]) {
    it(`have a signal of a call's cancelling, asked for ${early ? "before" : "behind"} it`, async () => {
      const gate = new Gate()
      let seen: Call | undefined
      const looks: Interceptor = (next) => async (call) => {
        seen = call
        if (early) assert.equal(call.signal.aborted, false)
        const response = await next(call)
        gate.open()
        return response
      }
      await using under = await pair([looks])
      const call = under.client.chat()
      await call.write({ text: "a" })
      await gate.opened
      call.cancel("enough")
      assert.equal((await call.status).code, "CANCELLED")
      assert.equal(seen!.signal.aborted, true)
      assert.equal(seen!.signal.reason, "enough")
    })
  }

  it("have the user's signal in their own", async () => {
    const abortion = new AbortController()
    let seen: AbortSignal | undefined
    const looks: Interceptor = (next) => (call) => {
      seen = call.signal
      return next(call)
    }
    await using under = await pair([looks], { say: () => new Promise(() => {}) })
    const call = under.client.say({ text: "a" }, { signal: abortion.signal })
    abortion.abort("enough")
    assert.equal((await failureOf(call)).code, "CANCELLED")
    assert.equal(seen!.aborted, true)
    assert.equal(seen!.reason, "enough")
  })

  it("may make a call again, of which cancelling reaches the one that runs", async () => {
    let calls = 0
    const again: Interceptor = (next) => async (call) => {
      try {
        return await next(call)
      } catch {
        return await next(call)
      }
    }
    const aborted = new Gate()
    await using under = await pair([again], {
      async *chat(requests, context) {
        if (++calls === 1) throw new StatusError("ABORTED", "the first")
        context.signal.addEventListener("abort", () => aborted.open())
        context.sendHeaders()
        await aborted.opened
        yield* requests
      },
    })
    const call = under.client.chat()
    await call.headers
    call.cancel()
    await aborted.opened
    assert.equal(calls, 2)
    assert.equal((await call.status).code, "CANCELLED")
  })

  it("that change nothing send what the user said, though they have looked", async () => {
    const sent: (string | undefined)[] = []
    const looks: Interceptor = (next) => (call) => {
      assert.equal(call.metadata.has("missing"), false)
      return next(call)
    }
    await using under = await pair([looks, looks], {
      say(request, { metadata, remainingMs }) {
        sent.push(metadata.get("own"), remainingMs > 9000 && remainingMs <= 10_000 ? "10 s" : `${remainingMs}`)
        return request
      },
    })
    await under.client.say({ text: "a" }, { metadata: { own: "1" }, timeoutMs: 10_000 })
    await under.client.say({ text: "a" })
    assert.deepEqual(sent, ["1", "10 s", undefined, "Infinity"])
  })

  it("see of a unary call its headers, trailers and peer", async () => {
    const seen: (string | undefined)[] = []
    const looks: Interceptor = (next) => async (call) => {
      const response = await next(call)
      seen.push(response.headers.get("head"), response.trailers.get("tail"), call.peer, `${response.attempts}`)
      assert.equal(response.headers, response.headers)
      return response
    }
    await using under = await pair([looks], {
      say(request, context) {
        context.responseHeaders.set("head", "1")
        context.responseTrailers.set("tail", "2")
        return request
      },
    })
    assert.deepEqual(await under.client.say({ text: "a" }), { text: "a" })
    assert.deepEqual([seen[0], seen[1], seen[3]], ["1", "2", "1"])
    assert.notEqual(seen[2], undefined)
  })

  it("get what is wrong with a call's options as the promise's error", async () => {
    await using under = await pair([(next) => next])
    await assert.rejects(under.client.say({ text: "a" }, { timeoutMs: Number.NaN }), TypeError)
    await assert.rejects(under.client.say({ text: "a" }, { metadata: { "grpc-x": "1" } }), TypeError)
  })
})
