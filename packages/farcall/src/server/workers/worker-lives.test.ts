import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it } from "node:test"
import { failureOf, textsOf, until } from "../../test-support/outcome.js"
import { Parrot } from "../../test-support/parrot.js"
import { parrotModule, WorkerScene } from "../../test-support/worker-scene.js"
import { createTestPair } from "../../testing/test-pair.js"
import { virtualClock } from "../../testing/virtual-clock.js"
import { createServer, type Server } from "../server.js"
import { serveWorker } from "./serve-worker.js"
import type { WorkerPool } from "./worker-pool.js"

/** A module of its own text. */
function moduleOf(text: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(text)}`)
}

/** Why a server with such a module does not listen. */
async function listening(module: URL): Promise<Error> {
  const server = createServer()
  server.add(Parrot, module, { workers: 2 })
  const error = await server.listen("127.0.0.1:0").then(
    () => assert.fail("it listened"),
    (reason: Error) => reason,
  )
  await server.shutdown({ graceMs: 0 })
  return error
}

const serveWorkerPath = new URL("./serve-worker.js", import.meta.url).href
const parrotPath = new URL("../../test-support/parrot.js", import.meta.url).href

describe("threads that die", () => {
  it("fail their call INTERNAL, and are replaced", async () => {
    await using scene = await WorkerScene.open()
    const threads = [await scene.ask("thread")]
    for (const order of ["exit", "crash"]) {
      const error = await failureOf(scene.ask(order))
      assert.deepEqual([error.code, error.message], ["INTERNAL", "the worker thread that ran the call has died"])
      threads.push(await scene.ask("thread"))
    }
    assert.equal(new Set(threads).size, 3)
    assert.deepEqual(
      scene.errors.map(({ message }) => message),
      [
        "a worker thread of test.Parrot died: it ended with exit code 3",
        "a worker thread of test.Parrot died: crashed",
      ],
    )
    assert.match((scene.errors[1]!.cause as Error).stack!, /parrot-worker/)
  })

  it("fail their streams too, behind what was sent", async () => {
    await using scene = await WorkerScene.open()
    const texts: string[] = []
    const error = await failureOf(
      (async () => {
        for await (const { text } of scene.client.repeat({ text: "3 1 exit" })) texts.push(text)
      })(),
    )
    assert.equal(error.code, "INTERNAL")
    assert.deepEqual(texts, ["0", "1", "2"])
    const gather = scene.client.gather()
    await gather.write({ text: "do exit" })
    assert.equal((await failureOf(gather.response)).code, "INTERNAL")
    assert.deepEqual(await textsOf(scene.client.chat([{ text: "again" }])), ["again"])
  })

  it("leave calls of other threads, and those that wait, alone", async () => {
    await using scene = await WorkerScene.open({ workers: 2 })
    const blocked = scene.ask("block go")
    await scene.heard("blocked")
    const dying = failureOf(scene.ask("exit"))
    const waiting = ["a", "b", "c"].map((name) => scene.ask(`echo ${name}`))
    assert.equal((await dying).code, "INTERNAL")
    assert.deepEqual(await Promise.all(waiting), ["a", "b", "c"])
    scene.tell("go")
    assert.equal(await blocked, "unblocked")
  })

  it("between two calls are told of and replaced", async () => {
    await using scene = await WorkerScene.open()
    const before = await scene.ask("thread")
    assert.equal(await scene.ask("crashLater"), "fine")
    await until(() => scene.errors.length > 0, "the error")
    assert.equal(scene.errors[0]!.message, "a worker thread of test.Parrot died: crashed later")
    assert.notEqual(await scene.ask("thread"), before)
  })

  it("before they have served are replaced after a while; meanwhile calls end UNAVAILABLE", async () => {
    const stop = moduleOf(`
      import { serveWorker } from ${JSON.stringify(serveWorkerPath)}
      import { Parrot } from ${JSON.stringify(parrotPath)}
      serveWorker(Parrot, { say: ({ text }) => ({ text }) })
      if (process.env.PARROTS_DIE === "yes") setImmediate(() => process.exit(7))
    `)
    process.env["PARROTS_DIE"] = "yes"
    const errors: Error[] = []
    const server = { onHandlerError: (error: unknown) => void errors.push(error as Error) }
    await using pair = await createTestPair(Parrot, stop, { workers: 1, server })
    try {
      await until(() => errors.length >= 2, "two deaths")
      assert.match(errors[0]!.message, /died: it ended with exit code 7/)
      const error = await failureOf(pair.client.say({ text: "hi" }))
      assert.deepEqual([error.code, error.message], ["UNAVAILABLE", "no worker of test.Parrot can be started"])
    } finally {
      process.env["PARROTS_DIE"] = "no"
    }
    let alive = false
    await until(() => {
      const call = pair.client.say({ text: "hi" })
      call.then(
        () => (alive = true),
        () => {},
      )
      return alive
    }, "a thread that lives")
    assert.deepEqual(await pair.client.say({ text: "hi" }), { text: "hi" })
  })
})

describe("listening with worker threads", () => {
  it("fails when there is no such module", async () => {
    const error = await listening(new URL("./no-such-module.js", import.meta.url))
    assert.match(
      error.message,
      /^the workers of test\.Parrot \(file:.*\/no-such-module\.js\) cannot be started: Cannot find/,
    )
    assert.equal((error.cause as { code?: string }).code, "MODULE_NOT_FOUND")
  })

  it("fails when the module throws", async () => {
    const error = await listening(moduleOf('throw new TypeError("not today")'))
    assert.match(error.message, /cannot be started: not today$/)
  })

  it("fails when the module is none", async () => {
    assert.match((await listening(new URL("https://localhost/worker.js"))).message, /cannot be started: /)
  })

  it("fails when the module never calls serveWorker", async () => {
    const error = await listening(moduleOf("export {}"))
    assert.match(error.message, /cannot be started: it ended with exit code 0, and had not called serveWorker$/)
  })

  it("fails when the module serves another service", async () => {
    const other = moduleOf(`
      import { serveWorker } from ${JSON.stringify(serveWorkerPath)}
      serveWorker({ typeName: "test.Cat", methods: {} }, {})
    `)
    assert.match((await listening(other)).message, /serves test\.Cat, and not test\.Parrot$/)
  })

  it("fails when the module does not call serveWorker in time", async () => {
    const clock = virtualClock()
    const server = createServer({ clock })
    server.add(Parrot, moduleOf("setInterval(() => {}, 1000)"), { workers: 2 })
    const failed = assert.rejects(server.listen("127.0.0.1:0"), /it did not call serveWorker within 30000 ms$/)
    await until(() => threadsOf(poolOf(server)).size === 2, "the threads")
    clock.advance(30_000)
    await failed
    assert.equal(threadsOf(poolOf(server)).size, 0)
  })

  it("may be tried again", async () => {
    const server = createServer()
    server.add(Parrot, parrotModule, { workers: 1 })
    await assert.rejects(server.listen("127.0.0.1:0x"), TypeError)
    assert.ok((await server.listen("127.0.0.1:0")).port! > 0)
    await server.shutdown()
  })

  it("ends with a server that is shut down meanwhile", async () => {
    const server = createServer()
    server.add(Parrot, moduleOf("setInterval(() => {}, 1000)"), { workers: 2 })
    const listening = assert.rejects(server.listen("127.0.0.1:0"), /the server has been shut down/)
    await until(() => threadsOf(poolOf(server)).size === 2, "the threads")
    await server.shutdown()
    assert.equal(threadsOf(poolOf(server)).size, 0)
    await listening
  })

  it("refuses options out of their range", () => {
    const add = (options: object) => () => createServer().add(Parrot, parrotModule, options as { workers: number })
    assert.throws(add({}), /workers must be a whole number from 1 to 1024, not undefined/)
    assert.throws(add({ workers: 0 }), TypeError)
    assert.throws(add({ workers: 1.5 }), TypeError)
    assert.throws(add({ workers: 1, maxQueuedCalls: -1 }), /maxQueuedCalls must be/)
    assert.throws(add({ workers: 1, terminateAfterMs: Number.NaN }), /terminateAfterMs must be/)
    assert.throws(
      () => createServer().add(Parrot, parrotModule, undefined as never),
      /say how many workers test\.Parrot has/,
    )
  })

  it("takes a method that the module leaves out for unimplemented", async () => {
    const silent = moduleOf(`
      import { serveWorker } from ${JSON.stringify(serveWorkerPath)}
      import { Parrot } from ${JSON.stringify(parrotPath)}
      serveWorker(Parrot, {})
    `)
    await using pair = await createTestPair(Parrot, silent, { workers: 1 })
    const error = await failureOf(pair.client.say({ text: "hi" }))
    assert.deepEqual([error.code, error.message], ["UNIMPLEMENTED", "the method /test.Parrot/Say is not implemented"])
    assert.equal((await failureOf(textsOf(pair.client.chat([])))).code, "UNIMPLEMENTED")
  })
})

describe("serveWorker", () => {
  it("is refused outside of a server's thread", () => {
    assert.throws(() => serveWorker(Parrot, {}), /^TypeError: serveWorker is for the module that server\.add/)
  })

  it("is refused a second time", async () => {
    // In a call, not after the first: a thread that dies at once may be heard of before it is heard to be ready.
    const twice = moduleOf(`
      import { serveWorker } from ${JSON.stringify(serveWorkerPath)}
      import { Parrot } from ${JSON.stringify(parrotPath)}
      serveWorker(Parrot, { say: () => serveWorker(Parrot, {}) })
    `)
    const errors: Error[] = []
    const server = { onHandlerError: (error: unknown) => void errors.push(error as Error) }
    await using pair = await createTestPair(Parrot, twice, { workers: 1, server })
    assert.equal((await failureOf(pair.client.say({ text: "hi" }))).code, "UNKNOWN")
    assert.match(errors[0]!.message, /this module serves already/)
  })

  it("refuses a servicer that does not fit, when it is compiled and when it runs", async () => {
    const compiled = (): void => {
      // @ts-expect-error there is no such method
      serveWorker(Parrot, { sing: () => ({ text: "la" }) })
      // @ts-expect-error the response is no Text
      serveWorker(Parrot, { say: () => ({ txt: "hi" }) })
      // @ts-expect-error there are no options
      createServer().add(Parrot, parrotModule)
    }
    assert.equal(typeof compiled, "function")
    const unfit = moduleOf(`
      import { serveWorker } from ${JSON.stringify(serveWorkerPath)}
      import { Parrot } from ${JSON.stringify(parrotPath)}
      serveWorker(Parrot, { say: "hi" })
    `)
    assert.match((await listening(unfit)).message, /test\.Parrot\.say must be a function, but is of type string/)
  })

  it("takes no notice of what else is posted", async () => {
    const chatty = moduleOf(`
      import { serveWorker } from ${JSON.stringify(serveWorkerPath)}
      import { Parrot } from ${JSON.stringify(parrotPath)}
      import { parentPort } from "node:worker_threads"
      const noise = () => { for (const word of ["hi", null, 1, {}, { type: "else" }]) parentPort.postMessage(word) }
      noise()
      serveWorker(Parrot, { say: (request) => (noise(), request) })
    `)
    await using pair = await createTestPair(Parrot, chatty, { workers: 1 })
    assert.deepEqual(await pair.client.say({ text: "a" }), { text: "a" })
    assert.deepEqual(await pair.client.say({ text: "b" }), { text: "b" })
  })
})

describe("shutting down with worker threads", () => {
  it("waits for calls that run, and for those that wait for a thread", async () => {
    await using scene = await WorkerScene.open()
    const slow = [scene.ask("slow 100"), scene.ask("slow 10"), textsOf(scene.client.repeat({ text: "3 1 slow 10" }))]
    await until(() => isBusy(scene), "the call")
    await scene.pair.server.shutdown()
    assert.deepEqual(await Promise.all(slow), ["slept", "slept", ["0", "1", "2", "slept"]])
  })

  it("ends threads that block when the grace is over", async () => {
    await using scene = await WorkerScene.open({ workers: 2 })
    const blocked = [failureOf(scene.ask("block never")), failureOf(scene.ask("block never"))]
    await scene.heard("blocked", 2)
    await scene.pair.server.shutdown({ graceMs: 50 })
    for (const error of await Promise.all(blocked)) assert.equal(error.code, "UNAVAILABLE")
    assert.equal(threadsOf(scene.pool).size, 0)
  })

  it("waits no longer than a second for a thread that cannot be interrupted", async () => {
    await using scene = await WorkerScene.open()
    const folder = await mkdtemp(join(tmpdir(), "farcall-workers-"))
    try {
      const call = failureOf(scene.ask(`native ${join(folder, "go")}`))
      await until(() => existsSync(join(folder, "blocked")), "the thread's command")
      await scene.pair.server.shutdown({ graceMs: 0 })
      assert.equal(threadsOf(scene.pool).size, 1)
      assert.equal((await call).code, "UNAVAILABLE")
      await writeFile(join(folder, "go"), "")
      await until(() => threadsOf(scene.pool).size === 0, "the thread's end")
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it("lets the handler of a call that was cancelled end, within the grace", async () => {
    await using scene = await WorkerScene.open()
    const error = await failureOf(scene.client.say({ text: "block go" }, { timeoutMs: 50 }))
    assert.equal(error.code, "DEADLINE_EXCEEDED")
    await scene.pair.channel.close()
    const down = scene.pair.server.shutdown({ graceMs: 10_000 })
    scene.tell("go")
    await down
    assert.equal(threadsOf(scene.pool).size, 0)
  })

  it("leaves no thread, and tells of no death", async () => {
    await using scene = await WorkerScene.open({ workers: 3 })
    assert.equal(threadsOf(scene.pool).size, 3)
    await scene.pair.server.shutdown()
    assert.equal(threadsOf(scene.pool).size, 0)
    assert.deepEqual(scene.errors, [])
  })
})

function poolOf(server: Server): WorkerPool {
  return (server as unknown as { pools: WorkerPool[] }).pools[0]!
}

function threadsOf(pool: WorkerPool): ReadonlySet<unknown> {
  return (pool as unknown as { threads: ReadonlySet<unknown> }).threads
}

function isBusy({ pool }: WorkerScene): boolean {
  return (pool as unknown as { running: ReadonlyMap<unknown, unknown> }).running.size > 0
}
