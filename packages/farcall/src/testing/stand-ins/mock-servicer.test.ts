import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { Client } from "../../client/client.js"
import { StatusError } from "../../core/status-error.js"
import type { Servicer } from "../../server/servicer.js"
import { textsOf } from "../../test-support/outcome.js"
import { Parrot } from "../../test-support/parrot.js"
import { rejectsWithStatus } from "../rejects-with-status.js"
import { createTestPair } from "../test-pair.js"
import { mockClient } from "./mock-client.js"
import { type MockServicer, mockServicer } from "./mock-servicer.js"

describe("what a mock servicer records", () => {
  it("of all four kinds of call, over a test pair", async () => {
    const mock = mockServicer(Parrot, {
      say: ({ text }) => ({ text: `${text}!` }),
      async gather(requests) {
        return { text: (await textsOf(requests)).join("") }
      },
      *repeat({ text }) {
        yield { text }
        yield { text }
      },
      async *chat(requests) {
        for await (const { text } of requests) yield { text: text.toUpperCase() }
      },
    })
    await using pair = await createTestPair(Parrot, mock.servicer)
    const { client } = pair
    await client.say({ text: "hi" }, { metadata: { who: "Ada" } })
    await client.gather([{ text: "a" }, { text: "b" }])
    await textsOf(client.repeat({ text: "r" }))
    await textsOf(client.chat([{ text: "x" }, { text: "y" }]))
    const [said] = mock.calls.say
    assert.deepEqual(said!.request, { text: "hi" })
    assert.equal(said!.metadata.get("who"), "Ada")
    assert.equal(said!.context.method.name, "Say")
    assert.deepEqual(said!.response, { text: "hi!" })
    assert.equal(said!.status?.code, "OK")
    assert.deepEqual(mock.calls.gather[0]!.requests, [{ text: "a" }, { text: "b" }])
    assert.deepEqual(mock.calls.gather[0]!.response, { text: "ab" })
    assert.deepEqual(mock.calls.repeat[0]!.responses, [{ text: "r" }, { text: "r" }])
    assert.deepEqual(mock.calls.chat[0]!.requests, [{ text: "x" }, { text: "y" }])
    assert.deepEqual(mock.calls.chat[0]!.responses, [{ text: "X" }, { text: "Y" }])
    mock.verify()
  })

  it("of calls that fail, and of those that are cancelled", async () => {
    const mock = mockServicer(Parrot, {
      say() {
        throw new StatusError("NOT_FOUND", "nobody")
      },
      async *repeat({ text }) {
        for (;;) yield { text }
      },
    })
    await using pair = await createTestPair(Parrot, mock.servicer)
    await rejectsWithStatus(pair.client.say({ text: "" }), "NOT_FOUND", "nobody")
    assert.equal(mock.calls.say[0]!.status?.code, "NOT_FOUND")
    assert.equal(mock.calls.say[0]!.response, undefined)
    for await (const _ of pair.client.repeat({ text: "r" })) break
    assert.equal((await mock.calls.repeat[0]!.ended).code, "CANCELLED")
    assert.equal(mock.calls.repeat[0]!.status?.code, "CANCELLED")
  })

  it("until it is reset", async () => {
    const mock = mockServicer(Parrot, { say: () => ({ text: "" }) })
    mock.expect.chat()
    await mockClient(Parrot, mock.servicer).say({ text: "" })
    mock.reset()
    assert.deepEqual(mock.calls.say, [])
    mock.verify()
  })
})

describe("what a mock servicer expects", () => {
  it("is told by fields, by a function, or not at all; the first one that fits answers", async () => {
    const { mock, client } = mocked()
    mock.expect.say({ text: "a" }).reply({ text: "by fields" })
    mock.expect.say(({ text }) => text.startsWith("b")).reply({ text: "by function" })
    mock.expect.say().reply({ text: "any" })
    assert.deepEqual(await client.say({ text: "bb" }), { text: "by function" })
    assert.deepEqual(await client.say({ text: "c" }), { text: "any" })
    assert.deepEqual(await client.say({ text: "a" }), { text: "by fields" })
    mock.verify()
  })

  it("answers once, in order, and then always; errors likewise", async () => {
    const { mock, client } = mocked()
    const error = new StatusError("UNAVAILABLE", "not yet")
    mock.expect.say().failOnce(error).replyOnce({ text: "1" }).reply({ text: "more" })
    await rejectsWithStatus(client.say({ text: "" }), "UNAVAILABLE", "not yet")
    assert.throws(() => mock.verify(), /expected say\(\), 2 times: it came once/)
    assert.deepEqual(await client.say({ text: "" }), { text: "1" })
    mock.verify()
    assert.deepEqual(await client.say({ text: "" }), { text: "more" })
    assert.deepEqual(await client.say({ text: "" }), { text: "more" })
    mock.expect.repeat().fail(error)
    for (let i = 0; i < 2; i++) await rejectsWithStatus(client.repeat({ text: "" }), "UNAVAILABLE")
    mock.verify()
  })

  it("answers by a handler, and with the mock's own where nothing else is said", async () => {
    const { mock, client } = mocked({ gather: async (requests) => ({ text: (await textsOf(requests)).join("") }) })
    mock.expect.say().reply(({ text }, { metadata }) => ({ text: text + metadata.get("x") }))
    assert.deepEqual(await client.say({ text: "a" }, { metadata: { x: "b" } }), { text: "ab" })
    mock.expect.gather([{ text: "1" }, { text: "2" }])
    assert.deepEqual(await client.gather([{ text: "1" }, { text: "2" }]), { text: "12" })
    mock.expect.repeat()
    assert.deepEqual(await textsOf(client.repeat({ text: "" })), [])
    mock.verify()
  })

  it("may come a number of times and not once more", async () => {
    const { mock, client } = mocked()
    mock.expect.say().reply({ text: "ok" }).times(2)
    await client.say({ text: "" })
    assert.throws(() => mock.verify(), /expected say\(\), 2 times: it came once/)
    await client.say({ text: "" })
    mock.verify()
    await rejectsWithStatus(
      client.say({ text: "third" }),
      "UNIMPLEMENTED",
      /does not expect say\(\{ text: 'third' \}\)/,
    )
    assert.throws(() => mock.verify(), /not expected: say\(\{ text: 'third' \}\)/)
    mock.reset()
    mock.expect.say().times(0)
    mock.verify()
  })

  it("is, of a stream of requests, all of them", async () => {
    const { mock, client } = mocked()
    mock.expect.gather([{ text: "a" }]).reply({ text: "one" })
    mock.expect.gather((requests) => requests.length > 2).reply({ text: "many" })
    mock.expect.gather([]).reply({ text: "none" })
    assert.deepEqual(await client.gather([]), { text: "none" })
    assert.deepEqual(await client.gather([{ text: "a" }]), { text: "one" })
    assert.deepEqual(await client.gather([{ text: "a" }, { text: "b" }, { text: "c" }]), { text: "many" })
    await rejectsWithStatus(client.gather([{ text: "a" }, { text: "b" }]), "UNIMPLEMENTED")
    assert.equal(mock.calls.gather.length, 4)
  })

  it("reads all requests before the one response", async () => {
    const { mock, client } = mocked()
    mock.expect.gather().reply({ text: "done" })
    assert.deepEqual(await client.gather([{ text: "a" }, { text: "b" }]), { text: "done" })
    assert.deepEqual(mock.calls.gather[0]!.requests, [{ text: "a" }, { text: "b" }])
  })

  it("is, of a bidirectional call, its first requests, which its handler gets too", async () => {
    const { mock, client } = mocked()
    mock.expect.chat([{ text: "hello" }, { text: "you" }]).reply([{ text: "fixed" }])
    mock.expect.chat([{ text: "hello" }]).reply(async function* (requests) {
      for await (const { text } of requests) yield { text: text.toUpperCase() }
    })
    const chat = client.chat()
    await chat.write({ text: "hello" })
    await chat.write({ text: "there" })
    const replies = chat[Symbol.asyncIterator]()
    assert.deepEqual((await replies.next()).value, { text: "HELLO" })
    assert.deepEqual((await replies.next()).value, { text: "THERE" })
    await chat.write({ text: "bye" })
    assert.deepEqual((await replies.next()).value, { text: "BYE" })
    chat.end()
    assert.equal((await replies.next()).done, true)
    const fixed = client.chat()
    await fixed.write({ text: "hello" })
    await fixed.write({ text: "you" })
    assert.deepEqual(await textsOf(fixed), ["fixed"])
    mock.verify()
    assert.equal(mock.calls.chat[0]!.requests.length, 3)
  })

  it("two calls at once share what is to come once", async () => {
    const { mock, client } = mocked()
    mock.expect.gather().replyOnce({ text: "1" }).replyOnce({ text: "2" })
    const replies = await Promise.all([client.gather([{ text: "a" }]), client.gather([{ text: "b" }])])
    assert.deepEqual(replies.map(({ text }) => text).sort(), ["1", "2"])
    mock.verify()
  })

  it("says what was expected and what came", async () => {
    const { mock, client } = mocked()
    mock.expect.say({ text: "x" }).reply({ text: "" })
    mock.expect
      .gather([{ text: "a" }])
      .reply({ text: "g" })
      .times(3)
    await rejectsWithStatus(
      client.say({ text: "y" }),
      "UNIMPLEMENTED",
      "the mock of test.Parrot does not expect say({ text: 'y' }): " +
        "expected is say({ text: 'x' }), expected is gather([ { text: 'a' } ])",
    )
    await client.gather([{ text: "a" }])
    assert.throws(() => mock.verify(), {
      name: "AssertionError",
      message: [
        "the mock of test.Parrot:",
        "expected say({ text: 'x' }): it never came",
        "expected gather([ { text: 'a' } ]), 3 times: it came once",
        "not expected: say({ text: 'y' })",
        "what came, in order:",
        "  1. say({ text: 'y' }): UNIMPLEMENTED",
        "  2. gather([ { text: 'a' } ]): OK",
      ].join("\n  "),
    })
  })

  it("names what is mocked to a call that nothing answers", async () => {
    const { client } = mocked({ say: () => ({ text: "" }) })
    await rejectsWithStatus(client.repeat({ text: "r" }), "UNIMPLEMENTED", /repeat\(.*\): say has a handler$/)
    const bare = mockClient(Parrot, mockServicer(Parrot).servicer)
    await rejectsWithStatus(bare.say({ text: "" }), "UNIMPLEMENTED", /nothing is mocked$/)
  })
})

describe("what is no mock", () => {
  it("of methods that there are not", () => {
    const mock = mockServicer(Parrot)
    const names = "it has say, gather, repeat, chat"
    assert.throws(() => mockServicer(Parrot, { shout: () => ({ text: "" }) } as never), {
      name: "TypeError",
      message: `mockServicer: test.Parrot has no method "shout"; ${names}`,
    })
    assert.throws(() => (mock.expect as unknown as { shout: () => void }).shout(), {
      name: "TypeError",
      message: `mock.expect: test.Parrot has no method "shout"; ${names}`,
    })
  })

  it("of requests and answers of the wrong form", () => {
    const { expect } = mockServicer(Parrot)
    const wrong = (what: unknown): never => what as never
    assert.throws(() => expect.say(wrong([{ text: "a" }])), /expect\.say: it takes a request, or a function/)
    assert.throws(() => expect.gather(wrong({ text: "a" })), /expect\.gather: it takes a list of requests/)
    assert.throws(() => expect.say().reply(wrong([{ text: "a" }])), /expect\.say: it answers with a response/)
    assert.throws(() => expect.say().reply(wrong("a")), /this is 'a'/)
    assert.throws(() => expect.repeat().reply(wrong({ text: "a" })), /it answers with a list of responses/)
    assert.throws(() => expect.say().fail(wrong(new Error("x"))), /expect\.say: it fails with a StatusError/)
    assert.throws(() => expect.say().times(-1), { name: "RangeError" })
    assert.throws(() => expect.say().times(0.5), /times is 0\.5, and must be an integer of at least 0/)
    function* once() {
      yield { text: "a" }
    }
    assert.throws(() => expect.repeat().reply(once()), /reply needs what can be read for every call/)
    expect.repeat().replyOnce(once())
  })
})

function mocked(partial: Partial<Servicer<typeof Parrot>> = {}): {
  mock: MockServicer<typeof Parrot>
  client: Client<typeof Parrot>
} {
  const mock = mockServicer(Parrot, partial)
  return { mock, client: mockClient(Parrot, mock.servicer) }
}
