import assert from "node:assert/strict"
import { connect, type Socket } from "node:net"
import { describe, it } from "node:test"
import { connect as connectTls } from "node:tls"
import { createChannel } from "../client/channel.js"
import { createClient } from "../client/client.js"
import { GrpcServer } from "../server/server.js"
import { authority, identity } from "../test-support/certificates.js"
import { until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { callFields } from "../test-support/raw-ends.js"
import { framed, RawPeer } from "../test-support/raw-peer.js"
import { virtualClock } from "../testing/virtual-clock.js"
import { insecure } from "./credentials.js"
import { SocketWire } from "./socket.js"
import { tls } from "./tls-credentials.js"

const clock = virtualClock()

/** A server that answers without end, and whether the call was cancelled. */
function endless() {
  const state = { cancelled: false }
  const server = new GrpcServer({ clock }).add(Parrot, {
    say: (request) => request,
    async *repeat(_request, context) {
      context.signal.addEventListener("abort", () => {
        state.cancelled = true
      })
      const text = "x".repeat(16_000)
      while (!state.cancelled) yield { text }
    },
  })
  return { server, state }
}

/** Asks for the endless answer, with all the windows there are. */
async function ask(port: number, secured: boolean): Promise<{ socket: Socket; peer: RawPeer }> {
  const options = { host: "127.0.0.1", port, rejectUnauthorized: false, ALPNProtocols: ["h2"] }
  const socket = secured ? connectTls(options) : connect(options)
  socket.on("error", () => {})
  await new Promise((resolve) => socket.once(secured ? "secureConnect" : "connect", resolve))
  const most = 2 ** 31 - 1
  const peer = new RawPeer("client", new SocketWire(socket), { streamWindow: most, connectionWindow: most })
  await until(() => peer.log.includes("settings"), "the server's SETTINGS")
  const call = peer.request(callFields("Repeat"))
  peer.data(call, framed("go"), true)
  return { socket, peer }
}

for (const secured of [false, true]) {
  describe(`a peer that does not read ${secured ? "TLS" : "plaintext"}`, () => {
    const onServer = { credentials: secured ? tls(identity("server")) : insecure() }
    const onClient = { credentials: secured ? tls({ ca: authority }) : insecure() }

    it("is cut after a minute in which the system took nothing; its neighbour is not", async () => {
      const { server, state } = endless()
      const { port } = await server.listen("127.0.0.1:0", onServer)
      await using channel = createChannel(`127.0.0.1:${port}`, onClient)
      const client = createClient(Parrot, channel)
      await client.say({ text: "a" })
      const { socket, peer } = await ask(port!, secured)
      await until(() => peer.streams[0]!.body.length > 0, "the first answers")
      socket.pause()
      await quiet(() => socket.bytesRead)
      await clock.advance(45_000)
      assert.equal(state.cancelled, false)
      assert.deepEqual(await client.say({ text: "b" }), { text: "b" })
      await clock.advance(45_000)
      assert.equal(state.cancelled, true)
      assert.deepEqual(await client.say({ text: "c" }), { text: "c" })
      socket.destroy()
      await channel.close()
      await server.shutdown({ graceMs: 0 })
    })

    it("at once, but a little in every minute, is let be", async () => {
      const { server, state } = endless()
      const { port } = await server.listen("127.0.0.1:0", onServer)
      const { socket, peer } = await ask(port!, secured)
      await until(() => peer.streams[0]!.body.length > 0, "the first answers")
      for (let minute = 0; minute < 5; minute++) {
        socket.pause()
        await quiet(() => socket.bytesRead)
        await clock.advance(45_000)
        const read = peer.streams[0]!.body.length
        socket.resume()
        await until(() => peer.streams[0]!.body.length > read + 4_000_000, "some more")
      }
      assert.equal(state.cancelled, false)
      socket.destroy()
      await until(() => state.cancelled, "the call's end")
      await server.shutdown({ graceMs: 0 })
    })
  })
}

/** Resolves when a count has stood still for a while: the buffers on the way are full. */
async function quiet(count: () => number): Promise<void> {
  let before = -1
  while (before !== count()) {
    before = count()
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
