import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { StatusError } from "../core/status-error.js"
import { Gate, textsOf } from "../test-support/outcome.js"
import { armed, retryPair, Watched } from "../test-support/retry-pair.js"
import { settled } from "../test-support/settled.js"

describe("retries of calls that stream", () => {
  it("50. end with the first response headers: a failure after them is the call's", async () => {
    let attempts = 0
    await using pair = retryPair(
      {
        async *repeat(request) {
          attempts++
          yield request
          throw new StatusError("UNAVAILABLE", "half-way")
        },
      },
      armed,
    )
    const call = pair.client.repeat({ text: "a" })
    const texts: string[] = []
    const read = new Watched(
      (async () => {
        for await (const { text } of call) texts.push(text)
      })(),
    )
    await pair.clock.advance(60_000)
    assert.equal(read.error?.message, "half-way")
    assert.deepEqual(texts, ["a"])
    assert.equal(attempts, 1)
  })

  it("send the requests again, in order, and the end with them", async () => {
    const attempts: string[][] = []
    await using pair = retryPair(
      {
        async gather(requests) {
          const texts = await textsOf(requests)
          attempts.push(texts)
          if (attempts.length < 3) throw new StatusError("UNAVAILABLE")
          return { text: texts.join("") }
        },
      },
      armed,
    )
    const call = new Watched(pair.client.gather(["a", "b", "c"].map((text) => ({ text }))))
    await pair.clock.advance(10_000)
    assert.deepEqual(call.value, { text: "abc" })
    assert.deepEqual(attempts, [
      ["a", "b", "c"],
      ["a", "b", "c"],
      ["a", "b", "c"],
    ])
    assert.equal(pair.kept(), 0)
  })

  it("go on with what is written later", async () => {
    let attempts = 0
    const firsts: string[] = []
    await using pair = retryPair(
      {
        async *chat(requests) {
          attempts++
          for await (const { text } of requests) {
            firsts.push(text)
            if (attempts < 3) throw new StatusError("UNAVAILABLE", "not yet")
            yield { text: text.toUpperCase() }
          }
        },
      },
      armed,
    )
    const chat = pair.client.chat()
    void chat.write({ text: "a" })
    await pair.clock.advance(500)
    const second = chat.write({ text: "b" })
    await pair.clock.advance(10_000)
    assert.equal(await second, true)
    assert.equal(pair.kept(), 0, "the answer has come: nothing is kept any more")
    assert.equal(await chat.write({ text: "c" }), true)
    chat.end()
    assert.deepEqual(await textsOf(chat), ["A", "B", "C"])
    assert.deepEqual(firsts, ["a", "a", "a", "b", "c"])
  })

  it("a writer that waits while there is no attempt is woken by the next", async () => {
    let attempts = 0
    await using pair = retryPair(
      {
        async gather(requests) {
          if (++attempts === 1) throw new StatusError("UNAVAILABLE")
          return { text: (await textsOf(requests)).join("") }
        },
      },
      armed,
    )
    const call = pair.client.gather()
    await pair.clock.advance(100)
    let taken = 0
    for (const text of ["a", "b"]) {
      void call.write({ text }).then((more) => {
        if (more) taken++
      })
    }
    await settled()
    assert.equal(taken, 0, "no attempt is running: there is no room")
    await pair.clock.advance(1_000)
    assert.equal(taken, 2)
    call.end()
    const response = new Watched(call.response)
    await pair.clock.advance(1)
    assert.deepEqual(response.value, { text: "ab" })
  })

  it("a request that cannot be encoded ends the call, and no attempt is left", async () => {
    await using pair = retryPair({ gather: async (requests) => ({ text: (await textsOf(requests)).join("") }) }, armed)
    const call = new Watched(pair.client.gather([{ text: "a" }, { text: "!b" }]))
    await pair.clock.advance(10)
    assert.equal(call.error?.code, "INTERNAL")
    assert.match(call.error!.message, /^the request is no test\.Text/)
    assert.equal(pair.kept(), 0)
    const say = new Watched(pair.client.say({ text: "!" }))
    await pair.clock.advance(10)
    assert.equal(say.error?.code, "INTERNAL")
    assert.equal(pair.kept(), 0)
  })

  it("keep their order when more is written than the server takes", async () => {
    const text = (i: number): string => `${i} `.padEnd(20_000, "x")
    const gate = new Gate()
    await using pair = retryPair(
      {
        async *chat(requests) {
          yield { text: "begun" }
          await gate.opened
          for await (const request of requests) yield { text: request.text.slice(0, 4) }
        },
      },
      armed,
    )
    const chat = pair.client.chat()
    void chat.write({ text: text(0) })
    await pair.clock.advance(1)
    let taken = 0
    for (let i = 1; i < 100; i++) void chat.write({ text: text(i) }).then(() => taken++)
    chat.end()
    await settled()
    assert.ok(taken < 99, "there is no room for all of them")
    assert.equal(pair.kept(), 0, "the answer has begun: what waits is not kept for another attempt")
    gate.open()
    const texts = new Watched(textsOf(chat))
    await pair.clock.advance(10)
    assert.equal(taken, 99)
    assert.deepEqual(texts.value, ["begun", ...Array.from({ length: 100 }, (_, i) => text(i).slice(0, 4))])
  })

  it("are given responses longer than any window", async () => {
    const long = "x".repeat(3_000_000)
    await using pair = retryPair(
      {
        say: () => ({ text: long }),
        *repeat() {
          yield { text: long }
          yield { text: "short" }
        },
      },
      armed,
    )
    const said = new Watched(pair.client.say({ text: "" }))
    const repeated = new Watched(textsOf(pair.client.repeat({ text: "" })))
    await pair.clock.advance(10)
    assert.ok(said.value?.text === long)
    assert.ok(repeated.value?.[0] === long)
    assert.equal(repeated.value[1], "short")
  })
})
