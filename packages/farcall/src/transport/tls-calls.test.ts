import assert from "node:assert/strict"
import { getEventListeners } from "node:events"
import { readFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { createSecureServer } from "node:http2"
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it } from "node:test"
import { createChannel } from "../client/channel.js"
import { createClient } from "../client/client.js"
import { createServer } from "../server/server.js"
import { authority, certificateFile, identity } from "../test-support/certificates.js"
import { failureOf, textsOf, until } from "../test-support/outcome.js"
import { Parrot, talkative } from "../test-support/parrot.js"
import { tlsServer } from "../test-support/tls-server.js"
import { tls } from "./tls-credentials.js"

describe("over TLS", () => {
  it("all four kinds of call", async () => {
    await using served = await tlsServer(identity("server"), talkative)
    const client = served.client()
    assert.deepEqual(await client.say({ text: "hi" }), { text: "hi!" })
    assert.deepEqual(await client.gather([{ text: "a" }, { text: "b" }]), { text: "ab" })
    assert.deepEqual(await textsOf(client.repeat({ text: "r" })), ["r0", "r1", "r2"])
    assert.deepEqual(await textsOf(client.chat([{ text: "x" }, { text: "y" }])), ["X", "Y"])
  })

  it("many calls at once, each with its own answer", async () => {
    await using served = await tlsServer()
    const client = served.client()
    const texts = Array.from({ length: 1000 }, (_, i) => `call ${i}`)
    const replies = await Promise.all(texts.map((text) => client.say({ text })))
    assert.deepEqual(
      replies.map(({ text }) => text),
      texts,
    )
  })

  it("a message of 4 MiB there and back", async () => {
    const most = { maxReceiveMessageLength: 5 * 1024 * 1024 }
    await using served = await tlsServer(identity("server"), undefined, most)
    const text = "0123456789abcdef".repeat(256 * 1024)
    const reply = await served.client({}, most).say({ text })
    assert.ok(reply.text === text)
  })

  it("a reader that pauses holds its writer back", async () => {
    let made = 0
    await using served = await tlsServer(identity("server"), {
      *repeat() {
        for (; made < 10_000; made++) yield { text: "x".repeat(1000) }
      },
    })
    const responses = served.client().repeat({ text: "" })[Symbol.asyncIterator]()
    await responses.next()
    let before = -1
    while (made !== before) {
      before = made
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    assert.ok(made < 5000, `${made} of 10,000 messages were made for a reader that has taken one`)
    let read = 1
    while (!(await responses.next()).done) read++
    assert.equal(read, 10_000)
  })

  it("a server that shuts down ends its connections, and a client that closes its own", async () => {
    await using served = await tlsServer()
    const channel = served.channel()
    const client = createClient(Parrot, channel)
    await client.say({ text: "" })
    await served.server.shutdown({ graceMs: 0 })
    const error = await failureOf(client.say({ text: "" }))
    assert.equal(error.code, "UNAVAILABLE")
    await channel.close()
  })

  it("over a unix socket, whose server is called localhost", async () => {
    const folder = await mkdtemp(join(tmpdir(), "farcall-"))
    try {
      await using server = createServer().add(Parrot, {
        say: (_request, { peer, auth }) => ({ text: `${peer} ${auth!.serverName}` }),
      })
      const address = await server.listen(`unix:${join(folder, "s")}`, { credentials: tls(identity("server")) })
      await using channel = createChannel(address.toString(), { credentials: tls({ ca: authority }) })
      assert.deepEqual(await createClient(Parrot, channel).say({ text: "" }), { text: `unix:${folder}/s localhost` })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it("over a socket of the abstract namespace", {
    skip: process.platform !== "linux" && "Linux alone has it",
  }, async () => {
    const name = `farcall-${process.pid}-${Math.random()}`
    await using served = await tlsServer(identity("server"), {
      say: (_request, { auth }) => ({ text: auth!.serverName! }),
    })
    const relay = createTcpServer((near) => {
      const far = connect(served.port, "127.0.0.1")
      near.on("error", () => {}).on("close", () => far.destroy())
      far.on("error", () => {}).on("close", () => near.destroy())
      near.pipe(far).pipe(near)
    })
    await new Promise<void>((resolve) => relay.listen({ path: `\0${name}` }, resolve))
    const channel = createChannel(`unix-abstract:${name}`, { credentials: tls({ ca: authority }) })
    const client = createClient(Parrot, channel)
    assert.deepEqual(await client.say({ text: "" }), { text: "localhost" })
    const error = await failureOf(client.say({ text: "" }, { authority: "bank.example" }))
    assert.match(error.message, new RegExp(`^the certificate of unix-abstract:${name} is not for`))
    await channel.close()
    await new Promise((resolve) => relay.close(resolve))
  })

  it("what the server says in the turn in which the handshake ends is not lost", async () => {
    // In one segment with the end of the handshake of TLS 1.2; node's servers send SETTINGS without waiting for a word.
    const [cert, key] = [readFileSync(certificateFile("server.pem")), readFileSync(certificateFile("server.key.pem"))]
    const server = createSecureServer({ cert, key, maxVersion: "TLSv1.2" })
    const answer = { ":status": 200, "content-type": "application/grpc", "grpc-status": "5" }
    server.on("stream", (stream) => stream.respond(answer, { endStream: true }))
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const relay = createTcpServer((near) => {
      const far = connect((server.address() as AddressInfo).port, "127.0.0.1")
      near.on("error", () => {}).on("close", () => far.destroy())
      far.on("error", () => {}).on("close", () => near.destroy())
      near.pipe(far)
      let held: Buffer[] = []
      far.on("data", (chunk) => {
        held.push(chunk)
        setTimeout(() => {
          near.write(Buffer.concat(held))
          held = []
        }, 20)
      })
    })
    await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve))
    const { port } = relay.address() as AddressInfo
    const channel = createChannel(`127.0.0.1:${port}`, { credentials: tls({ ca: authority }) })
    assert.equal((await failureOf(createClient(Parrot, channel).say({ text: "a" }))).code, "NOT_FOUND")
    await channel.close()
    await new Promise((resolve) => relay.close(resolve))
    await new Promise((resolve) => server.close(resolve))
  })

  it("ten connections after one another leave nothing behind", async () => {
    await using served = await tlsServer()
    const stop = new AbortController()
    for (let i = 0; i < 10; i++) {
      const channel = served.channel()
      await createClient(Parrot, channel).say({ text: "" }, { signal: stop.signal })
      await channel.close()
    }
    assert.equal(getEventListeners(stop.signal, "abort").length, 0)
    const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length
    await until(() => sockets() === 0, "no socket being open")
    assert.deepEqual(served.refused, [])
  })
})
