import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { type Client, createClient } from "../client/client.js"
import { failureOf, Gate, textsOf, until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { createTestPair, type TestPair } from "../testing/test-pair.js"
import { createServer, type ServerOptions } from "./server.js"

/** A server whose `say` runs until it is let go, one call after the other, and says which have begun. */
class Scene implements AsyncDisposable {
  readonly begun: string[] = []
  private readonly gates = new Map<string, Gate>()
  private pair!: TestPair<typeof Parrot>

  static async open(server: ServerOptions): Promise<Scene> {
    const scene = new Scene()
    scene.pair = await createTestPair(
      Parrot,
      {
        async say({ text }, context) {
          scene.begun.push(text)
          context.signal.addEventListener("abort", () => {
            if (context.cancelled) scene.begun.push(`${text} is cancelled`)
          })
          await scene.gate(text).opened
          return { text }
        },
        async gather(requests) {
          let length = 0
          let count = 0
          for await (const { text } of requests) {
            length += text.length
            count++
          }
          return { text: `${count} of ${length}` }
        },
        *repeat({ text }) {
          yield { text }
        },
      },
      { server },
    )
    return scene
  }

  get client(): Client<typeof Parrot> {
    return this.pair.client
  }

  get server(): TestPair<typeof Parrot>["server"] {
    return this.pair.server
  }

  /** Starts a call, and waits until it runs. */
  async running(text: string): Promise<{ readonly end: () => Promise<string> }> {
    const reply = this.client.say({ text })
    await until(() => this.begun.includes(text), `${text} runs`)
    return {
      end: async () => {
        this.letGo(text)
        return (await reply).text
      },
    }
  }

  letGo(text: string): void {
    this.gate(text).open()
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const gate of this.gates.values()) gate.open()
    return this.pair.close()
  }

  private gate(text: string): Gate {
    const gate = this.gates.get(text) ?? new Gate()
    this.gates.set(text, gate)
    return gate
  }
}

const say = "/test.Parrot/Say"

describe("maxRunningCalls", () => {
  it("lets so many run at once, and the others wait, in the order in which they came", async () => {
    await using scene = await Scene.open({ maxRunningCalls: 2 })
    const texts = ["a", "b", "c", "d", "e"]
    const replies = texts.map((text) => scene.client.say({ text }))
    await until(() => scene.begun.length === 2)
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(scene.begun, texts.slice(0, 2 + i))
      scene.letGo(texts[i]!)
      await until(() => scene.begun.length === 3 + i)
    }
    scene.letGo("d")
    scene.letGo("e")
    assert.deepEqual(
      (await Promise.all(replies)).map(({ text }) => text),
      texts,
    )
  })

  it("of a method, holds up no neighbour", async () => {
    await using scene = await Scene.open({ methods: { [say]: { maxRunningCalls: 1 } } })
    const first = await scene.running("first")
    const second = scene.client.say({ text: "second" })
    for (let i = 0; i < 10; i++) assert.equal((await scene.client.gather([{ text: "12" }])).text, "1 of 2")
    assert.deepEqual(scene.begun, ["first"])
    scene.letGo("second")
    await first.end()
    assert.equal((await second).text, "second")
  })

  it("of a service, counts all its methods; the server's counts too", async () => {
    for (const options of [
      { methods: { "test.Parrot": { maxRunningCalls: 1, maxQueuedCalls: 0 } } },
      { maxRunningCalls: 1, maxQueuedCalls: 0 },
    ]) {
      await using scene = await Scene.open(options)
      const first = await scene.running("first")
      const error = await failureOf(scene.client.gather([]))
      assert.equal(error.code, "RESOURCE_EXHAUSTED")
      const whose = "methods" in options ? "calls of test.Parrot" : "calls"
      assert.equal(error.message, `1 ${whose} are running (the limit) and 0 wait (maxQueuedCalls)`)
      await first.end()
      assert.equal((await scene.client.gather([])).text, "0 of 0")
    }
  })

  it("counts a call that was cancelled until its handler has returned", async () => {
    await using scene = await Scene.open({ maxRunningCalls: 1 })
    const aborting = new AbortController()
    const first = failureOf(scene.client.say({ text: "first" }, { signal: aborting.signal }))
    await until(() => scene.begun.length === 1)
    const second = scene.client.say({ text: "second" })
    aborting.abort()
    assert.equal((await first).code, "CANCELLED")
    await until(() => scene.begun.includes("first is cancelled"))
    assert.deepEqual(scene.begun, ["first", "first is cancelled"])
    scene.letGo("second")
    scene.letGo("first")
    assert.equal((await second).text, "second")
  })

  it("hundreds of calls that wait for one run in their turn once it has ended", async () => {
    await using scene = await Scene.open({ maxRunningCalls: 1 })
    const first = await scene.running("first")
    const waiting = Array.from({ length: 200 }, (_, i) => textOf(scene.client.repeat({ text: String(i) })))
    await first.end()
    assert.deepEqual(
      await Promise.all(waiting),
      Array.from({ length: 200 }, (_, i) => String(i)),
    )
  })
})

describe("calls that wait for a place", () => {
  it("are turned away where too many do, with how many there are", async () => {
    await using scene = await Scene.open({ methods: { [say]: { maxRunningCalls: 2, maxQueuedCalls: 3 } } })
    const running = [await scene.running("a"), await scene.running("b")]
    const waiting = ["c", "d", "e"].map((text) => scene.client.say({ text }))
    const error = await failureOf(scene.client.say({ text: "f" }))
    assert.equal(error.code, "RESOURCE_EXHAUSTED")
    assert.equal(error.message, `2 calls of ${say} are running (the limit) and 3 wait (maxQueuedCalls)`)
    for (const text of ["c", "d", "e"]) scene.letGo(text)
    for (const { end } of running) await end()
    assert.deepEqual(
      (await Promise.all(waiting)).map(({ text }) => text),
      ["c", "d", "e"],
    )
    assert.deepEqual(scene.begun, ["a", "b", "c", "d", "e"])
  })

  it("leave at their deadline and when they are cancelled, never run, and make room", async () => {
    await using scene = await Scene.open({ methods: { [say]: { maxRunningCalls: 1, maxQueuedCalls: 2 } } })
    const first = await scene.running("first")
    const aborting = new AbortController()
    const cancelled = failureOf(scene.client.say({ text: "cancelled" }, { signal: aborting.signal }))
    const late = failureOf(scene.client.say({ text: "late" }, { timeoutMs: 30 }))
    assert.equal((await late).code, "DEADLINE_EXCEEDED")
    aborting.abort()
    assert.equal((await cancelled).code, "CANCELLED")
    // What comes behind it has been heard, and so has it.
    await scene.client.gather([])
    const next = [scene.client.say({ text: "second" }), scene.client.say({ text: "third" })]
    scene.letGo("second")
    scene.letGo("third")
    await first.end()
    await Promise.all(next)
    assert.deepEqual(scene.begun, ["first", "second", "third"])
  })

  it("come to no interceptor unless they run, and to tracers in any case", async () => {
    const intercepted: string[] = []
    const traced: string[] = []
    await using scene = await Scene.open({
      maxRunningCalls: 1,
      maxQueuedCalls: 1,
      interceptors: [
        (next) => (call) => {
          intercepted.push(call.method.name)
          return next(call)
        },
      ],
      tracers: [
        {
          serverCall: ({ path }) => {
            let ran = false
            return {
              run(call) {
                ran = true
                call()
              },
              onEnd: ({ status }) => traced.push(`${path} ${ran ? "ran" : "did not run"} ${status.code}`),
            }
          },
        },
      ],
    })
    const first = await scene.running("first")
    const late = failureOf(scene.client.say({ text: "late" }, { timeoutMs: 30 }))
    assert.equal((await failureOf(scene.client.gather([]))).code, "RESOURCE_EXHAUSTED")
    assert.equal((await late).code, "DEADLINE_EXCEEDED")
    await until(() => traced.length === 2)
    const aborting = new AbortController()
    const cancelled = failureOf(textsOf(scene.client.repeat({ text: "" }, { signal: aborting.signal })))
    // What comes behind it is heard after it: it waits, for the place that it took is the last one.
    assert.equal((await failureOf(scene.client.gather([]))).code, "RESOURCE_EXHAUSTED")
    aborting.abort()
    assert.equal((await cancelled).code, "CANCELLED")
    await until(() => traced.length === 4)
    await first.end()
    assert.deepEqual(intercepted, ["Say"])
    await until(() => traced.length === 5)
    assert.match(traced[0]!, /^\/test.Parrot\/Gather did not run RESOURCE_EXHAUSTED$/)
    assert.match(traced[1]!, /^\/test.Parrot\/Say did not run (DEADLINE_EXCEEDED|CANCELLED)$/)
    assert.match(traced[2]!, /^\/test.Parrot\/Gather did not run RESOURCE_EXHAUSTED$/)
    assert.match(traced[3]!, /^\/test.Parrot\/Repeat did not run CANCELLED$/)
    assert.match(traced[4]!, /^\/test.Parrot\/Say ran OK$/)
  })

  it("get no credit for their requests until they run, and then all of them", async () => {
    await using scene = await Scene.open({ methods: { "test.Parrot": { maxRunningCalls: 1 } } })
    const first = await scene.running("first")
    let given = 0
    function* requests(): Generator<{ text: string }> {
      const text = "x".repeat(16_384)
      for (given = 0; given < 200; given++) yield { text }
    }
    const reply = scene.client.gather(requests())
    let before = -1
    for (let same = 0; same < 200; same = given === before ? same + 1 : 0) {
      before = given
      await new Promise((resolve) => setImmediate(resolve))
    }
    // The stream's window, and what waits to be sent.
    assert.ok(given > 10 && given * 16_384 < 400_000, `${given} messages are on their way`)
    await first.end()
    assert.equal((await reply).text, `200 of ${200 * 16_384}`)
  })

  it("hear of broken requests once they run", async () => {
    await using scene = await Scene.open({
      methods: { "test.Parrot": { maxRunningCalls: 1, maxReceiveMessageLength: 9 } },
    })
    const first = await scene.running("first")
    const long = failureOf(scene.client.gather([{ text: "0123456789" }]))
    await first.end()
    assert.equal((await long).code, "RESOURCE_EXHAUSTED")
    const { text } = await scene.client.gather([{ text: "012345678" }])
    assert.equal(text, "1 of 9")
  })

  it("run within the grace of a shutdown, and end with it", async () => {
    const scene = await Scene.open({ maxRunningCalls: 1 })
    const first = await scene.running("first")
    const second = scene.client.say({ text: "second" })
    const third = failureOf(scene.client.say({ text: "third" }))
    const closed = scene.server.shutdown({ graceMs: 200 })
    await first.end()
    scene.letGo("second")
    assert.equal((await second).text, "second")
    assert.equal((await third).code, "UNAVAILABLE")
    scene.letGo("third")
    await closed
    await scene[Symbol.asyncDispose]()
  })
})

describe("message limits of methods", () => {
  it("go before their service's, and those before the server's", async () => {
    await using scene = await Scene.open({
      maxReceiveMessageLength: 4,
      maxSendMessageLength: 3,
      methods: {
        "test.Parrot": { maxReceiveMessageLength: 6 },
        "/test.Parrot/Gather": { maxReceiveMessageLength: 8, maxSendMessageLength: 100 },
      },
    })
    assert.equal((await scene.client.gather([{ text: "12345678" }])).text, "1 of 8")
    assert.equal((await failureOf(scene.client.gather([{ text: "123456789" }]))).code, "RESOURCE_EXHAUSTED")
    scene.letGo("1234567")
    assert.equal(
      (await failureOf(scene.client.say({ text: "1234567" }))).message,
      "message is 7 bytes, the limit is 6 (maxReceiveMessageLength)",
    )
    scene.letGo("1234")
    const sent = await failureOf(scene.client.say({ text: "1234" }))
    assert.equal(sent.message, "message is 4 bytes, the limit for sending is 3")
  })

  it("hold for the methods of a fallback", async () => {
    const seen: string[] = []
    await using pair = await createTestPair(
      Parrot,
      {},
      {
        server: {
          methods: { "/other.Service/Take": { maxRunningCalls: 1, maxQueuedCalls: 0 } },
          fallback: async function* (_requests, context) {
            seen.push(context.method.path)
            await new Promise((resolve) => context.signal.addEventListener("abort", resolve))
          },
        },
      },
    )
    const Other = {
      typeName: "other.Service",
      methods: { take: { ...Parrot.methods.repeat, path: "/other.Service/Take" } },
    }
    const other = createClient(Other, pair.channel)
    const first = failureOf(textOf(other.take({ text: "" }, { timeoutMs: 100 })))
    await until(() => seen.length === 1)
    assert.equal((await failureOf(textOf(other.take({ text: "" })))).code, "RESOURCE_EXHAUSTED")
    assert.equal((await first).code, "DEADLINE_EXCEEDED")
  })
})

describe("limits that are none", () => {
  const wrong: [ServerOptions, RegExp][] = [
    [{ maxRunningCalls: 0 }, /createServer: maxRunningCalls is 0, and must be a whole number, 1 or more/],
    [{ maxRunningCalls: 1.5 }, /maxRunningCalls is 1\.5/],
    [{ maxRunningCalls: "2" as unknown as number }, /maxRunningCalls must be a number, not "2"/],
    [{ maxReceiveMessageLength: -1 }, /maxReceiveMessageLength is -1, and must be .* 0 or more, or Infinity/],
    [{ maxQueuedCalls: 5 }, /maxQueuedCalls means nothing without maxRunningCalls/],
    [{ methods: { "test.Parrot/Say": {} } }, /must be named "\/package.Service\/Method" or "package.Service"/],
    [
      { methods: { "test.Parrot": { maxSendMessageLength: -1 } } },
      /methods\["test.Parrot"\]: maxSendMessageLength is -1/,
    ],
  ]
  for (const [options, message] of wrong) {
    it(String(message), () => assert.throws(() => createServer(options), { message }))
  }

  it("names that nothing here has are misspelt", async () => {
    await using server = createServer({ methods: { "/test.Parrot/Sya": { maxRunningCalls: 1 } } }).add(Parrot, {})
    await assert.rejects(server.listen("127.0.0.1:0"), /methods names "\/test.Parrot\/Sya", which is not served here/)
  })
})

async function textOf(messages: AsyncIterable<{ readonly text: string }>): Promise<string> {
  return (await textsOf(messages)).join()
}
