import assert from "node:assert/strict"
import { connect } from "node:net"
import { describe, it } from "node:test"
import { createChannel } from "../client/channel.js"
import { createClient } from "../client/client.js"
import { failureOf, Gate, textsOf, until } from "../test-support/outcome.js"
import { Parrot, type Text } from "../test-support/parrot.js"
import { settled } from "../test-support/settled.js"
import { createTestPair } from "../testing/test-pair.js"
import { virtualClock } from "../testing/virtual-clock.js"
import type { ServerContext } from "./context.js"
import { createServer } from "./server.js"

const echo = { say: (request: Text): Text => request }

/** Answers when the gate opens, and says whether its call was cancelled. */
class Slow {
  readonly gate = new Gate()
  readonly started = new Gate()
  cancelled = false

  async say(request: Text, context: ServerContext): Promise<Text> {
    context.signal.addEventListener("abort", () => {
      this.cancelled = context.cancelled
    })
    this.started.open()
    await this.gate.opened
    return request
  }
}

for (const transport of ["memory", "tcp"] as const) {
  describe(`a server's shutdown over ${transport}`, () => {
    it("ends at once when no call runs, and later ones join it", async () => {
      await using under = await createTestPair(Parrot, echo, { transport })
      await under.client.say({ text: "" })
      const first = under.server.shutdown()
      assert.equal(under.server.shutdown(), first)
      await first
      await under.server.closed
      const error = await failureOf(under.client.say({ text: "" }))
      assert.equal(error.code, "UNAVAILABLE")
    })

    it("ends at once when nobody has ever called", async () => {
      const under = await createTestPair(Parrot, echo, { transport })
      await under.server.shutdown()
      await under.close()
    })

    it("lets running calls end, and takes no new ones", async () => {
      const slow = new Slow()
      await using under = await createTestPair(Parrot, slow, { transport })
      const call = under.client.say({ text: "a" })
      await slow.started.opened
      let ended = false
      const shutdown = under.server.shutdown().then(() => {
        ended = true
      })
      await until(() => under.channel.state !== "READY", "the client's hearing of it")
      assert.equal((await failureOf(under.client.say({ text: "b" }))).code, "UNAVAILABLE")
      assert.equal(ended, false)
      slow.gate.open()
      assert.deepEqual(await call, { text: "a" })
      await shutdown
      assert.equal(slow.cancelled, false)
    })

    it("lets a stream end that is still being written", async () => {
      await using under = await createTestPair(
        Parrot,
        { gather: async (requests) => ({ text: (await textsOf(requests)).join("") }) },
        { transport },
      )
      const call = under.client.gather()
      await call.write({ text: "a" })
      const shutdown = under.server.shutdown()
      await settled()
      await call.write({ text: "b" })
      call.end()
      assert.deepEqual(await call.response, { text: "ab" })
      await shutdown
    })

    it("cancels what still runs when its grace is over, and does not wait for a hung handler", async () => {
      const clock = virtualClock()
      const slow = new Slow()
      await using under = await createTestPair(Parrot, slow, { transport, server: { clock } })
      const call = failureOf(under.client.say({ text: "a" }))
      await slow.started.opened
      const shutdown = under.server.shutdown({ graceMs: 3_000 })
      await settled()
      await clock.advance(2_999)
      assert.equal(slow.cancelled, false)
      await clock.advance(1)
      await shutdown
      assert.equal(slow.cancelled, true)
      const error = await call
      assert.equal(error.code, "UNAVAILABLE")
      assert.match(error.message, /^the peer closed the connection/)
      // What the handler answers after that reaches nobody, and harms nobody.
      slow.gate.open()
      await settled()
    })

    it("without grace ends in real time, with a hung handler", async () => {
      const slow = new Slow()
      await using under = await createTestPair(Parrot, slow, { transport })
      const call = failureOf(under.client.say({ text: "a" }))
      await slow.started.opened
      await under.server.shutdown({ graceMs: 0 })
      await call
      assert.equal(slow.cancelled, true)
    })

    it("of a pair that is closed ends its calls", async () => {
      const slow = new Slow()
      const under = await createTestPair(Parrot, slow, { transport })
      const call = failureOf(under.client.say({ text: "a" }))
      await slow.started.opened
      await under.close()
      await under.close()
      assert.equal((await call).code, "UNAVAILABLE")
      await until(() => slow.cancelled)
    })
  })
}

describe("a server", () => {
  it("is let go of by await using", async () => {
    let port: number | undefined
    {
      await using server = createServer().add(Parrot, echo)
      port = (await server.listen("127.0.0.1:0")).port
      await using channel = createChannel(`127.0.0.1:${port}`)
      assert.deepEqual(await createClient(Parrot, channel).say({ text: "a" }), { text: "a" })
    }
    await using channel = createChannel(`127.0.0.1:${port}`)
    assert.equal((await failureOf(createClient(Parrot, channel).say({ text: "" }))).code, "UNAVAILABLE")
  })

  it("that is shut down while it begins to listen does not listen", async () => {
    const server = createServer().add(Parrot, echo)
    const listening = assert.rejects(server.listen("localhost:0"), /has been shut down/)
    await server.shutdown()
    await listening
    await assert.rejects(server.listen("127.0.0.1:0"), /has been shut down/)
  })

  it("shuts down with connections that have said nothing, or not who they are", async () => {
    const server = createServer().add(Parrot, echo)
    const { port } = await server.listen("127.0.0.1:0")
    const sockets = [connect(port!, "127.0.0.1"), connect(port!, "127.0.0.1"), connect(port!, "127.0.0.1")]
    const closed = sockets.map(
      (socket) =>
        new Promise((resolve) =>
          socket
            .on("close", resolve)
            .on("error", () => {})
            .resume(),
        ),
    )
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.on("connect", () => resolve()))))
    sockets[1]!.write("PRI * HT")
    sockets[2]!.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    await settled()
    await server.shutdown({ graceMs: 20 })
    await Promise.all(closed)
  })

  it("that is restarted on its port serves the next call", async () => {
    let server = createServer().add(Parrot, echo)
    const { port } = await server.listen("127.0.0.1:0")
    await using channel = createChannel(`127.0.0.1:${port}`)
    const client = createClient(Parrot, channel)
    for (const text of ["first", "second", "third"]) {
      assert.deepEqual(await client.say({ text }), { text })
      await server.shutdown()
      server = createServer().add(Parrot, echo)
      await server.listen(`127.0.0.1:${port}`)
    }
    assert.deepEqual(await client.say({ text: "last" }), { text: "last" })
    await server.shutdown()
  })

  it("serves several addresses at once, and says which they are", async () => {
    await using server = createServer().add(Parrot, echo)
    const addresses = [await server.listen("localhost:0"), await server.listen("127.0.0.1:0")]
    assert.equal(addresses[0]!.toString(), `localhost:${addresses[0]!.port}`)
    for (const address of addresses) {
      await using channel = createChannel(address.toString())
      assert.deepEqual(await createClient(Parrot, channel).say({ text: "a" }), { text: "a" })
    }
  })

  it("adds services before it listens, each once, with functions for handlers", async () => {
    await using server = createServer().add(Parrot, echo)
    assert.throws(() => server.add(Parrot, echo), /test.Parrot has been added already/)
    const wrong = { ...Parrot, typeName: "test.Other" }
    assert.throws(() => server.add(wrong, { say: 5 as never }), /test.Other.say must be a function/)
    const misnamed = { Say: () => ({}) } as object
    assert.throws(() => server.add(wrong, misnamed), /the servicer of test.Other has Say; its name here is say/)
    class Misnamed {
      s_ay(): void {}
    }
    assert.throws(() => server.add(wrong, new Misnamed() as object), /test.Other has s_ay; its name here is say/)
    assert.throws(
      () => server.add(wrong, undefined as never),
      /test.Other must be an object with its handlers, not und/,
    )
    for (const none of [undefined, null, {}, () => {}, { typeName: "test.None" }]) {
      assert.throws(() => server.add(none as never, {}), {
        name: "TypeError",
        message: /is no service: what `farcall /,
      })
    }
    const every = {
      ...Parrot,
      typeName: "test.Every",
      methods: { constructor$: { ...Parrot.methods.say, name: "constructor" } },
    }
    server.add(every, {})
    await server.listen("127.0.0.1:0")
    assert.throws(() => server.add({ ...Parrot, typeName: "test.Late" }, {}), /before the server listens/)
  })

  it("goes on when onHandlerError fails itself, and prints both", async (test) => {
    const printed = test.mock.method(console, "error", () => {})
    const throws = (): never => {
      throw new Error("the handler's")
    }
    const onHandlerError = (): never => {
      throw new Error("the reporter's")
    }
    await using under = await createTestPair(Parrot, { say: throws, repeat: throws }, { server: { onHandlerError } })
    assert.equal((await failureOf(under.client.say({ text: "" }))).message, "the handler failed")
    assert.equal((await failureOf(textsOf(under.client.repeat({ text: "" })))).message, "the handler failed")
    const messages = printed.mock.calls.map((call) => (call.arguments[1] as Error).message)
    assert.deepEqual(messages, ["the handler's", "the reporter's", "the handler's", "the reporter's"])
  })

  it("prints why what a handler gave could not be sent", async (test) => {
    const printed = test.mock.method(console, "error", () => {})
    await using under = await createTestPair(Parrot, {
      say: () => undefined as never,
      async *repeat() {
        yield { text: "a" }
        yield { text: 5 } as never
      },
    })
    assert.equal((await failureOf(under.client.say({ text: "" }))).code, "INTERNAL")
    assert.equal((await failureOf(textsOf(under.client.repeat({ text: "" })))).code, "INTERNAL")
    assert.deepEqual(
      printed.mock.calls.map(({ arguments: [where, error] }) => [where, (error as Error).message]),
      ["Say", "Repeat"].map((method) => [
        `[FARCALL_HANDLER_FAILED] the handler of /test.Parrot/${method} failed:`,
        "text: not to be written",
      ]),
    )
  })

  it("prints what a handler throws when nobody asked to be told", async (test) => {
    const printed = test.mock.method(console, "error", () => {})
    const fault = new Error("for the operator")
    await using under = await createTestPair(Parrot, {
      say: () => {
        throw fault
      },
    })
    await failureOf(under.client.say({ text: "" }))
    assert.deepEqual(printed.mock.calls[0]!.arguments, [
      "[FARCALL_HANDLER_FAILED] the handler of /test.Parrot/Say failed:",
      fault,
    ])
  })
})
