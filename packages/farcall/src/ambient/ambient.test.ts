import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { Client } from "../client/client.js"
import type { ClientOptions } from "../client/client-options.js"
import type { Interceptor } from "../core/interceptor.js"
import type { ServerContext } from "../server/context.js"
import type { Servicer } from "../server/servicer.js"
import { failureOf, Gate, textsOf, until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { settled } from "../test-support/settled.js"
import { createTestPair, type TestPair } from "../testing/test-pair.js"
import { type VirtualClock, virtualClock } from "../testing/virtual-clock.js"
import { ambient, ambientParent, detached, withParent } from "./index.js"

type ParrotClient = Client<typeof Parrot>

/** A client, a server that asks a second one, and that second one, which tells how long it was given. */
async function relay(
  servicer: (backend: ParrotClient) => Partial<Servicer<typeof Parrot>>,
  onBackend: (context: ServerContext) => Promise<unknown> = async () => {},
  options: ClientOptions = { parent: ambientParent },
): Promise<{ clock: VirtualClock; client: ParrotClient } & AsyncDisposable> {
  const clock = virtualClock()
  const backend = await createTestPair(
    Parrot,
    {
      async say(request, context) {
        await onBackend(context)
        return { text: `${request.text}${context.remainingMs}` }
      },
    },
    { transport: "memory", server: { clock }, channel: { clock }, client: options },
  )
  const front: TestPair<typeof Parrot> = await createTestPair(Parrot, servicer(backend.client), {
    transport: "memory",
    server: { clock, interceptors: [ambient({ clock })], onHandlerError: () => {} },
    channel: { clock },
  })
  return {
    clock,
    client: front.client,
    async [Symbol.asyncDispose]() {
      await front.close()
      await backend.close()
    },
  }
}

/** Handlers of each kind, which ask the backend far down, behind other awaits. */
function asking(backend: ParrotClient): Servicer<typeof Parrot> {
  const ask = async (text: string): Promise<{ text: string }> => {
    await settled()
    return backend.say({ text })
  }
  return {
    say: ({ text }) => ask(text),
    async gather(requests) {
      return ask((await textsOf(requests)).join(""))
    },
    async *repeat({ text }) {
      yield await ask(text)
      await settled()
      yield await ask(text)
    },
    async *chat(requests) {
      for await (const { text } of requests) yield await ask(text)
    },
  }
}

describe("ambient deadlines and cancellation", () => {
  it("give calls made in handlers of each kind the time that is left", async () => {
    await using stage = await relay(asking)
    const { client } = stage
    assert.equal((await client.say({ text: "a" }, { timeoutMs: 5000 })).text, "a5000")
    assert.equal((await client.gather([{ text: "a" }], { timeoutMs: 4000 })).text, "a4000")
    assert.deepEqual(await textsOf(client.repeat({ text: "a" }, { timeoutMs: 3000 })), ["a3000", "a3000"])
    assert.deepEqual(await textsOf(client.chat([{ text: "a" }, { text: "b" }], { timeoutMs: 2000 })), [
      "a2000",
      "b2000",
    ])
    assert.equal((await client.say({ text: "a" })).text, "aInfinity")
  })

  it("go through interceptors of the client that makes the calls", async () => {
    const through: Interceptor = (next) => (call) => next(call)
    await using stage = await relay(asking, undefined, { parent: ambientParent, interceptors: [through] })
    assert.equal((await stage.client.say({ text: "a" }, { timeoutMs: 5000 })).text, "a5000")
    assert.deepEqual(await textsOf(stage.client.repeat({ text: "a" }, { timeoutMs: 3000 })), ["a3000", "a3000"])
  })

  it("leave a shorter time, or another parent, that a call names itself", async () => {
    const other = { remainingMs: 77, signal: new AbortController().signal }
    await using stage = await relay((backend) => ({
      say: async ({ text }) => {
        const shorter = await backend.say({ text }, { timeoutMs: 100 })
        const longer = await backend.say(shorter, { timeoutMs: 1e6 })
        return backend.say({ text: `${longer.text} ` }, { parent: other })
      },
    }))
    assert.equal((await stage.client.say({ text: "" }, { timeoutMs: 5000 })).text, "1005000 77")
  })

  it("cancel them when the handler's call is cancelled, in each kind of handler", async () => {
    for (const kind of ["say", "gather", "repeat", "chat"] as const) {
      const asked = new Gate()
      let cancelled = false
      await using stage = await relay(asking, (context) => {
        context.signal.addEventListener("abort", () => {
          cancelled = context.cancelled
        })
        asked.open()
        return new Promise(() => {})
      })
      const abortion = new AbortController()
      const options = { signal: abortion.signal }
      const { client } = stage
      const call = {
        say: () => client.say({ text: "" }, options),
        gather: () => client.gather([{ text: "" }], options),
        repeat: () => textsOf(client.repeat({ text: "" }, options)),
        chat: () => textsOf(client.chat([{ text: "" }], options)),
      }[kind]()
      const failure = failureOf(call)
      await asked.opened
      abortion.abort()
      assert.equal((await failure).code, "CANCELLED")
      await until(() => cancelled, `${kind}: the backend's call is cancelled`)
    }
  })

  it("end them at the handler's deadline", async () => {
    let seen: Promise<unknown> | undefined
    const asked = new Gate()
    await using stage = await relay(
      (backend) => ({
        say: (request) => {
          const reply = backend.say(request)
          seen = failureOf(reply)
          return reply
        },
      }),
      () => {
        asked.open()
        return new Promise(() => {})
      },
    )
    const failure = failureOf(stage.client.say({ text: "" }, { timeoutMs: 300 }))
    await asked.opened
    await stage.clock.advance(300)
    assert.equal((await failure).code, "DEADLINE_EXCEEDED")
    assert.equal(((await seen) as { code: string }).code, "DEADLINE_EXCEEDED")
  })

  it("keep calls apart that run at the same time", async () => {
    await using stage = await relay(asking)
    const timeouts = Array.from({ length: 50 }, (_, index) => 1000 + index)
    const replies = await Promise.all(timeouts.map((timeoutMs) => stage.client.say({ text: "" }, { timeoutMs })))
    assert.deepEqual(
      replies.map(({ text }) => Number(text)),
      timeouts,
    )
  })

  it("do not hold what was detached, nor what no handler makes", async () => {
    let late: Promise<{ text: string }> | undefined
    const gate = new Gate()
    await using stage = await relay(
      (backend) => ({
        say: (request) => {
          late = detached(() => backend.say({ text: "late " }))
          return request
        },
      }),
      () => gate.opened,
    )
    await stage.client.say({ text: "" }, { timeoutMs: 1000 })
    gate.open()
    assert.equal((await late!).text, "late Infinity")
    assert.equal(ambientParent(), undefined)
  })

  it("are for clients that ask for it only", async () => {
    await using stage = await relay(asking, undefined, { timeoutMs: 60_000 })
    assert.equal((await stage.client.say({ text: "" }, { timeoutMs: 1000 })).text, "60000")
  })

  it("can be given to code that a handler did not call", () => {
    const parent = { remainingMs: 5, signal: new AbortController().signal }
    assert.equal(withParent(parent, ambientParent), parent)
    assert.equal(ambientParent(), undefined)
  })

  it("leave streams as they are: plain iterables, their end, and what is none", async () => {
    const closed = new Gate()
    const servicer = {
      *repeat(request: { text: string }) {
        try {
          for (;;) yield request
        } finally {
          closed.open()
        }
      },
      chat: () => 5,
    }
    await using stage = await relay(() => servicer as never)
    for await (const { text } of stage.client.repeat({ text: "a" })) {
      assert.equal(text, "a")
      break
    }
    await closed.opened
    assert.equal((await failureOf(textsOf(stage.client.chat([])))).code, "UNKNOWN")
  })
})
