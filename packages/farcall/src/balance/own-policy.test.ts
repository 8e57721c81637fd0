import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { createChannel } from "../client/channel.js"
import { createClient } from "../client/client.js"
import type { ChannelCall } from "../client/transport.js"
import { StatusError } from "../core/status-error.js"
import { createServer, type Server } from "../server/server.js"
import { channelScene } from "../test-support/channel-scene.js"
import { failureOf, Gate, until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { settled } from "../test-support/settled.js"
import type { Address } from "../transport/address.js"
import type { Balancer, BalancerHost } from "./balancer.js"
import { FailingPicker, type Picker, WaitingPicker } from "./picker.js"
import type { Subchannel, SubchannelListener } from "./subchannel.js"

/** Gives each call to the connection that has the fewest. */
class LeastLoaded implements Balancer, SubchannelListener {
  private readonly host: BalancerHost
  private subchannels: Subchannel[] = []

  constructor(host: BalancerHost) {
    this.host = host
  }

  onAddresses(addresses: readonly Address[]): void {
    this.close()
    this.subchannels = addresses.map((address) => this.host.createSubchannel(address, this))
    for (const subchannel of this.subchannels) subchannel.connect()
  }

  onResolverError(error: Error, retryAt: number): void {
    if (this.subchannels.length === 0) {
      this.host.update("TRANSIENT_FAILURE", new FailingPicker(error.message, error, retryAt))
    }
  }

  onState(subchannel: Subchannel): void {
    if (subchannel.state === "IDLE") subchannel.connect()
    const ready = this.subchannels.filter(({ state }) => state === "READY")
    if (ready.length > 0) this.host.update("READY", new LeastLoadedPicker(ready))
    else if (this.subchannels.every(({ state }) => state === "TRANSIENT_FAILURE")) {
      const { lastError, retryAt } = subchannel
      this.host.update("TRANSIENT_FAILURE", new FailingPicker(lastError!.message, lastError, retryAt))
    } else this.host.update("CONNECTING", new WaitingPicker("connecting"))
  }

  exitIdle(): void {}

  close(): void {
    for (const subchannel of this.subchannels) subchannel.retire()
  }
}

class LeastLoadedPicker implements Picker {
  readonly failing = false
  readonly cause = undefined
  private readonly connections

  constructor(ready: readonly Subchannel[]) {
    this.connections = ready.map(({ transport }) => transport!)
  }

  place(call: ChannelCall): boolean {
    const [first, ...others] = this.connections
    const least = others.reduce((least, other) => (other.openStreams < least.openStreams ? other : least), first!)
    return call.begin(least)
  }

  describe(): string {
    return "all connections are full"
  }
}

interface Backend {
  readonly server: Server
  readonly target: string
  running: number
  readonly gate: Gate
}

async function backend(): Promise<Backend> {
  const gate = new Gate()
  const server = createServer().add(Parrot, {
    async say(request) {
      it.running++
      if (request.text === "wait") await gate.opened
      it.running--
      return request
    },
  })
  const it = { server, target: (await server.listen("127.0.0.1:0")).toString(), running: 0, gate }
  return it
}

describe("a policy of one's own", () => {
  it("spreads calls over real servers by what they have, and goes on without one that is gone", async () => {
    const backends = [await backend(), await backend(), await backend()]
    const [first, second, third] = backends as [Backend, Backend, Backend]
    await using channel = createChannel(`ipv4:${backends.map(({ target }) => target).join(",")}`, {
      balancing: (host) => new LeastLoaded(host),
    })
    const client = createClient(Parrot, channel)
    await channel.waitForReady()
    // One call to each, so that all three have been connected to.
    await until(() => connected(channel) === 3)
    const waiting = Array.from({ length: 30 }, () => client.say({ text: "wait" }))
    await until(() => first.running + second.running + third.running === 30)
    assert.deepEqual(
      backends.map(({ running }) => running),
      [10, 10, 10],
    )
    first.gate.open()
    await until(() => first.running === 0)
    const more = Array.from({ length: 5 }, () => client.say({ text: "wait" }))
    for (let i = 0; i < 20; i++) await client.say({ text: "quick" })
    second.gate.open()
    third.gate.open()
    await Promise.all([...waiting, ...more])
    await first.server.shutdown()
    for (let i = 0; i < 20; i++) assert.equal((await client.say({ text: "on" })).text, "on")
    await Promise.all(backends.map(({ server }) => server.shutdown()))
  })

  it("that throws ends the calls that it was to place, and no more", async () => {
    for (const where of ["make", "onAddresses", "onState"] as const) {
      const fault = new Error(`thrown in ${where}`)
      const { net, start, channel } = channelScene("ipv4:127.0.0.1:1", {
        balancing: (host) => {
          if (where === "make") throw fault
          const policy = new LeastLoaded(host)
          policy[where] = () => {
            throw fault
          }
          if (where !== "onState") return policy
          policy.onAddresses = ([address]) => host.createSubchannel(address!, policy).connect()
          return policy
        },
      })
      const calls = [start(), start(true)]
      await settled()
      for (const { error } of calls) {
        assert.equal(error?.code, "INTERNAL")
        assert.equal(error?.cause, fault)
        assert.match(error?.message ?? "", new RegExp(`the balancing policy failed: thrown in ${where}`))
      }
      assert.ok(net.attempts.every(({ aborted }) => aborted))
      await channel.close()
    }
  })

  for (const [code, ending] of [
    ["RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED"],
    ["NOT_FOUND", "INTERNAL"],
    ["ABORTED", "INTERNAL"],
  ] as const) {
    it(`31. that ends a call ${code} ends it ${ending}`, async () => {
      const { start, channel } = channelScene("ipv4:127.0.0.1:1", {
        balancing: () => {
          throw new StatusError(code, "as the policy has it")
        },
      })
      const { error } = start()
      assert.equal(error?.code, ending)
      assert.equal(((error?.cause ?? error) as StatusError).code, code)
      assert.match(error?.message ?? "", /as the policy has it$/)
      await channel.close()
    })
  }

  it("whose picker throws ends the call alone", async () => {
    let throwing = true
    await using server = createServer().add(Parrot, { say: (request) => request })
    const target = (await server.listen("127.0.0.1:0")).toString()
    await using channel = createChannel(target, {
      balancing: (host) => {
        const update = host.update.bind(host)
        return new LeastLoaded({
          ...host,
          update(state, picker) {
            const { place } = picker
            picker.place = (call) => {
              if (throwing) throw new Error("no idea")
              return place.call(picker, call)
            }
            update(state, picker)
          },
        })
      },
    })
    await channel.waitForReady()
    const client = createClient(Parrot, channel)
    const error = await failureOf(client.say({ text: "a" }))
    assert.equal(error.code, "INTERNAL")
    throwing = false
    assert.equal((await client.say({ text: "b" })).text, "b")
  })
})

/** How many connections a channel has. */
function connected(channel: unknown): number {
  return (channel as { transports: Set<unknown> }).transports.size
}
