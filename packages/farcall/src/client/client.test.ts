import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { textsOf, withoutUnhandledRejections } from "../test-support/outcome.js"
import { Parrot, type Text } from "../test-support/parrot.js"
import { createTestPair } from "../testing/test-pair.js"
import { createClient } from "./client.js"

const { say, repeat } = Parrot.methods

/** A service whose methods are called what no method should be called. */
const Oddly = {
  typeName: "test.Oddly",
  methods: {
    constructor: { ...say, name: "Constructor", path: "/test.Oddly/Constructor" },
    toString: { ...say, name: "ToString", path: "/test.Oddly/ToString" },
    valueOf: { ...repeat, name: "ValueOf", path: "/test.Oddly/ValueOf" },
    catch: { ...say, name: "Catch", path: "/test.Oddly/Catch" },
  },
} as const

describe("a client", () => {
  it("has the methods of its service and nothing else, and cannot be changed", async () => {
    await using under = await createTestPair(Parrot, { say: (request) => request })
    const { client } = under
    assert.equal(Object.getPrototypeOf(client), null)
    assert.deepEqual(Object.keys(client).sort(), ["chat", "gather", "repeat", "say"])
    assert.equal("then" in client, false)
    assert.equal("constructor" in client, false)
    assert.equal(Object.isFrozen(client), true)
    // Without `then`, a client can be returned from an async function.
    assert.equal(await (async () => client)(), client)
  })

  it("wants a channel", () => {
    assert.throws(() => createClient(Parrot, "localhost:5" as never), {
      name: "TypeError",
      message: 'createClient: "localhost:5" is no channel: createChannel makes them',
    })
    assert.throws(() => createClient(Parrot, undefined as never), /createClient: undefined is no channel/)
  })

  it("has methods of any name", async () => {
    const tell =
      (name: string) =>
      ({ text }: Text): Text => ({ text: `${name} ${text}` })
    const servicer = {
      constructor: tell("constructor"),
      toString: tell("toString"),
      catch: tell("catch"),
      *valueOf(request: Text) {
        yield tell("valueOf")(request)
      },
    }
    await using under = await createTestPair(Oddly, servicer as never)
    const { client } = under
    for (const name of ["constructor", "toString", "catch"] as const) {
      assert.deepEqual(await client[name]({ text: "a" }), { text: `${name} a` })
    }
    assert.deepEqual(await textsOf(client.valueOf({ text: "a" })), ["valueOf a"])
  })

  it("gives calls that are not thenable, so that awaiting one does nothing to it", async () => {
    await using under = await createTestPair(Parrot, { chat: (requests) => requests, gather: () => ({ text: "" }) })
    const call = under.client.chat()
    const awaited = await (async () => call)()
    assert.equal(awaited, call)
    await awaited.write({ text: "a" })
    awaited.end()
    assert.deepEqual(await textsOf(awaited), ["a"])
    const gather = under.client.gather()
    assert.equal("then" in gather, false)
    await gather.response
  })

  it("takes options in place of requests, and behind them", async () => {
    const seen: (string | undefined)[] = []
    await using under = await createTestPair(Parrot, {
      gather: async (requests, context) => {
        seen.push(context.metadata.get("x"))
        return { text: (await textsOf(requests)).join("") }
      },
    })
    const { client } = under
    const options = { metadata: { x: "1" } }
    const call = client.gather(options)
    await call.write({ text: "a" })
    call.end()
    assert.deepEqual(await call.response, { text: "a" })
    assert.deepEqual(await client.gather([{ text: "b" }], options), { text: "b" })
    assert.deepEqual(seen, ["1", "1"])
  })

  it("lets a stream of responses be read once, and late", async () => {
    await using under = await createTestPair(Parrot, {
      *repeat({ text }) {
        yield { text }
        yield { text }
      },
    })
    const call = under.client.repeat({ text: "a" })
    assert.equal((await call.status).code, "OK")
    assert.deepEqual(await textsOf(call), ["a", "a"])
    assert.deepEqual(await textsOf(call), [])
  })

  it("leaves no rejection unhandled, whatever nobody looks at", async () => {
    await withoutUnhandledRejections(async () => {
      const under = await createTestPair(
        Parrot,
        { chat: (_requests, context) => context.abort("ABORTED", "x"), repeat: () => [{ text: "?" }] },
        { server: { onHandlerError: () => {} } },
      )
      const { client } = under
      const calls = [client.chat(), client.chat([{ text: "!" }]), client.repeat({ text: "" }), client.gather()]
      for (const call of calls) void call.headers
      for (const call of calls) await call.status
      client.repeat({ text: "" }).cancel()
      client.chat({ signal: AbortSignal.abort() })
      client.chat()
      await under.close()
    })
  })
})

describe("a process that makes calls", () => {
  for (const transport of ["memory", "tcp"]) {
    it(`ends by itself when it is done, and not before (${transport})`, async () => {
      const script = fileURLToPath(new URL("../test-support/script-of-calls.js", import.meta.url))
      const child = spawn(process.execPath, [script, transport], { stdio: ["ignore", "pipe", "inherit"] })
      let output = ""
      child.stdout.setEncoding("utf8").on("data", (text) => {
        output += text
      })
      const watchdog = setTimeout(() => child.kill("SIGKILL"), 10_000)
      const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
        child.on("close", (...how) => resolve(how)),
      )
      clearTimeout(watchdog)
      assert.deepEqual([code, signal], [0, null], output)
      assert.equal(output.trim().split("\n").at(-1), "done")
    })
  }
})
