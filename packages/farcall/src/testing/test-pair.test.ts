import assert from "node:assert/strict"
import { readdir } from "node:fs/promises"
import { tmpdir } from "node:os"
import { describe, it } from "node:test"
import { liveChannels, liveServers } from "../core/registry.js"
import type { Server } from "../server/server.js"
import type { Servicer } from "../server/servicer.js"
import { failureOf, Gate, until } from "../test-support/outcome.js"
import { Parrot, talkative } from "../test-support/parrot.js"
import { createTestPair } from "./test-pair.js"
import { virtualClock } from "./virtual-clock.js"

const transports = ["memory", "tcp", "tls", "unix"] as const

/** A service with the parrot's methods and another name. */
const Magpie: typeof Parrot = {
  typeName: "test.Magpie",
  methods: Object.fromEntries(
    Object.entries(Parrot.methods).map(([name, method]) => [name, { ...method, path: `/test.Magpie/${method.name}` }]),
  ) as unknown as typeof Parrot.methods,
}

for (const transport of transports) {
  describe(`a test pair over ${transport}`, () => {
    it("carries all four kinds of call", async () => {
      await using pair = await createTestPair(Parrot, talkative, { transport })
      const { client } = pair
      assert.deepEqual(await client.say({ text: "hi" }), { text: "hi!" })
      assert.deepEqual(await client.gather([{ text: "a" }, { text: "b" }]), { text: "ab" })
      const repeated: string[] = []
      for await (const { text } of client.repeat({ text: "r" })) repeated.push(text)
      assert.deepEqual(repeated, ["r0", "r1", "r2"])
      const chat = client.chat()
      assert.equal(await chat.write({ text: "x" }), true)
      const replies: string[] = []
      for await (const { text } of chat) {
        replies.push(text)
        if (replies.length === 1) await chat.write({ text: "y" })
        else chat.end()
      }
      assert.deepEqual(replies, ["X", "Y"])
      assert.equal((await chat.status).code, "OK")
    })
  })
}

for (const transport of transports) {
  describe(`several on one pair, over ${transport}`, () => {
    it("has services added while others are called", async () => {
      await using pair = await createTestPair(
        Parrot,
        { say: ({ text }) => ({ text: `parrot ${text}` }) },
        { transport },
      )
      assert.deepEqual(await pair.client.say({ text: "hi" }), { text: "parrot hi" })
      const magpie = await pair.add(Magpie, { say: ({ text }) => ({ text: `magpie ${text}` }) })
      assert.deepEqual(await magpie.say({ text: "hi" }), { text: "magpie hi" })
      assert.deepEqual(await pair.client.say({ text: "still" }), { text: "parrot still" })
      await assert.rejects(pair.add(Magpie, {}), /^TypeError: the service test.Magpie has been added already$/)
    })

    it("gives further clients, on the same channel and on others", async () => {
      const peers = new Set<string>()
      const servicer: Partial<Servicer<typeof Parrot>> = {
        say({ text }, { peer, deadline }) {
          peers.add(peer)
          return { text: deadline === undefined ? text : `${text}, hurried` }
        },
      }
      await using pair = await createTestPair(Parrot, servicer, { transport })
      const hurried = pair.clientOf(Parrot, { timeoutMs: 60_000 })
      const other = pair.connect({ userAgent: "other" })
      const client = other.clientOf(Parrot)
      assert.deepEqual(
        await Promise.all([pair.client.say({ text: "a" }), hurried.say({ text: "b" }), client.say({ text: "c" })]),
        [{ text: "a" }, { text: "b, hurried" }, { text: "c" }],
      )
      // A unix socket's clients have no address of their own.
      if (transport !== "unix") assert.equal(peers.size, 2)
      await other.close()
      assert.equal((await failureOf(client.say({ text: "" }))).code, "UNAVAILABLE")
      assert.deepEqual(await pair.client.say({ text: "d" }), { text: "d" })
    })

    it("closes every channel with the pair", async () => {
      const { connect, close, server } = await createTestPair(Parrot, {}, { transport })
      const connection = connect()
      await connection.channel.waitForReady()
      await close()
      assert.equal(connection.channel.state, "SHUTDOWN")
      await server.closed
    })

    it("closes on a clock that stands still, amid a call", async () => {
      const clock = virtualClock()
      const begun = new Gate()
      const gather = (): Promise<{ text: string }> => {
        begun.open()
        return new Promise(() => {})
      }
      const pair = await createTestPair(Parrot, { gather }, { transport, clock })
      const call = failureOf(pair.client.gather([], { timeoutMs: 60_000 }))
      await begun.opened
      await pair.close()
      assert.equal((await call).code, "UNAVAILABLE")
      assert.equal(clock.holds, 0)
    })
  })
}

describe("pairs that are opened and closed in a row", () => {
  for (const [transport, count] of [
    ["memory", 100],
    ["tcp", 20],
    ["tls", 5],
    ["unix", 20],
  ] as const) {
    it(`leave nothing over ${transport}: ${count} of them`, async () => {
      const openAndClose = async (faults?: []): Promise<void> => {
        const clock = virtualClock()
        const options = { transport, clock, ...(faults && { faults }) }
        const pair = await createTestPair(Parrot, { say: (request) => request }, options)
        await pair.client.say({ text: "" })
        await pair.connect().clientOf(Parrot).say({ text: "" })
        await pair.close()
        assert.deepEqual([clock.pending, clock.holds], [0, 0])
      }
      const folders = async (): Promise<number> =>
        (await readdir(tmpdir())).filter((name) => name.startsWith(`farcall-pair-${process.pid}-`)).length
      await openAndClose()
      const before = { handles: process.getActiveResourcesInfo().length, folders: await folders() }
      for (let i = 0; i < count; i++) await openAndClose(i % 2 === 0 ? [] : undefined)
      // Node closes handles in a turn to come.
      await until(() => process.getActiveResourcesInfo().length <= before.handles, "as few handles as before")
      assert.equal(await folders(), before.folders)
      assert.deepEqual([[...liveServers].length, [...liveChannels].length], [0, 0])
    })
  }
})

describe("a test pair's options", () => {
  it("refuse a transport that there is not", async () => {
    await assert.rejects(
      createTestPair(Parrot, {}, { transport: "udp" as "tcp" }),
      /^TypeError: transport is "udp", and must be memory, tcp, tls or unix$/,
    )
  })

  for (const transport of ["memory", "tcp", "tls", "unix"] as const) {
    it(`that are none leave nothing behind, over ${transport}`, async () => {
      const before = process.getActiveResourcesInfo().length
      const refused = [
        { channel: { serviceConfig: { methodConfig: 1 } } as never },
        { configure: (server: Server) => void server.add(Parrot, {}) },
        { clock: virtualClock(), faults: [{ fault: "cut", method: "Whisper" }] as const },
      ]
      for (const options of refused) await assert.rejects(createTestPair(Parrot, {}, { transport, ...options }))
      await until(() => process.getActiveResourcesInfo().length <= before, "as few handles as before")
      assert.deepEqual([[...liveServers].length, [...liveChannels].length], [0, 0])
    })
  }

  it("give one clock to both sides, and let each have another", async () => {
    const clock = virtualClock()
    const own = virtualClock()
    await using pair = await createTestPair(Parrot, {}, { transport: "memory", clock, channel: { clock: own } })
    assert.equal(pair.channel.clock, own)
    assert.equal(pair.clock, clock)
  })
})
