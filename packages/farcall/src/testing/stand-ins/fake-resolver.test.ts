import assert from "node:assert/strict"
import { afterEach, describe, it } from "node:test"
import { createChannel } from "../../client/channel.js"
import { createClient } from "../../client/client.js"
import { createServer, type Server } from "../../server/server.js"
import { until } from "../../test-support/outcome.js"
import { Parrot } from "../../test-support/parrot.js"
import { rejectsWithStatus } from "../rejects-with-status.js"
import { fakeResolver } from "./fake-resolver.js"

describe("a fake resolver", () => {
  const opened: AsyncDisposable[] = []
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]()
  })

  async function serve(name: string): Promise<string> {
    const server: Server = createServer()
    server.add(Parrot, { say: () => ({ text: name }) })
    opened.push({ [Symbol.asyncDispose]: () => server.shutdown({ graceMs: 0 }) })
    return (await server.listen("127.0.0.1:0")).toString()
  }

  function connect(options: object = {}): { names: ReturnType<typeof fakeResolver>; say(): Promise<string> } {
    const names = fakeResolver()
    const channel = createChannel("fake:///parrots", { schemes: { fake: names.scheme }, ...options })
    opened.push(channel)
    const client = createClient(Parrot, channel)
    return { names, say: async () => (await client.say({ text: "" }, { timeoutMs: 5_000 })).text }
  }

  it("has calls wait until addresses come, and go to others when others come", async () => {
    const { names, say } = connect()
    const [first, second] = [await serve("first"), await serve("second")]
    const waiting = say()
    await until(() => names.asked === 1)
    assert.deepEqual(names.listening, ["fake:///parrots"])
    names.push([first])
    assert.equal(await waiting, "first")
    names.push([second])
    await until(() => names.asked >= 1)
    assert.equal(await say(), "second")
  })

  it("fails calls with the error that there is", async () => {
    const { names, say } = connect()
    names.fail(new Error("no such name"), 1_000)
    await rejectsWithStatus(say(), "UNAVAILABLE", /no such name/)
  })

  it("is found by several channels, each told what was found last", async () => {
    const { names, say } = connect()
    names.push([await serve("only")])
    assert.equal(await say(), "only")
    const other = createChannel("fake:///others", { schemes: { fake: names.scheme } })
    opened.push(other)
    assert.equal((await createClient(Parrot, other).say({ text: "" })).text, "only")
    assert.deepEqual(names.listening, ["fake:///parrots", "fake:///others"])
    await other.close()
    assert.deepEqual(names.listening, ["fake:///parrots"])
  })

  it("finds service configs, which come into force as they are pushed", async () => {
    const { names, say } = connect()
    const address = await serve("slow")
    names.push([address], { methodConfig: [{ name: [{}], timeout: "0s" }] })
    await rejectsWithStatus(say(), "DEADLINE_EXCEEDED")
    names.push([address])
    assert.equal(await say(), "slow")
  })

  it("is asked again when a connection is lost", async () => {
    const { names, say } = connect()
    const server = createServer()
    server.add(Parrot, { say: () => ({ text: "mortal" }) })
    names.push([await server.listen("127.0.0.1:0")])
    assert.equal(await say(), "mortal")
    const asked = names.asked
    await server.shutdown({ graceMs: 0 })
    const waiting = say()
    waiting.catch(() => {})
    await until(() => names.asked > asked, "that it is asked again")
    names.push([await serve("next")])
    assert.equal(await waiting.catch(() => say()), "next")
  })

  it("refuses what is no address on this machine", () => {
    const { names } = connect()
    assert.throws(() => names.push(["nonsense"]), { name: "TypeError", message: /"nonsense" is no address/ })
    assert.throws(() => names.push(["127.0.0.1"]), /is no address/)
    assert.throws(() => names.push(["192.0.2.1:5"]), {
      name: "TypeError",
      message: /192\.0\.2\.1:5 is not on this machine/,
    })
  })
})
