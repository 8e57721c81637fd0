import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { callCredentials } from "../../client/call-credentials.js"
import type { Interceptor } from "../../core/interceptor.js"
import { Metadata } from "../../core/metadata.js"
import { StatusError } from "../../core/status-error.js"
import type { ServerContext } from "../../server/context.js"
import { Gate, textsOf, withoutUnhandledRejections } from "../../test-support/outcome.js"
import { Parrot, type Text, talkative } from "../../test-support/parrot.js"
import { rejectsWithStatus } from "../rejects-with-status.js"
import { virtualClock } from "../virtual-clock.js"
import { mockClient } from "./mock-client.js"
import { mockServicer } from "./mock-servicer.js"

describe("a mock client", () => {
  it("answers all four kinds of call", async () => {
    const client = mockClient(Parrot, talkative)
    assert.deepEqual(await client.say({ text: "hi" }), { text: "hi!" })
    assert.deepEqual(await client.gather([{ text: "a" }, { text: "b" }]), { text: "ab" })
    const gathering = client.gather()
    assert.equal(await gathering.write({ text: "c" }), true)
    gathering.end()
    assert.deepEqual(await gathering.response, { text: "c" })
    assert.deepEqual(await textsOf(client.repeat({ text: "r" })), ["r0", "r1", "r2"])
    assert.deepEqual(await textsOf(client.chat([{ text: "x" }, { text: "y" }])), ["X", "Y"])
    const chat = client.chat()
    const replies = chat[Symbol.asyncIterator]()
    await chat.write({ text: "one" })
    assert.deepEqual(await replies.next(), { value: { text: "ONE" }, done: false })
    chat.end()
    assert.equal((await replies.next()).done, true)
    assert.equal((await chat.status).code, "OK")
  })

  it("carries metadata, headers, trailers and the handler's context as a server does", async () => {
    const client = mockClient(Parrot, {
      say(_, context) {
        context.responseHeaders.set("who", context.metadata.get("who") ?? "")
        context.responseTrailers.set("bytes-bin", context.metadata.get("bytes-bin") ?? new Uint8Array())
        return { text: `${context.method.name} at ${context.authority} by ${context.peer}, ${context.remainingMs}` }
      },
    })
    let headers: Metadata | undefined
    let trailers: Metadata | undefined
    const metadata = { who: "Ada", "bytes-bin": Uint8Array.of(0, 255) }
    const { text } = await client.say(
      { text: "" },
      { metadata, authority: "here", onHeader: (came) => (headers = came), onTrailer: (came) => (trailers = came) },
    )
    assert.equal(text, "Say at here by mock:test.Parrot, Infinity")
    assert.equal(headers?.get("who"), "Ada")
    assert.deepEqual(trailers?.get("bytes-bin"), Uint8Array.of(0, 255))
  })

  it("fails with what handlers throw: its status, details and trailers", async () => {
    const details = [{ typeUrl: "type.googleapis.com/x.Y", value: Uint8Array.of(1, 2) }]
    const client = mockClient(Parrot, {
      say() {
        throw new StatusError("NOT_FOUND", "no such é", { details, trailers: new Metadata({ why: "x" }) })
      },
      *repeat() {
        yield { text: "a" }
        throw new StatusError("ABORTED", "in the middle")
      },
    })
    const error = await rejectsWithStatus(client.say({ text: "" }), "NOT_FOUND", "no such é", details)
    assert.equal(error.trailers?.get("why"), "x")
    const seen: string[] = []
    const reading = async (): Promise<void> => {
      for await (const { text } of client.repeat({ text: "" })) seen.push(text)
    }
    await rejectsWithStatus(reading(), "ABORTED", "in the middle")
    assert.deepEqual(seen, ["a"])
  })

  it("tells as the cause what a handler threw that is no StatusError", async () => {
    const fault = new RangeError("off by one")
    const client = mockClient(Parrot, {
      say() {
        throw fault
      },
    })
    const error = await rejectsWithStatus(client.say({ text: "" }), "UNKNOWN", /the handler failed/)
    assert.equal(error.cause, fault)
  })

  it("answers UNIMPLEMENTED for what has no handler", async () => {
    const client = mockClient(Parrot, {})
    await rejectsWithStatus(client.say({ text: "" }), "UNIMPLEMENTED", /test\.Parrot\/Say is not implemented/)
    await rejectsWithStatus(client.gather([{ text: "a" }]), "UNIMPLEMENTED")
    await rejectsWithStatus(client.repeat({ text: "" }), "UNIMPLEMENTED")
    await rejectsWithStatus(client.chat([{ text: "a" }]), "UNIMPLEMENTED")
  })

  it("ends calls at their deadline, by its clock, and tells the handler", async () => {
    const clock = virtualClock()
    const context = new Gate()
    let signal: AbortSignal | undefined
    const client = mockClient(
      Parrot,
      {
        say: (_, { signal: given }) => {
          signal = given
          context.open()
          return new Promise<Text>(() => {})
        },
      },
      { clock },
    )
    const call = client.say({ text: "" }, { timeoutMs: 1_000 })
    const failing = rejectsWithStatus(call, "DEADLINE_EXCEEDED", /the deadline passed at mock:test.Parrot/)
    await context.opened
    await clock.advance(999)
    assert.equal(signal?.aborted, false)
    await clock.advance(1)
    await failing
    assert.equal(signal?.aborted, true)
    await rejectsWithStatus(client.say({ text: "" }, { timeoutMs: 0 }), "DEADLINE_EXCEEDED", /before the call began/)
    assert.equal(clock.pending, 0)
  })

  it("cancels by signal, by `cancel` and by leaving the loop, and tells the handler", async () => {
    const reasons: unknown[] = []
    const started = new Gate()
    const watch = (context: ServerContext): void => {
      context.signal.addEventListener("abort", () => reasons.push((context.signal.reason as StatusError).code))
      started.open()
    }
    const client = mockClient(Parrot, {
      say(_, context) {
        watch(context)
        return new Promise<Text>(() => {})
      },
      async *repeat(_, context) {
        watch(context)
        for (;;) yield { text: "again" }
      },
      async gather(requests, context) {
        watch(context)
        return { text: String((await textsOf(requests)).length) }
      },
    })
    const abortion = new AbortController()
    const call = client.say({ text: "" }, { signal: abortion.signal })
    await started.opened
    abortion.abort("enough")
    assert.equal((await rejectsWithStatus(call, "CANCELLED")).cause, "enough")
    const repeating = client.repeat({ text: "" })
    for await (const _ of repeating) break
    assert.equal((await repeating.status).code, "CANCELLED")
    const gathering = client.gather()
    await gathering.write({ text: "a" })
    gathering.cancel()
    await rejectsWithStatus(gathering, "CANCELLED")
    assert.equal(await gathering.write({ text: "b" }), false)
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(reasons, ["CANCELLED", "CANCELLED", "CANCELLED"])
  })

  it("takes so much and no more of a stream that nobody reads, both ways", async () => {
    let made = 0
    const reading = new Gate()
    const client = mockClient(Parrot, {
      *repeat() {
        for (; made < 1_000; made++) yield { text: "x".repeat(1_000) }
      },
      async gather(requests) {
        await reading.opened
        return { text: String((await textsOf(requests)).length) }
      },
    })
    const call = client.repeat({ text: "" })
    await call.headers
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
    assert.ok(made < 100, `${made} were made`)
    assert.equal((await textsOf(call)).length, 1_000)
    let written = 0
    function* requests() {
      for (; written < 1_000; written++) yield { text: "x".repeat(1_000) }
    }
    const gathered = client.gather(requests())
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
    assert.ok(written < 100, `${written} were written`)
    reading.open()
    assert.deepEqual(await gathered, { text: "1000" })
  })

  it("asks call credentials, and waits for them within the deadline", async () => {
    const clock = virtualClock()
    const say = (_: Text, { metadata }: ServerContext): Text => ({ text: metadata.get("authorization") ?? "none" })
    const client = mockClient(Parrot, { say }, { clock })
    const credentials = callCredentials(async ({ methodName }) => ({ authorization: `for ${methodName}` }))
    assert.deepEqual(await client.say({ text: "" }, { credentials }), { text: "for Say" })
    assert.deepEqual(await client.say({ text: "" }), { text: "none" })
    const failing = callCredentials(() => Promise.reject(new StatusError("UNAUTHENTICATED", "no token")))
    await rejectsWithStatus(client.say({ text: "" }, { credentials: failing }), "UNAUTHENTICATED", /no token/)
    const slow = callCredentials(() => new Promise(() => {}))
    const late = client.say({ text: "" }, { credentials: slow, timeoutMs: 1_000 })
    const failed = rejectsWithStatus(late, "DEADLINE_EXCEEDED", /while waiting for its call credentials/)
    await clock.advance(1_000)
    await failed
  })

  it("runs the interceptors of a client", async () => {
    const seen: string[] = []
    const note: Interceptor = (next) => async (call) => {
      call.metadata.set("from", "interceptor")
      const response = await next(call)
      seen.push(call.method.name)
      return response
    }
    const client = mockClient(
      Parrot,
      { say: (_, { metadata }) => ({ text: metadata.get("from") ?? "" }) },
      { interceptors: [note] },
    )
    assert.deepEqual(await client.say({ text: "" }), { text: "interceptor" })
    assert.deepEqual(seen, ["Say"])
  })

  it("fails with INTERNAL for messages that are none, either way", async () => {
    const client = mockClient(Parrot, { say: ({ text }) => ({ text }) })
    await rejectsWithStatus(client.say({ text: "!" }), "INTERNAL", /the request is no test.Text/)
    await rejectsWithStatus(client.say({ text: "?" }), "INTERNAL", /the request is no test.Text/)
    const bad = mockClient(Parrot, { say: () => ({ text: "!" }), *repeat() {} })
    await rejectsWithStatus(bad.say({ text: "" }), "INTERNAL", /the response is no test.Text/)
  })

  it("takes the servicer of a mock, which records", async () => {
    const mock = mockServicer(Parrot)
    mock.expect.say({ text: "hi" }).reply({ text: "ho" })
    assert.deepEqual(await mockClient(Parrot, mock.servicer).say({ text: "hi" }), { text: "ho" })
    mock.verify()
  })

  it("refuses handlers of methods that there are not", () => {
    const handlers = { sya: () => ({ text: "" }) }
    assert.throws(() => mockClient(Parrot, handlers as never), {
      name: "TypeError",
      message: 'mockClient: test.Parrot has no method "sya"; it has say, gather, repeat, chat',
    })
    assert.throws(() => mockClient(Parrot, null as never), /must be an object, not null/)
    assert.throws(() => mockClient(Parrot, { say: 5 } as never), /test\.Parrot\.say must be a function/)
  })

  it("leaves no rejection unhandled when a call is cancelled amid its stream", () =>
    withoutUnhandledRejections(async () => {
      const client = mockClient(Parrot, {
        async *chat(requests) {
          for await (const { text } of requests) yield { text }
        },
      })
      const chat = client.chat()
      await chat.write({ text: "a" })
      for await (const _ of chat) break
    }))
})
