import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { addAdmin } from "../admin/index.js"
import { createChannel } from "../client/channel.js"
import { type Client, createClient } from "../client/client.js"
import { limits } from "../core/limits.js"
import { Channelz } from "../gen/grpc/channelz/v1/channelz_grpc.js"
import { createServer } from "../server/server.js"
import { identity } from "../test-support/certificates.js"
import { failureOf, until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { tlsServer } from "../test-support/tls-server.js"
import { createTestPair } from "../testing/test-pair.js"
import { addChannelz } from "./service.js"

/** A server of channelz, in memory, and a client of it; both are themselves to be seen. */
async function looker(): Promise<{ readonly client: Client<typeof Channelz> } & AsyncDisposable> {
  const pair = await createTestPair(Parrot, { say: (request) => request }, { configure: addChannelz })
  return { client: createClient(Channelz, pair.channel), [Symbol.asyncDispose]: () => pair.close() }
}

/** Goes on, page by page, until the end; each page's ids. */
async function pages(ask: (start: bigint) => Promise<{ ids: bigint[]; end: boolean }>): Promise<bigint[][]> {
  const all: bigint[][] = []
  for (let start = 0n, end = false; !end; ) {
    const page = await ask(start)
    all.push(page.ids)
    end = page.end
    start = (page.ids.at(-1) ?? start) + 1n
  }
  return all
}

const ascending = (ids: bigint[]): bigint[] => [...ids].sort((a, b) => Number(a - b))

describe("the channelz service", () => {
  it("leads from a channel to its connection, and on the other side from the server", async () => {
    await using look = await looker()
    await using served = await tlsServer(identity("server"))
    await served.client().say({ text: "a" })

    const { channel: channels, end } = await look.client.getTopChannels({})
    assert.equal(end, true)
    const top = channels.find(({ data }) => data!.target === `127.0.0.1:${served.port}`)!
    const { channelId } = top.ref!
    const { channel } = await look.client.getChannel({ channelId })
    assert.equal(channel!.ref!.name, `127.0.0.1:${served.port}`)
    assert.deepEqual(
      [channel!.data!.callsStarted, channel!.data!.callsSucceeded, channel!.data!.callsFailed],
      [1n, 1n, 0n],
    )
    assert.equal(channel!.data!.state!.state, 3)
    assert.equal(channel!.data!.maxConnectionsPerSubchannel, 1)
    assert.ok(channel!.data!.lastCallStartedTimestamp!.seconds > 1_500_000_000n)
    const { trace } = channel!.data!
    assert.equal(Number(trace!.numEventsLogged), trace!.events.length)
    assert.ok(trace!.creationTimestamp!.seconds <= trace!.events[0]!.timestamp!.seconds)
    assert.deepEqual(trace!.events.map(({ childRef }) => childRef.case).filter(Boolean), ["subchannelRef"])

    const { subchannelId } = channel!.subchannelRef[0]!
    const { subchannel } = await look.client.getSubchannel({ subchannelId })
    assert.equal(subchannel!.data!.target, `ipv4:127.0.0.1:${served.port}`)
    assert.equal(subchannel!.data!.callsSucceeded, 1n)
    const { socketId } = subchannel!.socketRef[0]!
    const { socket } = await look.client.getSocket({ socketId })
    assert.deepEqual(socket!.remote!.address, {
      case: "tcpipAddress",
      value: {
        $typeName: "grpc.channelz.v1.Address.TcpIpAddress",
        ipAddress: Uint8Array.of(127, 0, 0, 1),
        port: served.port,
      },
    })
    const { data, security } = socket!
    assert.deepEqual([data!.streamsStarted, data!.messagesSent, data!.messagesReceived], [1n, 1n, 1n])
    assert.ok(
      data!.lastLocalStreamCreatedTimestamp !== undefined && data!.lastRemoteStreamCreatedTimestamp === undefined,
    )
    assert.ok(data!.localFlowControlWindow! > 0n && data!.remoteFlowControlWindow! > 0n)
    assert.deepEqual(
      data!.option.map(({ name, value }) => [name, value]),
      [["TCP_NODELAY", "1"]],
    )
    assert.equal(security!.model.case, "tls")
    const summary = await look.client.getSocket({ socketId, summary: true })
    assert.deepEqual(summary.socket!.data!.option, [])

    const { server: servers } = await look.client.getServers({})
    const here = servers.find(({ listenSocket }) => listenSocket.some(({ name }) => name.endsWith(`:${served.port}`)))!
    const { serverId } = here.ref!
    const { server } = await look.client.getServer({ serverId })
    assert.equal(server!.ref!.name, `ipv4:127.0.0.1:${served.port}`)
    assert.equal(server!.data!.callsSucceeded, 1n)
    const { socketRef } = await look.client.getServerSockets({ serverId })
    const there = (await look.client.getSocket({ socketId: socketRef[0]!.socketId })).socket!
    assert.deepEqual(there.remote, socket!.local)
    assert.ok(there.data!.lastRemoteStreamCreatedTimestamp !== undefined)
    const listening = (await look.client.getSocket({ socketId: server!.listenSocket[0]!.socketId })).socket!
    assert.deepEqual([listening.local, listening.remote], [socket!.remote, undefined])
    assert.equal(new Set([channelId, subchannelId, socketId, serverId, there.ref!.socketId]).size, 5)
  })

  it("answers in pages, in the order of the ids", async () => {
    await using look = await looker()
    const more = Array.from({ length: 2 * limits.channelzPage + 7 }, () => createChannel("localhost:1"))
    const channels = await pages(async (startChannelId) => {
      const { channel, end } = await look.client.getTopChannels({ startChannelId })
      return { ids: channel.map(({ ref }) => ref!.channelId), end }
    })
    assert.deepEqual(
      channels.map(({ length }) => length),
      [limits.channelzPage, limits.channelzPage, 8],
    )
    assert.deepEqual(channels.flat(), ascending(channels.flat()))
    const few = await look.client.getTopChannels({ maxResults: 3n, startChannelId: channels[0]![1]! })
    assert.deepEqual([few.channel.map(({ ref }) => ref!.channelId), few.end], [channels[0]!.slice(1, 4), false])
    const many = await look.client.getTopChannels({ maxResults: 2n ** 62n })
    assert.equal(many.channel.length, limits.channelzPage)
    const beyond = await look.client.getTopChannels({ startChannelId: 2n ** 62n })
    assert.deepEqual([beyond.channel, beyond.end], [[], true])
    for (const channel of more) await channel.close()
    const exactly = await look.client.getTopChannels({ maxResults: 1n })
    assert.deepEqual([exactly.channel.length, exactly.end], [1, true])
  })

  it("pages through a server's sockets, and through servers", async () => {
    await using look = await looker()
    await using pair = await createTestPair(Parrot, { say: (request) => request })
    for (let i = 0; i < 5; i++) await createClient(Parrot, pair.connect().channel).say({ text: "a" })
    const { server } = await look.client.getServers({})
    assert.equal(server.length, 2)
    const { serverId } = server[1]!.ref!
    const sockets = await pages(async (startSocketId) => {
      const { socketRef, end } = await look.client.getServerSockets({ serverId, startSocketId, maxResults: 2n })
      return { ids: socketRef.map(({ socketId }) => socketId), end }
    })
    assert.deepEqual(
      sockets.map(({ length }) => length),
      [2, 2, 1],
    )
    assert.deepEqual(sockets.flat(), ascending(sockets.flat()))
    const servers = await pages(async (startServerId) => {
      const page = await look.client.getServers({ startServerId, maxResults: 1n })
      return { ids: page.server.map(({ ref }) => ref!.serverId), end: page.end }
    })
    assert.deepEqual(servers, [[server[0]!.ref!.serverId], [serverId]])
  })

  it("has nothing of what is not there, no more, or of another kind", async () => {
    await using look = await looker()
    const gone = createChannel("localhost:1")
    const { channel } = await look.client.getTopChannels({})
    const channelId = channel.find(({ data }) => data!.target === "localhost:1")!.ref!.channelId
    await gone.close()
    const { client } = look
    const asked: [string, () => Promise<unknown>][] = [
      [`channel ${channelId}`, () => client.getChannel({ channelId })],
      ["channel 0", () => client.getChannel({})],
      ["channel -1", () => client.getChannel({ channelId: -1n })],
      ["server 4611686018427387904", () => client.getServer({ serverId: 2n ** 62n })],
      [`server ${channelId}`, () => client.getServer({ serverId: channelId })],
      ["server 0", () => client.getServerSockets({})],
      ["subchannel 0", () => client.getSubchannel({})],
      [`socket ${channelId}`, () => client.getSocket({ socketId: channelId })],
    ]
    for (const [what, ask] of asked) {
      const { code, message } = await failureOf(ask())
      assert.deepEqual([code, message], ["NOT_FOUND", `there is no ${what}, or no more`])
    }
  })

  it("refuses pages that begin or count below 0", async () => {
    await using look = await looker()
    for (const request of [{ maxResults: -1n }, { startChannelId: -1n }]) {
      assert.equal((await failureOf(look.client.getTopChannels(request))).code, "INVALID_ARGUMENT")
    }
    assert.equal((await failureOf(look.client.getServers({ maxResults: -5n }))).code, "INVALID_ARGUMENT")
  })

  it("comes with admin too, once to a server", async () => {
    await using server = createServer()
    addAdmin(server)
    assert.throws(() => addChannelz(server), TypeError)
    const { port } = await server.listen("127.0.0.1:0")
    await using channel = createChannel(`127.0.0.1:${port}`)
    const client = createClient(Channelz, channel)
    assert.equal((await client.getServers({})).server.length, 1)
    await until(() => channel.state === "READY")
  })
})
