import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { channel } from "node:diagnostics_channel"
import { describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { inspect, promisify } from "node:util"
import { createChannel } from "../client/channel.js"
import { createClient } from "../client/client.js"
import { addHealth } from "../health/add-health.js"
import { createServer } from "../server/server.js"
import { eventNames, NotedEvents } from "../test-support/noted-events.js"
import { failureOf, textsOf, until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { retryPair, retryPolicy } from "../test-support/retry-pair.js"
import { settled } from "../test-support/settled.js"
import { WorkerScene } from "../test-support/worker-scene.js"
import { selfSigned } from "../testing/self-signed.js"
import { createTestPair } from "../testing/test-pair.js"
import { tls } from "../transport/tls-credentials.js"
import { diagnosticsChannel, PlainChannel } from "./diagnostics.js"
import { StatusError } from "./status-error.js"
import { globalTracers } from "./tracers.js"

describe("diagnostics channels", () => {
  it("are node's own, by their name", () => {
    for (const name of eventNames) assert.equal(diagnosticsChannel(name), channel(name))
  })

  it("tell of a server's life, a client's, their connection and a call, on both sides", async () => {
    using noted = new NotedEvents()
    const server = createServer().add(Parrot, { say: (request) => request })
    const address = `${await server.listen("127.0.0.1:0")}`
    const channel = createChannel(address)
    const client = createClient(Parrot, channel)
    await client.say({ text: "a" }, { timeoutMs: 60_000 })
    await channel.close()
    await until(() => noted.of("farcall:server:connection:closed").length === 1)
    await server.shutdown()

    assert.deepEqual(noted.names("client"), [
      "call:start",
      "attempt:start",
      "channel:state",
      "resolver:update",
      "subchannel:state",
      "connection:connecting",
      "connection:connected",
      "subchannel:state",
      "channel:state",
      "stream:open",
      "attempt:end",
      "call:end",
      "channel:state",
      "subchannel:state",
      "connection:draining",
      "connection:closed",
    ])
    assert.deepEqual(noted.names("server"), [
      "listening",
      "connection:connected",
      "stream:open",
      "call:start",
      "call:end",
      "connection:closed",
      "draining",
      "closed",
    ])

    const [start] = noted.of("farcall:client:call:start")
    const [end] = noted.of("farcall:client:call:end")
    const [stream] = noted.of("farcall:client:stream:open")
    const [attempt] = noted.of("farcall:client:attempt:end")
    assert.equal(end!.call, start)
    assert.equal(end!.stream, stream)
    assert.equal(attempt!.stream, stream)
    assert.deepEqual(
      [start!.method, start!.kind, start!.target, start!.authority, start!.timeoutMs],
      ["/test.Parrot/Say", "unary", address, address, 60_000],
    )
    assert.deepEqual(
      [end!.status.code, end!.endedBy, end!.attempts, attempt!.attempt, end!.error],
      ["OK", "server", 1, 1, undefined],
    )
    assert.ok(end!.durationMs >= attempt!.durationMs && attempt!.durationMs > 0)

    const [connecting] = noted.of("farcall:client:connection:connecting")
    const [near] = noted.of("farcall:client:connection:connected")
    const [far] = noted.of("farcall:server:connection:connected")
    assert.equal(connecting!.address, `ipv4:${address}`)
    assert.deepEqual([near!.peer, near!.protocol, near!.tls], [`ipv4:${address}`, "h2", undefined])
    assert.deepEqual([far!.peer, far!.local], [near!.local, near!.peer])
    assert.deepEqual([stream!.connectionId, stream!.streamId, stream!.peer], [near!.connectionId, 1, near!.peer])

    const [served] = noted.of("farcall:server:call:start")
    assert.deepEqual(
      [served!.method, served!.kind, served!.connectionId, served!.streamId, served!.peer, served!.attempt],
      ["/test.Parrot/Say", "unary", far!.connectionId, 1, far!.peer, 1],
    )
    assert.ok(served!.timeoutMs <= 60_000 && served!.timeoutMs > 0)
    assert.equal(noted.of("farcall:server:call:end")[0]!.call, served)
    assert.equal(noted.of("farcall:server:stream:open")[0]!.path, "/test.Parrot/Say")
    assert.deepEqual(
      noted.of("farcall:client:channel:state").map(({ from, to }) => `${from} ${to}`),
      ["IDLE CONNECTING", "CONNECTING READY", "READY SHUTDOWN"],
    )
    assert.deepEqual(
      noted.of("farcall:client:subchannel:state").map(({ from, to }) => `${from} ${to}`),
      ["IDLE CONNECTING", "CONNECTING READY", "READY SHUTDOWN"],
    )
    assert.deepEqual(noted.of("farcall:client:resolver:update")[0]!.addresses, [`ipv4:${address}`])
    assert.match(noted.of("farcall:client:connection:draining")[0]!.reason, /the channel/)
    const [{ serverId, ...listening }] = noted.of("farcall:server:listening") as [
      { serverId: number; address: string; tls: boolean },
    ]
    assert.deepEqual(listening, { address, tls: false })
    assert.deepEqual(noted.of("farcall:server:closed"), [{ serverId }])
    assert.equal(noted.of("farcall:server:draining")[0]!.graceMs, 10_000)
  })

  it("tell what TLS has found out, and of handshakes that fail", async () => {
    const { cert, key } = selfSigned()
    const server = createServer().add(Parrot, { say: (request) => request })
    using noted = new NotedEvents()
    const address = await server.listen("localhost:0", { credentials: tls({ cert, key }) })
    await using channel = createChannel(`${address}`, { credentials: tls({ ca: cert }) })
    await createClient(Parrot, channel).say({ text: "a" })
    assert.equal(noted.of("farcall:client:connection:connected")[0]!.tls?.protocol, "TLSv1.3")
    assert.equal(noted.of("farcall:server:connection:connected")[0]!.tls?.protocol, "TLSv1.3")
    assert.equal(noted.of("farcall:server:listening")[0]!.tls, true)

    await using stranger = createChannel(`${address}`, { credentials: tls() })
    await failureOf(createClient(Parrot, stranger).say({ text: "a" }))
    assert.match(noted.of("farcall:client:connection:failed")[0]!.error.message, /SELF_SIGNED/)
    await until(() => noted.of("farcall:server:connection:failed").length > 0)
    await channel.close()
    await server.shutdown()
  })

  it("tell of attempts, why they failed, and of retries", async () => {
    using noted = new NotedEvents()
    let failures = 2
    const pair = retryPair(
      {
        say(request) {
          if (failures-- > 0) throw new StatusError("UNAVAILABLE", "later")
          return request
        },
      },
      {
        method: { retryPolicy: { ...retryPolicy, initialBackoff: "0.1s", backoffMultiplier: 1 } },
      },
    )
    const call = pair.client.say({ text: "a" })
    await pair.clock.advance(500)
    await call
    await pair[Symbol.asyncDispose]()
    assert.deepEqual(
      noted.of("farcall:client:attempt:start").map(({ attempt, delayMs }) => [attempt, delayMs]),
      [
        [1, 0],
        [2, 100],
        [3, 100],
      ],
    )
    assert.deepEqual(
      noted.of("farcall:client:attempt:end").map(({ attempt, status }) => `${attempt} ${status.code}`),
      ["1 UNAVAILABLE", "2 UNAVAILABLE", "3 OK"],
    )
    assert.equal(noted.of("farcall:client:call:end")[0]!.attempts, 3)
    assert.deepEqual(
      noted.of("farcall:server:call:start").map(({ attempt }) => attempt),
      [1, 2, 3],
    )
  })

  it("tell of connections that are not to be had, and are lost", async () => {
    using noted = new NotedEvents()
    let refused = true
    const pair = retryPair(
      { say: () => new Promise(() => {}) },
      { connectError: () => (refused ? new Error("nobody there") : undefined) },
    )
    await failureOf(pair.client.say({ text: "a" }))
    assert.equal(noted.of("farcall:client:connection:failed")[0]!.error.message, "nobody there")
    const states = noted.of("farcall:client:subchannel:state")
    assert.deepEqual([states[1]!.to, states[1]!.error?.message], ["TRANSIENT_FAILURE", "nobody there"])
    assert.match(noted.of("farcall:client:channel:state")[1]!.reason!, /nobody there/)

    refused = false
    await pair.clock.advance(10_000)
    const failure = failureOf(pair.client.say({ text: "a" }))
    await settled()
    pair.cut()
    assert.equal((await failure).code, "UNAVAILABLE")
    assert.equal(noted.of("farcall:client:call:end")[1]!.endedBy, "connection")
    assert.ok(noted.of("farcall:client:connection:closed")[0]!.error instanceof Error)
    assert.deepEqual(
      noted.of("farcall:client:stream:reset").map(({ streamId, scope }) => [streamId, scope]),
      [[1, "connection"]],
    )
    await pair[Symbol.asyncDispose]()
  })

  it("tell of streams that are reset, by whom", async () => {
    using noted = new NotedEvents(["farcall:client:stream:reset", "farcall:server:stream:reset"])
    const { client, close } = await createTestPair(Parrot, {
      async *repeat(request) {
        while (true) yield request
      },
    })
    for await (const _ of client.repeat({ text: "a" })) break
    await until(() => noted.all.length === 2)
    const [near] = noted.of("farcall:client:stream:reset")
    const [far] = noted.of("farcall:server:stream:reset")
    assert.deepEqual([near!.code, near!.initiator, near!.scope], ["CANCEL", "local", "stream"])
    assert.deepEqual([far!.code, far!.initiator, far!.streamId], ["CANCEL", "peer", near!.streamId])
    await close()
  })

  it("tell of health as a server says it, and as a client hears it", async () => {
    using noted = new NotedEvents(["farcall:server:health", "farcall:client:subchannel:health"])
    const server = createServer().add(Parrot, { say: (request) => request })
    const health = addHealth(server)
    const address = await server.listen("127.0.0.1:0")
    const serviceConfig = {
      loadBalancingConfig: [{ round_robin: {} }],
      healthCheckConfig: { serviceName: Parrot.typeName },
    }
    await using channel = createChannel(`${address}`, { serviceConfig })
    await createClient(Parrot, channel).say({ text: "a" })
    health.set(Parrot.typeName, "NOT_SERVING")
    await until(() => noted.of("farcall:client:subchannel:health").length === 2)
    const told = noted.of("farcall:server:health").map(({ service, status }) => `${service} ${status}`)
    assert.ok(told.includes(`${Parrot.typeName} NOT_SERVING`), told.join())
    const heard = noted.of("farcall:client:subchannel:health")
    assert.deepEqual(
      heard.map(({ service, trouble }) => [service, trouble?.message]),
      [
        [Parrot.typeName, undefined],
        [Parrot.typeName, `${Parrot.typeName} is NOT_SERVING there`],
      ],
    )
    await channel.close()
    await server.shutdown()
  })

  it("tell of worker threads that start and die", async () => {
    using noted = new NotedEvents(["farcall:server:worker:started", "farcall:server:worker:died"])
    await using scene = await WorkerScene.open()
    await failureOf(scene.client.say({ text: "crash" }))
    await until(() => noted.of("farcall:server:worker:started").length === 2)
    const [first] = noted.of("farcall:server:worker:started")
    const [died] = noted.of("farcall:server:worker:died")
    assert.equal(first!.service, Parrot.typeName)
    assert.deepEqual([died!.threadId, died!.terminated, died!.error.message], [first!.threadId, false, "crashed"])
  })

  it("carry metadata that is changed to the server, and show none by default", async () => {
    using noted = new NotedEvents()
    const add = ({ metadata }: { readonly metadata: { set(key: string, value: string): unknown } }): void =>
      void metadata.set("x-trace", "42")
    const starts = diagnosticsChannel("farcall:client:call:start")
    starts.subscribe(add)
    const { client, close } = await createTestPair(Parrot, {
      say(_request, context) {
        context.responseTrailers.set("x-session", "top-secret")
        throw new StatusError("INTERNAL", "no", { cause: new Error("why") })
      },
      repeat: async function* (request) {
        yield request
      },
    })
    const metadata = { authorization: "Bearer top-secret", "x-api-key": "top-secret" }
    await failureOf(client.say({ text: "a" }, { metadata }))
    await textsOf(client.repeat({ text: "a" }, { metadata }))
    await close()
    starts.unsubscribe(add)
    assert.equal(noted.of("farcall:server:call:start")[0]!.metadata.get("x-trace"), "42")
    assert.equal(noted.of("farcall:client:call:end")[0]!.trailers.get("x-session"), "top-secret")
    assert.equal((noted.of("farcall:server:call:end")[0]!.error!.cause as Error).message, "why")
    for (const { name, message } of noted.all) {
      assert.doesNotMatch(inspect(message, { depth: 9 }), /top-secret/, name)
      assert.doesNotMatch(JSON.stringify(message), /top-secret/, name)
    }
  })

  it("cost calls nothing while nobody subscribes: there are no tracers then", () => {
    const tracers = (): (number | undefined)[] => [globalTracers.forClients?.length, globalTracers.forServers?.length]
    assert.deepEqual(tracers(), [undefined, undefined])
    const noted = new NotedEvents(["farcall:server:call:end"])
    assert.deepEqual(tracers(), [undefined, 1])
    noted[Symbol.dispose]()
    assert.deepEqual(tracers(), [undefined, undefined])
  })

  it("may be subscribed to while calls run: those that begin from then on are told of", async () => {
    let release: (() => void) | undefined
    const { client, close } = await createTestPair(Parrot, {
      say: (request) =>
        request.text === "now" ? request : new Promise((resolve) => (release = () => resolve(request))),
    })
    const before = client.say({ text: "later" })
    await until(() => release !== undefined, "the call came")
    using noted = new NotedEvents(["farcall:client:call:end", "farcall:server:call:end"])
    await client.say({ text: "now" })
    release!()
    await before
    await close()
    assert.equal(noted.of("farcall:client:call:end").length, 1)
    assert.equal(noted.of("farcall:server:call:end").length, 1)
  })

  it("what a subscriber throws comes to no call: node makes an uncaught exception of it", async () => {
    const program = fileURLToPath(new URL("../test-support/throwing-subscriber.js", import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [program])
    assert.equal(stdout, "hello\nuncaught: by the subscriber\n")
  })
})

describe("on hosts without node:diagnostics_channel", () => {
  it("a channel is one of our own", (test) => {
    const printed = test.mock.method(console, "error", () => {})
    const plain = new PlainChannel<number>("some")
    const heard: number[] = []
    const listener = (message: number): void => void heard.push(message)
    assert.equal(plain.hasSubscribers, false)
    plain.subscribe(() => {
      throw new Error("no")
    })
    plain.subscribe(listener)
    assert.equal(plain.hasSubscribers, true)
    plain.publish(1)
    assert.deepEqual([plain.unsubscribe(listener), plain.unsubscribe(listener)], [true, false])
    plain.publish(2)
    assert.deepEqual(heard, [1])
    assert.equal(printed.mock.callCount(), 2)
  })
})
