import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { theServer } from "../../test-support/one-of-each.js"
import { failureOf, textsOf, until } from "../../test-support/outcome.js"
import { Parrot } from "../../test-support/parrot.js"
import { WorkerScene } from "../../test-support/worker-scene.js"
import type { ServerContext } from "../context.js"
import { createServer } from "../server.js"

describe("calls that end before their handler does", () => {
  it("cancelling reaches the handler's signal, with its reason", async () => {
    await using scene = await WorkerScene.open()
    const aborting = new AbortController()
    const call = failureOf(scene.client.say({ text: "wait" }, { signal: aborting.signal }))
    await scene.heard("waiting")
    aborting.abort()
    assert.equal((await call).code, "CANCELLED")
    assert.match(await scene.ask("seen"), /^CANCELLED: the call was ended by the client's side: .+; cancelled true/)
    assert.deepEqual(scene.errors, [])
  })

  it("a deadline ends the handler's signal, and the thread is free when the handler has noticed", async () => {
    await using scene = await WorkerScene.open()
    await scene.pair.channel.waitForReady()
    const error = await failureOf(scene.client.say({ text: "wait" }, { timeoutMs: 100 }))
    assert.equal(error.code, "DEADLINE_EXCEEDED")
    assert.match(await scene.ask("seen"), /^(CANCELLED|DEADLINE_EXCEEDED): .+; cancelled true/)
  })

  it("leaving a stream of responses ends the handler's generator", async () => {
    await using scene = await WorkerScene.open()
    for await (const _ of scene.client.repeat({ text: "1000000 10" })) break
    await scene.heard("over")
    assert.equal(await scene.ask("echo free"), "free")
  })

  it("a client that goes away ends streams in both directions", async () => {
    await using scene = await WorkerScene.open()
    const aborting = new AbortController()
    const gather = scene.client.gather({ signal: aborting.signal })
    await gather.write({ text: "one" })
    const chat = scene.client.chat({ signal: aborting.signal })
    await chat.write({ text: "one" })
    aborting.abort()
    assert.equal((await failureOf(gather.response)).code, "CANCELLED")
    assert.equal((await failureOf(textsOf(chat))).code, "CANCELLED")
    assert.equal(await scene.ask("echo free"), "free")
  })

  it("end the calls with them that their handlers make", async () => {
    const contexts: ServerContext[] = []
    const other = createServer()
    other.add(Parrot, {
      say: (_, context) => {
        contexts.push(context)
        return new Promise(() => {})
      },
    })
    const address = await other.listen("127.0.0.1:0")
    await using scene = await WorkerScene.open()
    try {
      const aborting = new AbortController()
      const options = { signal: aborting.signal, timeoutMs: 60_000 }
      const call = failureOf(scene.client.say({ text: `relay ${address}` }, options))
      await until(() => contexts.length > 0, "the relayed call")
      assert.ok(contexts[0]!.remainingMs > 0 && contexts[0]!.remainingMs <= 60_000)
      aborting.abort()
      assert.equal((await call).code, "CANCELLED")
      await until(() => contexts[0]!.cancelled, "the relayed call's end")
      assert.equal(await scene.ask("echo free"), "free")
    } finally {
      await other.shutdown({ graceMs: 0 })
    }
  })

  it("a thread whose handler blocks counts as busy until it is done, and its call is answered", async () => {
    await using scene = await WorkerScene.open()
    const aborting = new AbortController()
    const blocked = failureOf(scene.client.say({ text: "block go" }, { signal: aborting.signal }))
    await scene.heard("blocked")
    aborting.abort()
    assert.equal((await blocked).code, "CANCELLED")
    const late = await failureOf(scene.client.say({ text: "block go" }, { timeoutMs: 20 }))
    assert.equal(late.code, "DEADLINE_EXCEEDED")
    let answered = false
    const next = scene.ask("echo free").then((text) => {
      answered = true
      return text
    })
    assert.equal(answered, false)
    scene.tell("go")
    assert.equal(await next, "free")
  })

  it("with terminateAfterMs, such a thread is ended and replaced", async () => {
    await using scene = await WorkerScene.open({ terminateAfterMs: 20 })
    const before = await scene.ask("thread")
    const aborting = new AbortController()
    const blocked = failureOf(scene.client.say({ text: "block never" }, { signal: aborting.signal }))
    await scene.heard("blocked")
    aborting.abort()
    assert.equal((await blocked).code, "CANCELLED")
    assert.notEqual(await scene.ask("thread"), before)
    assert.deepEqual(scene.errors, [])
  })

  it("with terminateAfterMs, a handler that ends in time keeps its thread", async () => {
    await using scene = await WorkerScene.open({ terminateAfterMs: 10_000 })
    const before = await scene.ask("thread")
    assert.equal((await failureOf(scene.client.say({ text: "wait" }, { timeoutMs: 20 }))).code, "DEADLINE_EXCEEDED")
    assert.equal(await scene.ask("thread"), before)
  })
})

describe("calls that wait for a thread", () => {
  it("have their turn in the order in which they came", async () => {
    await using scene = await WorkerScene.open()
    const order: string[] = []
    const blocked = scene.ask("block go")
    await scene.heard("blocked")
    const calls = ["a", "b", "c"].map((name) => scene.ask(`echo ${name}`).then((text) => order.push(text)))
    scene.tell("go")
    await Promise.all([blocked, ...calls])
    assert.deepEqual(order, ["a", "b", "c"])
  })

  it("end RESOURCE_EXHAUSTED when too many wait, with how many there are", async () => {
    await using scene = await WorkerScene.open({ workers: 2, maxQueuedCalls: 3 })
    const blocked = [scene.ask("block go"), scene.ask("block go")]
    await scene.heard("blocked", 2)
    const waiting = ["a", "b", "c"].map((name) => scene.ask(`echo ${name}`))
    const error = await failureOf(scene.ask("echo d"))
    assert.equal(error.code, "RESOURCE_EXHAUSTED")
    assert.equal(error.message, "all 2 workers of test.Parrot are busy, and 3 calls wait for one, the limit is 3")
    const stream = await failureOf(textsOf(scene.client.repeat({ text: "1 1" })))
    assert.equal(stream.code, "RESOURCE_EXHAUSTED")
    scene.tell("go")
    await Promise.all(blocked)
    assert.deepEqual(await Promise.all(waiting), ["a", "b", "c"])
    assert.equal(await scene.ask("echo e"), "e")
  })

  it("need not be allowed at all", async () => {
    await using scene = await WorkerScene.open({ maxQueuedCalls: 0 })
    const blocked = scene.ask("block go")
    await scene.heard("blocked")
    assert.equal((await failureOf(scene.ask("echo"))).code, "RESOURCE_EXHAUSTED")
    scene.tell("go")
    await blocked
  })

  it("leave at their deadline, and when they are cancelled, and never start", async () => {
    await using scene = await WorkerScene.open({ maxQueuedCalls: 3 })
    const blocked = scene.ask("block go")
    await scene.heard("blocked")
    const aborting = new AbortController()
    const { signal } = aborting
    const cancelled = [
      failureOf(scene.client.say({ text: "wait" }, { signal })),
      failureOf(textsOf(scene.client.chat([{ text: "do wait" }], { signal }))),
    ]
    const late = failureOf(scene.client.say({ text: "wait" }, { timeoutMs: 30 }))
    assert.equal((await late).code, "DEADLINE_EXCEEDED")
    // It has made room for another.
    const next = scene.ask("echo next")
    aborting.abort()
    for (const error of await Promise.all(cancelled)) assert.equal(error.code, "CANCELLED")
    // The client has given them up; the server is to have heard of it before a thread is free.
    await until(() => theServer().calls.failed === 3, "the server to hear of it")
    scene.tell("go")
    await blocked
    assert.equal(await next, "next")
    assert.deepEqual(scene.told, ["blocked"])
  })
})

/** 32 MB in messages of 16 KiB. */
const count = 2_000
const size = 16_384

describe("backpressure between threads", () => {
  it("holds a stream of responses up", async () => {
    await using scene = await WorkerScene.open()
    const yielded = (): number => Number(scene.told.at(-1)?.split(" ")[1] ?? 0)
    let taken = 0
    for await (const { text } of scene.client.repeat({ text: `${count} ${size}` })) {
      assert.equal(text.length, size)
      if (++taken % 800 !== 100) continue
      await still(yielded)
      // The windows of both ways, what waits to be sent on, and a hundred for the telling.
      assert.ok((yielded() - taken) * size < 1_000_000 + 100 * size, `${yielded() - taken} messages ahead`)
    }
    assert.equal(taken, count)
  })

  it("holds a stream of requests up", async () => {
    await using scene = await WorkerScene.open()
    let given = 0
    function* requests(): Generator<{ text: string }> {
      const text = "x".repeat(size)
      for (given = 0; given < count; given++) yield { text }
    }
    const reply = scene.client.gather(requests(), { metadata: { do: "wait for it" } })
    await scene.heard("blocked")
    await still(() => given)
    assert.ok(given > 0 && given * size < 1_500_000, `${given} messages ahead`)
    scene.tell("go")
    assert.deepEqual(await reply, { text: `${count} of ${count * size}` })
  })

  it("empty messages count as well", async () => {
    await using scene = await WorkerScene.open()
    const reply = scene.client.gather(
      Array.from({ length: 5_000 }, () => ({ text: "" })),
      { metadata: { do: "wait for it" } },
    )
    await scene.heard("blocked")
    const ahead = (): number => [...runningCalls(scene)].reduce((sum, call) => sum + call.requestsAhead, 0)
    await still(ahead)
    assert.ok(ahead() >= 262_144 && ahead() < 262_144 + 300, `${ahead()}`)
    scene.tell("go")
    assert.deepEqual(await reply, { text: "5000 of 0" })
  })
})

function runningCalls(scene: WorkerScene): Iterable<{ requestsAhead: number }> {
  return (scene.pool as unknown as { running: Map<unknown, { requestsAhead: number }> }).running.values()
}

/** Waits until a number moves no more. */
async function still(read: () => number): Promise<void> {
  let before = -1
  let same = 0
  await until(() => {
    same = read() === before ? same + 1 : 0
    before = read()
    return same > 2_000
  }, "a standstill")
}
