import assert from "node:assert/strict"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Session } from "node:http2"
import { type AddressInfo, createServer as createTcpServer, type ListenOptions } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import type { StatusError } from "../core/status-error.js"
import { Parrot } from "../test-support/parrot.js"
import type { ConnectingChannel } from "./balanced-channel.js"
import { createChannel } from "./channel.js"
import type { ChannelOptions } from "./channel-options.js"
import type { ChannelCall, ClientTransport } from "./transport.js"

/** An HTTP/2 server of node's own on real sockets. */
class NodeServer {
  private readonly server: Http2Server = createHttp2Server()
  private readonly sessions = new Set<ServerHttp2Session>()

  async listen(options: ListenOptions): Promise<number> {
    this.server.on("session", (session) => {
      this.sessions.add(session)
      session.on("error", () => {})
      session.on("close", () => this.sessions.delete(session))
    })
    await new Promise<void>((resolve) => this.server.listen(options, resolve))
    const address = this.server.address() as AddressInfo | string
    return typeof address === "string" ? 0 : address.port
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve))
    for (const session of this.sessions) session.destroy()
    await closed
  }
}

/** Resolves with the peer on which a call could begin, or rejects with how it failed. */
function place(channel: ConnectingChannel, waitForReady = false): Promise<string> {
  return new Promise((resolve, reject) => {
    const call: ChannelCall = {
      method: Parrot.methods.say,
      authority: channel.authority,
      credentials: undefined,
      waitForReady,
      begin: (transport: ClientTransport) => {
        resolve(transport.peer)
        return true
      },
      fail: reject,
    }
    channel.start(call)
  })
}

async function failure(channel: ConnectingChannel): Promise<StatusError> {
  return place(channel).then(
    (peer) => assert.fail(`began on ${peer}`),
    (error) => error,
  )
}

/** Resolves once the channel has seen that its connection is gone. */
async function untilLost(channel: ConnectingChannel): Promise<void> {
  while (channel.state === "READY") await new Promise((resolve) => setImmediate(resolve))
}

const quick: ChannelOptions = { backoff: { initialMs: 20, maxMs: 20 } }

test("a server that is restarted on its port is found again, and one that is down is named with the reason", async () => {
  const first = new NodeServer()
  const port = await first.listen({ port: 0, host: "127.0.0.1" })
  await using channel = createChannel(`dns:///127.0.0.1:${port}`, quick)
  assert.equal(await place(channel), `ipv4:127.0.0.1:${port}`)
  await first.close()
  await untilLost(channel)
  const error = await failure(channel)
  assert.equal(error.code, "UNAVAILABLE")
  assert.match(
    error.message,
    new RegExp(`^no connection to dns:///127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port} \\((the )?next`),
  )
  assert.equal((error.cause as { code?: string }).code, "ECONNREFUSED")
  const second = new NodeServer()
  await second.listen({ port, host: "127.0.0.1" })
  assert.equal(await place(channel, true), `ipv4:127.0.0.1:${port}`)
  await second.close()
  await untilLost(channel)
  const third = new NodeServer()
  await third.listen({ port, host: "127.0.0.1" })
  assert.equal(await place(channel), `ipv4:127.0.0.1:${port}`, "restarted between two calls, nothing is noticed")
  await channel.close()
  await third.close()
})

test("a name with two addresses leads to the one where a server is", async () => {
  const server = new NodeServer()
  const port = await server.listen({ port: 0, host: "127.0.0.1" })
  await using channel = createChannel(`localhost:${port}`)
  assert.equal(await place(channel), `ipv4:127.0.0.1:${port}`)
  await channel.close()
  await server.close()
})

test("a unix socket", async () => {
  const folder = await mkdtemp(join(tmpdir(), "farcall-"))
  const path = join(folder, "x.sock")
  const server = new NodeServer()
  await server.listen({ path })
  await using channel = createChannel(`unix://${path}`)
  assert.equal(await place(channel), `unix:${path}`)
  await channel.close()
  await server.close()
  await using nobody = createChannel(`unix:${path}.none`)
  assert.match((await failure(nobody)).message, /: connect ENOENT .*x\.sock\.none \(next attempt in /)
  await rm(folder, { recursive: true })
})

test("a server that accepts and says nothing is given up after connectTimeoutMs", async () => {
  const sockets = new Set<{ destroy(): void }>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on("error", () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  await using channel = createChannel(`127.0.0.1:${port}`, { connectTimeoutMs: 50 })
  const held = setTimeout(() => {}, 10_000)
  const error = await failure(channel)
  clearTimeout(held)
  assert.match(
    error.message,
    new RegExp(`connect ipv4:127.0.0.1:${port}: no connection within 50 ms: the server has accepted, .* \\(next`),
  )
  await channel.close()
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})

test("a server that speaks no HTTP/2 is named with what is wrong", async () => {
  const server = createTcpServer((socket) => {
    socket.on("error", () => {})
    socket.resume()
    socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  await using channel = createChannel(`127.0.0.1:${port}`)
  const error = await failure(channel)
  assert.equal(error.code, "UNAVAILABLE")
  assert.match(
    error.message,
    new RegExp(`^no connection to 127.0.0.1:${port}: ipv4:127.0.0.1:${port}: .+ \\(next attempt in `),
  )
  await channel.close()
  await new Promise((resolve) => server.close(resolve))
})

test("a channel is refused for lengths that are none: no limit is Infinity, and not -1", () => {
  assert.throws(() => createChannel("localhost:5", { maxReceiveMessageLength: -1 }), {
    name: "RangeError",
    message: "createChannel: maxReceiveMessageLength is -1, and must be a whole number, 0 or more, or Infinity",
  })
  assert.equal(createChannel("localhost:5", { maxReceiveMessageLength: Infinity }).state, "IDLE")
})

test("a channel is refused for a malformed target, and for plaintext off the machine", () => {
  assert.throws(() => createChannel("localhost:http"), { name: "TypeError", message: /"localhost:http" is malformed/ })
  assert.throws(() => createChannel("example.com:50051"), /plaintext must be said: pass { credentials: insecure\(\) }/)
})
