import assert from "node:assert/strict"
import { X509Certificate } from "node:crypto"
import { readFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it } from "node:test"
import { createChannel } from "../client/channel.js"
import { createClient } from "../client/client.js"
import { createServer } from "../server/server.js"
import { certificateFile, identity } from "../test-support/certificates.js"
import { channelScene } from "../test-support/channel-scene.js"
import { numbers, theChannel, theConnection, theServer } from "../test-support/one-of-each.js"
import { failureOf, until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { settled } from "../test-support/settled.js"
import { tlsServer } from "../test-support/tls-server.js"
import { createTestPair } from "../testing/test-pair.js"
import { virtualClock } from "../testing/virtual-clock.js"
import { tls } from "../transport/tls-credentials.js"
import { channelz } from "./channelz.js"
import type { TraceSnapshot } from "./snapshot.js"

const texts = ({ events }: TraceSnapshot): string[] => events.map(({ text }) => text)

describe("channelz tells", () => {
  it("when things happened last, by the wall clock", async () => {
    const clock = virtualClock()
    const begun = clock.wallNow()
    await using pair = await createTestPair(
      Parrot,
      {
        async *chat(requests) {
          for await (const request of requests) yield request
        },
      },
      { clock },
    )
    assert.equal(theChannel().calls.lastStartedAt, undefined)
    await clock.advance(1_000)
    const call = pair.client.chat()
    const replies = call[Symbol.asyncIterator]()
    await clock.advance(1_000)
    await call.write({ text: "a" })
    await replies.next()
    await clock.advance(1_000)
    const at = (date: Date | undefined): number => date!.getTime() - begun
    assert.equal(at(theChannel().trace.createdAt), 0)
    assert.equal(at(theChannel().calls.lastStartedAt), 1_000)
    assert.equal(at(theServer().calls.lastStartedAt), 1_000)
    assert.equal(at(theConnection().createdAt), 1_000)
    assert.equal(at(theConnection().streams.lastStartedAt), 1_000)
    assert.equal(at(theConnection().messages.lastSentAt), 2_000)
    assert.equal(at(theConnection().messages.lastReceivedAt), 2_000)
    assert.equal(at(theServer().connections[0]!.messages.lastSentAt), 2_000)
    assert.equal(at(channelz.snapshot().takenAt), 3_000)
    call.cancel()
  })

  it("the states of a channel and its addresses, with what failed", async () => {
    const { channel, net, clock } = channelScene("ipv4:127.0.0.1:1,127.0.0.2:1")
    assert.equal(theChannel().state, "IDLE")
    channel.connect()
    await settled()
    assert.deepEqual(
      theChannel().subchannels.map(({ address, state }) => `${address} ${state}`),
      ["ipv4:127.0.0.1:1 CONNECTING", "ipv4:127.0.0.2:1 IDLE"],
    )
    net.last.refuse()
    await settled()
    net.last.refuse()
    await settled()
    const failing = theChannel()
    assert.equal(failing.state, "TRANSIENT_FAILURE")
    const [first] = failing.subchannels
    assert.deepEqual(texts(first!.trace), [
      "IDLE -> CONNECTING",
      "CONNECTING -> TRANSIENT_FAILURE: connect ECONNREFUSED 127.0.0.1:1",
    ])
    assert.deepEqual(
      first!.trace.events.map(({ severity }) => severity),
      ["info", "warning"],
    )
    assert.match(texts(failing.trace).at(-1)!, /^CONNECTING -> TRANSIENT_FAILURE: .*ECONNREFUSED/)

    await clock.advance(2_000)
    net.attempts.at(-2)!.succeed()
    await settled()
    const ready = theChannel()
    assert.equal(ready.state, "READY")
    assert.deepEqual(
      ready.subchannels.map(({ address }) => address),
      ["ipv4:127.0.0.1:1"],
      "the other one is given up",
    )
    assert.deepEqual(
      ready.trace.events.filter(({ child }) => child !== undefined).map(({ child }) => child!.name),
      ["ipv4:127.0.0.1:1", "ipv4:127.0.0.2:1"],
    )
    await channel.close()
    assert.deepEqual(channelz.snapshot().channels, [])
  })

  it("an address that was given up for as long as calls run on there", async () => {
    let gone: (() => void) | undefined
    await using pair = await createTestPair(
      Parrot,
      {
        repeat: async function* (request) {
          yield request
          await new Promise<void>((resolve) => {
            gone = resolve
          })
        },
      },
      { channel: { idleTimeoutMs: 1_000 } },
    )
    const call = pair.client.repeat({ text: "a" })
    const replies = call[Symbol.asyncIterator]()
    await replies.next()
    assert.equal(theChannel().subchannels.length, 1)
    void pair.server.shutdown({ graceMs: 60_000 })
    await until(() => theChannel().state === "IDLE")
    assert.deepEqual(
      theChannel().subchannels.map(({ state, connections }) => [state, connections.length]),
      [["SHUTDOWN", 1]],
    )
    gone!()
    await replies.next()
    await until(() => theChannel().subchannels.length === 0)
  })

  it("TLS: version, suite and the certificates of both sides", async () => {
    await using served = await tlsServer({
      ...identity("server"),
      ca: certificateFile("authority.pem"),
      clientCertificates: "require",
    })
    const client = served.client(identity("client"))
    await client.say({ text: "a" })
    const connection = theConnection()
    const there = theServer().connections[0]!
    const der = (name: string): Uint8Array => new X509Certificate(readFileSync(certificateFile(`${name}.pem`))).raw
    const { protocol, cipher, localCertificate, remoteCertificate } = connection.security!
    assert.equal(protocol, "TLSv1.3")
    assert.match(cipher, /^TLS_/)
    assert.deepEqual(Buffer.from(localCertificate!), der("client"))
    assert.deepEqual(Buffer.from(remoteCertificate!), der("server"))
    assert.deepEqual(Buffer.from(there.security!.localCertificate!), der("server"))
    assert.deepEqual(Buffer.from(there.security!.remoteCertificate!), der("client"))
    assert.equal(connection.local, there.remote)
    assert.equal(connection.remote, there.local)
    assert.equal(connection.remoteName, `127.0.0.1:${served.port}`)
    assert.deepEqual(connection.socketOptions, { TCP_NODELAY: "1" })
  })

  it("why clients came to nothing at a server that nobody else told", async () => {
    await using server = createServer()
    server.add(Parrot, {})
    const address = await server.listen("127.0.0.1:0", { credentials: tls(identity("server")) })
    await using channel = createChannel(address.toString())
    await failureOf(createClient(Parrot, channel).say({ text: "a" }))
    await until(() => texts(theServer().trace).some((text) => /it speaks plaintext/.test(text)))
    assert.equal(theServer().trace.events.at(-1)!.severity, "warning")
  })

  it("a server's listening sockets, of IP and of unix, and its end", async () => {
    const folder = await mkdtemp(join(tmpdir(), "farcall-channelz-"))
    const server = createServer()
    server.add(Parrot, { say: (request) => request })
    const { port } = await server.listen("127.0.0.1:0")
    await server.listen(`unix:${folder}/a.sock`)
    const channel = createChannel(`unix:${folder}/a.sock`)
    await createClient(Parrot, channel).say({ text: "a" })
    assert.deepEqual(
      theServer().listenSockets.map(({ local }) => local),
      [`ipv4:127.0.0.1:${port}`, `unix:${folder}/a.sock`],
    )
    assert.deepEqual([theConnection().remote, theConnection().socketOptions], [`unix:${folder}/a.sock`, {}])
    await channel.close()
    await server.shutdown()
    assert.deepEqual(channelz.snapshot().servers, [])
    await rm(folder, { recursive: true })
  })

  it("channels that share a connection: each its own calls, and the same connection", async () => {
    await using server = createServer()
    server.add(Parrot, { say: (request) => request })
    const { port } = await server.listen("127.0.0.1:0")
    await using one = createChannel(`127.0.0.1:${port}`, { shareConnections: true })
    await using other = createChannel(`127.0.0.1:${port}`, { shareConnections: true })
    await createClient(Parrot, one).say({ text: "a" })
    await createClient(Parrot, other).say({ text: "a" })
    await createClient(Parrot, other).say({ text: "a" })
    const { channels } = channelz.snapshot()
    assert.deepEqual(
      channels.map(({ subchannels }) => numbers(subchannels[0]!.calls)),
      [
        [1, 1, 0],
        [2, 2, 0],
      ],
    )
    const [first, second] = channels.map(({ subchannels }) => subchannels[0]!.connections[0]!)
    assert.equal(first!.id, second!.id)
    assert.equal(first!.streams.started, 3)
  })

  it("all connections of an address that has several", async () => {
    const held: (() => void)[] = []
    await using server = createServer({ http2: { maxConcurrentStreams: 1 } })
    server.add(Parrot, {
      say: async (request) => {
        await new Promise<void>((resolve) => held.push(resolve))
        return request
      },
    })
    const { port } = await server.listen("127.0.0.1:0")
    await using channel = createChannel(`127.0.0.1:${port}`, { maxConnectionsPerAddress: 2 })
    const client = createClient(Parrot, channel)
    const calls = [client.say({ text: "a" }), client.say({ text: "b" })]
    await until(() => held.length === 2)
    const { subchannels, maxConnectionsPerAddress } = theChannel()
    assert.equal(maxConnectionsPerAddress, 2)
    assert.deepEqual(numbers(subchannels[0]!.calls), [2, 0, 0])
    assert.equal(subchannels[0]!.connections.length, 2)
    for (const release of held) release()
    await Promise.all(calls)
    assert.deepEqual(numbers(theChannel().subchannels[0]!.calls), [2, 2, 0])
  })
})
