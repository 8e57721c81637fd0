import assert from "node:assert/strict"
import { getEventListeners } from "node:events"
import { describe, it } from "node:test"
import { createClient } from "../client/client.js"
import { identity } from "../test-support/certificates.js"
import { failureOf, textsOf, until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { tlsServer } from "../test-support/tls-server.js"

describe("over TLS", () => {
  it("all four kinds of call", async () => {
    await using served = await tlsServer(identity("server"), {
      say: ({ text }) => ({ text: `${text}!` }),
      async gather(requests) {
        let text = ""
        for await (const request of requests) text += request.text
        return { text }
      },
      *repeat({ text }) {
        for (let i = 0; i < 3; i++) yield { text: text + i }
      },
      async *chat(requests) {
        for await (const { text } of requests) yield { text: text.toUpperCase() }
      },
    })
    const client = served.client()
    assert.deepEqual(await client.say({ text: "hi" }), { text: "hi!" })
    assert.deepEqual(await client.gather([{ text: "a" }, { text: "b" }]), { text: "ab" })
    assert.deepEqual(await textsOf(client.repeat({ text: "r" })), ["r0", "r1", "r2"])
    assert.deepEqual(await textsOf(client.chat([{ text: "x" }, { text: "y" }])), ["X", "Y"])
  })

  it("many calls at once, each with its own answer", async () => {
    await using served = await tlsServer()
    const client = served.client()
    const texts = Array.from({ length: 1000 }, (_, i) => `call ${i}`)
    const replies = await Promise.all(texts.map((text) => client.say({ text })))
    assert.deepEqual(
      replies.map(({ text }) => text),
      texts,
    )
  })

  it("a message of 4 MiB there and back", async () => {
    const most = { maxReceiveMessageLength: 5 * 1024 * 1024 }
    await using served = await tlsServer(identity("server"), undefined, most)
    const text = "0123456789abcdef".repeat(256 * 1024)
    const reply = await served.client({}, most).say({ text })
    assert.ok(reply.text === text)
  })

  it("a reader that pauses holds its writer back", async () => {
    let made = 0
    await using served = await tlsServer(identity("server"), {
      *repeat() {
        for (; made < 10_000; made++) yield { text: "x".repeat(1000) }
      },
    })
    const responses = served.client().repeat({ text: "" })[Symbol.asyncIterator]()
    await responses.next()
    let before = -1
    while (made !== before) {
      before = made
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    assert.ok(made < 5000, `${made} of 10,000 messages were made for a reader that has taken one`)
    let read = 1
    while (!(await responses.next()).done) read++
    assert.equal(read, 10_000)
  })

  it("a server that shuts down ends its connections, and a client that closes its own", async () => {
    await using served = await tlsServer()
    const channel = served.channel()
    const client = createClient(Parrot, channel)
    await client.say({ text: "" })
    await served.server.shutdown({ graceMs: 0 })
    const error = await failureOf(client.say({ text: "" }))
    assert.equal(error.code, "UNAVAILABLE")
    await channel.close()
  })

  it("ten connections after one another leave nothing behind", async () => {
    await using served = await tlsServer()
    const stop = new AbortController()
    for (let i = 0; i < 10; i++) {
      const channel = served.channel()
      await createClient(Parrot, channel).say({ text: "" }, { signal: stop.signal })
      await channel.close()
    }
    assert.equal(getEventListeners(stop.signal, "abort").length, 0)
    const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length
    await until(() => sockets() === 0, "no socket being open")
    assert.deepEqual(served.refused, [])
  })
})
