import assert from "node:assert/strict"
import { createServer as createTcpServer, type Server as TcpServer } from "node:net"
import { describe, it } from "node:test"
import { createChannelWith } from "../client/balanced-channel.js"
import { createChannel } from "../client/channel.js"
import { createClient } from "../client/client.js"
import type { ConnectivityState } from "../core/connectivity.js"
import type { Resolver, ResolverListener } from "../resolve/resolver.js"
import { createServer } from "../server/server.js"
import { until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { ScriptedCall, ScriptedConnect } from "../test-support/scripted-connect.js"
import { settled } from "../test-support/settled.js"
import { virtualClock } from "../testing/virtual-clock.js"

type Policy = "pick_first" | "round_robin"

const loopback = (port: number) => ({ kind: "tcp", host: "127.0.0.1", port }) as const

/** A name of which a test says at any time where it leads, and by which policy. */
class ScriptedName {
  private listener: ResolverListener | undefined = undefined

  readonly open = (listener: ResolverListener): Resolver => {
    this.listener = listener
    return { resolve: () => {}, describe: () => "looking up x", close: () => {} }
  }

  found(policy: Policy, ...ports: readonly number[]): void {
    this.listener!.onAddresses(ports.map(loopback), { loadBalancingConfig: [{ [policy]: {} }] })
  }
}

const A = "ipv4:127.0.0.1:1"
const B = "ipv4:127.0.0.1:2"

/** A channel whose first policy has made its connection, to A, and whose second is told of B. */
async function switching(from: Policy, to: Policy) {
  const net = new ScriptedConnect()
  const name = new ScriptedName()
  const channel = createChannelWith(
    "test:x",
    { name: { authority: "x", local: true, findsServiceConfig: true, open: name.open }, connect: net.connect },
    { clock: virtualClock() },
  )
  const start = (): ScriptedCall => {
    const call = new ScriptedCall()
    channel.start(call)
    return call
  }
  start()
  name.found(from, 1)
  const a = net.last.succeed()
  await settled()
  name.found(to, 2)
  assert.deepEqual(net.peers, [A, B])
  assert.equal(channel.state, "READY")
  return { net, name, channel, start, a }
}

for (const [from, to] of [
  ["pick_first", "round_robin"],
  ["round_robin", "pick_first"],
] as const) {
  describe(`${from} gives way to ${to}`, () => {
    it("when the new policy is READY; till then it places the calls", async () => {
      const { net, channel, start, a } = await switching(from, to)
      assert.equal(start().state, A)
      assert.equal(a.draining, false)
      net.last.succeed()
      await settled()
      assert.equal(start().state, B)
      assert.equal(a.draining, true)
      assert.equal(channel.state, "READY")
      await channel.close()
    })

    it("when it loses its connection", async () => {
      const { net, channel, start, a } = await switching(from, to)
      a.lose()
      assert.equal(channel.state, "CONNECTING")
      const call = start()
      assert.equal(call.state, "waiting")
      const [, b, ...later] = net.attempts
      assert.ok(
        later.every(({ aborted }) => aborted),
        "the old policy connects no more",
      )
      b!.succeed()
      await settled()
      assert.equal(call.state, B)
      await channel.close()
    })

    it("not while the new one cannot connect, and then with what the new one has to say", async () => {
      const { net, channel, start, a } = await switching(from, to)
      net.last.refuse()
      await settled()
      assert.equal(channel.state, "READY")
      assert.equal(start().state, A)
      a.lose()
      assert.equal(channel.state, "TRANSIENT_FAILURE")
      assert.match(start().error!.message, /^no connection to test:x: connect ECONNREFUSED 127.0.0.1:2 /)
      await channel.close()
    })

    it("but not to one that was itself replaced before it was READY", async () => {
      const { net, name, channel, start } = await switching(from, to)
      const replaced = net.last
      name.found(from, 3)
      assert.ok(replaced.aborted)
      assert.equal(start().state, A)
      net.last.succeed()
      await settled()
      assert.equal(start().state, "ipv4:127.0.0.1:3")
      await channel.close()
    })
  })
}

describe("a policy that is replaced while calls run, over sockets", () => {
  it("loses none of them, and leaves no gap", async () => {
    const servers = ["a", "b"].map((text) => createServer().add(Parrot, { say: () => ({ text }) }))
    const ports = await Promise.all(servers.map(async (server) => (await server.listen("127.0.0.1:0")).port!))
    const silence = await Silence.listen()
    const name = new ScriptedName()
    await using channel = createChannel("test:x", {
      schemes: { test: () => ({ authority: "x", local: true, findsServiceConfig: true, open: name.open }) },
    })
    const client = createClient(Parrot, channel)
    const states: ConnectivityState[] = []
    void (async () => {
      for await (const state of channel.watchState()) states.push(state)
    })()
    let running = true
    const counts: Record<string, number> = {}
    /** How many in a row came from b. */
    let straight = 0
    const callers = Array.from({ length: 10 }, async () => {
      while (running) {
        const { text } = await client.say({ text: "" })
        counts[text] = (counts[text] ?? 0) + 1
        straight = text === "b" ? straight + 1 : 0
      }
    })
    const more = async (who: string, calls: number): Promise<void> => {
      const enough = (counts[who] ?? 0) + calls
      await until(() => (counts[who] ?? 0) >= enough, `${calls} calls at ${who}`)
    }
    name.found("pick_first", ports[0]!)
    await more("a", 50)
    // A server that accepts and says nothing: the new policy is CONNECTING for good.
    name.found("round_robin", silence.port)
    await silence.accepted
    await more("a", 50)
    name.found("round_robin", ...ports)
    await more("b", 50)
    await more("a", 50)
    name.found("pick_first", ports[1]!)
    await until(() => straight > 50, "the connection to a is given up")
    running = false
    await Promise.all(callers)
    assert.deepEqual(states, ["IDLE", "CONNECTING", "READY"])
    await channel.close()
    await Promise.all(servers.map((server) => server.shutdown({ graceMs: 0 })))
    silence.close()
  })
})

/** A server that accepts connections and says nothing. */
class Silence {
  readonly port: number
  readonly accepted: Promise<void>
  private readonly server: TcpServer
  private readonly sockets: { destroy(): void }[] = []

  private constructor(server: TcpServer) {
    this.server = server
    this.port = (server.address() as { port: number }).port
    this.accepted = new Promise((resolve) => {
      server.on("connection", (socket) => {
        socket.on("error", () => {})
        this.sockets.push(socket)
        resolve()
      })
    })
  }

  static async listen(): Promise<Silence> {
    const server = createTcpServer()
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    return new Silence(server)
  }

  close(): void {
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
  }
}
