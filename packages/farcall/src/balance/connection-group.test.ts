import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { createChannel } from "../client/channel.js"
import type { ChannelOptions } from "../client/channel-options.js"
import { type Client, createClient } from "../client/client.js"
import { createServer, type Server } from "../server/server.js"
import { type ChannelScene, channelScene } from "../test-support/channel-scene.js"
import { failureOf, Gate, until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import type { ScriptedCall } from "../test-support/scripted-connect.js"
import { settled } from "../test-support/settled.js"

const A = "ipv4:127.0.0.1:1"

function start(scene: ChannelScene, count: number): ScriptedCall[] {
  return Array.from({ length: count }, () => scene.start())
}

/** A channel with two connections, each of which has a call; the second has room for as many as said. */
async function sceneOfTwo(capacity = 1) {
  const scene = channelScene(A, { maxConnectionsPerAddress: 2 })
  start(scene, 2)
  const first = scene.net.last.succeed(1)
  await settled()
  const second = scene.net.last.succeed(capacity)
  await settled()
  return { scene, first, second }
}

describe("further connections to an address", () => {
  it("are made while calls wait for room, up to the limit", async () => {
    const scene = channelScene(A, { maxConnectionsPerAddress: 3 })
    const calls = start(scene, 8)
    const states = (): string => calls.map(({ state }) => (state === A ? "x" : ".")).join("")
    scene.net.last.succeed(2)
    await settled()
    assert.equal(states(), "xx......")
    assert.equal(scene.net.attempts.length, 2)
    scene.net.last.succeed(2)
    await settled()
    assert.equal(states(), "xxxx....")
    const third = scene.net.last.succeed(2)
    await settled()
    assert.equal(states(), "xxxxxx..")
    assert.equal(scene.net.attempts.length, 3, "and no further")
    third.free(1)
    assert.equal(states(), "xxxxxxx.")
    await scene.channel.close()
    assert.equal(scene.clock.pending, 0)
  })

  it("are none by default", async () => {
    const scene = channelScene(A)
    start(scene, 3)
    scene.net.last.succeed(1)
    await settled()
    assert.equal(scene.net.attempts.length, 1)
    await scene.channel.close()
  })

  it("that cannot be made are tried again after a backoff, while calls wait", async () => {
    const scene = channelScene(A, { maxConnectionsPerAddress: 2 })
    const calls = start(scene, 2)
    scene.net.last.succeed(1)
    await settled()
    scene.net.last.refuse()
    await settled()
    assert.equal(scene.channel.state, "READY")
    assert.equal(calls[1]!.state, "waiting")
    await scene.clock.advance(999)
    assert.equal(scene.net.attempts.length, 2)
    await scene.clock.advance(1)
    assert.equal(scene.net.attempts.length, 3)
    scene.net.last.succeed(1)
    await settled()
    assert.equal(calls[1]!.state, A)
    await scene.channel.close()
  })

  it("are given up when idle, and made again when needed", async () => {
    const { scene, first, second } = await sceneOfTwo()
    await scene.clock.advance(120_000)
    assert.equal(second.draining, false, "as long as it has a stream")
    second.free(1)
    await scene.clock.advance(60_000)
    assert.equal(second.draining, true)
    assert.equal(first.draining, false)
    const next = scene.start()
    await settled()
    assert.equal(scene.net.attempts.length, 3)
    scene.net.last.succeed(1)
    await settled()
    assert.equal(next.state, A)
    await scene.channel.close()
  })

  it("stand in for the first when it goes", async () => {
    const { scene, first, second } = await sceneOfTwo(2)
    first.goAway()
    assert.equal(scene.start().state, A, "on the second")
    assert.equal(scene.net.attempts.length, 2)
    first.lose()
    assert.equal(scene.channel.state, "READY")
    second.lose()
    assert.equal(scene.channel.state, "IDLE")
    await scene.channel.close()
  })
})

/** Servers whose calls run until they are let go, and count what they get. */
class Servers implements AsyncDisposable {
  readonly counts: number[] = []
  readonly peers: Set<string>[] = []
  readonly gate = new Gate()
  private readonly all: Server[] = []
  private targets: string[] = []

  static async open(count: number, maxConcurrentStreams: number): Promise<Servers> {
    const servers = new Servers()
    for (let i = 0; i < count; i++) {
      servers.counts.push(0)
      servers.peers.push(new Set())
      const server = createServer({ http2: { maxConcurrentStreams } }).add(Parrot, {
        async say(request, { peer }) {
          servers.counts[i]!++
          servers.peers[i]!.add(peer)
          await servers.gate.opened
          return request
        },
      })
      const address = await server.listen("127.0.0.1:0")
      servers.targets.push(address.toString())
      servers.all.push(server)
    }
    return servers
  }

  connect(options: ChannelOptions): { readonly client: Client<typeof Parrot>; close(): Promise<void> } {
    const channel = createChannel(`ipv4:${this.targets.join(",")}`, options)
    return { client: createClient(Parrot, channel), close: () => channel.close() }
  }

  get running(): number {
    return this.counts.reduce((sum, count) => sum + count, 0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.gate.open()
    await Promise.all(this.all.map((server) => server.shutdown({ graceMs: 1_000 })))
  }
}

describe("over sockets", () => {
  it("twelve calls run at once at a server that takes four streams, on three connections", async () => {
    await using servers = await Servers.open(1, 4)
    const { client, close } = servers.connect({ maxConnectionsPerAddress: 3 })
    const calls = Array.from({ length: 15 }, (_, i) => client.say({ text: String(i) }))
    await until(() => servers.running === 12)
    const late = await failureOf(client.say({ text: "late" }, { timeoutMs: 50 }))
    assert.match(late.message, /allows no more streams at once/)
    assert.equal(servers.peers[0]!.size, 3)
    servers.gate.open()
    assert.equal((await Promise.all(calls)).length, 15)
    await close()
  })

  it("round_robin spreads over its servers, each with connections as it needs them", async () => {
    await using servers = await Servers.open(3, 2)
    const { client, close } = servers.connect({ balancing: "round_robin", maxConnectionsPerAddress: 2 })
    const calls = Array.from({ length: 12 }, (_, i) => client.say({ text: String(i) }))
    await until(() => servers.running === 12)
    assert.deepEqual(servers.counts, [4, 4, 4])
    assert.deepEqual(
      servers.peers.map(({ size }) => size),
      [2, 2, 2],
    )
    servers.gate.open()
    await Promise.all(calls)
    await close()
  })
})
