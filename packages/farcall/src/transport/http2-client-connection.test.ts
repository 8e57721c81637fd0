import assert from "node:assert/strict"
import { constants, createServer, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2"
import type { AddressInfo } from "node:net"
import { describe, it } from "node:test"
import { ErrorCode } from "@farcall/http2"
import { createChannel } from "../client/channel.js"
import { createClient } from "../client/client.js"
import { failureOf, textsOf, until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { dialRaw, okFields, responseFields } from "../test-support/raw-ends.js"
import { framed, type RawPeer, type RawStream } from "../test-support/raw-peer.js"
import { settled } from "../test-support/settled.js"
import { virtualClock } from "../testing/virtual-clock.js"

/** The checklist's points on connections: our client against raw servers, and against node's. */

function answer(peer: RawPeer, raw: RawStream, text: string): void {
  peer.send(raw, responseFields)
  peer.data(raw, framed(text))
  peer.send(raw, okFields, true)
}

describe("GOAWAY, at the client", () => {
  it("42. streams above its id are retried on another connection, those below go on", async () => {
    await using under = dialRaw((peer, index) => {
      peer.onRequest = (raw) => {
        if (index > 0) answer(peer, raw, `${index}`)
        else if (raw.stream.id === 3) peer.connection.goAway(1, ErrorCode.NO_ERROR, Buffer.from("enough"))
      }
    })
    const low = under.client.say({ text: "" })
    await until(() => under.peers[0]?.streams.length === 1)
    const high = under.client.say({ text: "" })
    assert.deepEqual(await high, { text: "1" })
    const [first] = under.peers
    answer(first!, first!.streams[0]!, "0")
    assert.deepEqual(await low, { text: "0" })
    assert.equal(under.peers.length, 2)
  })

  it("42. a call is retried so only once, and not when it may have been processed", async () => {
    await using under = dialRaw((peer, index) => {
      peer.onRequest = (raw) => {
        if (index === 0) peer.connection.goAway(0, ErrorCode.NO_ERROR)
        else peer.connection.reset(raw.stream, ErrorCode.REFUSED_STREAM)
      }
    })
    const error = await failureOf(under.client.say({ text: "" }))
    assert.equal(error.code, "UNAVAILABLE")
    assert.equal(under.peers.flatMap((peer) => peer.streams).length, 2)
    await using other = dialRaw((peer) => {
      peer.onRequest = () => peer.wire.destroy()
    })
    assert.equal((await failureOf(other.client.say({ text: "" }))).code, "UNAVAILABLE")
    assert.equal(other.peers.flatMap((peer) => peer.streams).length, 1)
  })

  it("42. a refused stream is retried once too, requests and all", async () => {
    let refused = 0
    await using under = dialRaw((peer) => {
      peer.onRequest = (raw) => {
        if (refused++ === 0) peer.connection.reset(raw.stream, ErrorCode.REFUSED_STREAM)
        else peer.onData = (stream, _chunk, _start, _stop, end) => end && answer(peer, stream.owner, "second")
      }
    })
    assert.deepEqual(await under.client.say({ text: "x" }), { text: "second" })
    assert.equal(refused, 2)
  })

  it("43. both of a draining server's GOAWAYs are obeyed: new calls go elsewhere, and the connection is closed with its last call", async () => {
    await using under = dialRaw((peer, index) => {
      peer.onRequest = (raw) => {
        if (index > 0) answer(peer, raw, "elsewhere")
      }
    })
    const running = under.client.say({ text: "" })
    await until(() => under.peers[0]?.streams.length === 1)
    const [first] = under.peers
    first!.connection.goAway(2 ** 31 - 1, ErrorCode.NO_ERROR)
    await settled()
    first!.connection.goAway(1, ErrorCode.NO_ERROR)
    await settled()
    assert.deepEqual(await under.client.say({ text: "" }), { text: "elsewhere" })
    assert.equal(first!.log.includes("close"), false)
    answer(first!, first!.streams[0]!, "here")
    assert.deepEqual(await running, { text: "here" })
    await until(() => first!.log.includes("close"), "the close of the first connection")
    assert.equal(under.peers[1]!.log.includes("close"), false)
  })

  it("a connection that has gone idle is closed, and one that still has a call with the call's end", async () => {
    const clock = virtualClock()
    await using under = dialRaw(() => {}, { clock, idleTimeoutMs: 1000 })
    const running = under.client.say({ text: "" })
    await until(() => under.peers[0]?.streams.length === 1)
    const [peer] = under.peers
    await clock.advance(1500)
    assert.equal(under.channel.state, "IDLE")
    assert.equal(peer!.log.includes("close"), false)
    answer(peer!, peer!.streams[0]!, "late")
    assert.deepEqual(await running, { text: "late" })
    await until(() => peer!.log.includes("close"), "the close of the connection")
  })
})

describe("the peer's limit of streams", () => {
  it("47. calls above it wait in order, and go on as others end", async () => {
    await using under = dialRaw(() => {}, { peer: () => ({ maxConcurrentStreams: 2 }) })
    const order: string[] = []
    const calls = ["a", "b", "c", "d"].map(async (text) => {
      const reply = await under.client.say({ text })
      order.push(reply.text)
    })
    await until(() => under.peers[0]?.streams.length === 2)
    await settled()
    const [peer] = under.peers
    assert.equal(peer!.streams.length, 2)
    answer(peer!, peer!.streams[1]!, "b")
    await until(() => peer!.streams.length === 3)
    answer(peer!, peer!.streams[0]!, "a")
    await until(() => peer!.streams.length === 4)
    answer(peer!, peer!.streams[2]!, "c")
    answer(peer!, peer!.streams[3]!, "d")
    await Promise.all(calls)
    assert.deepEqual(order, ["b", "a", "c", "d"])
  })

  it("47. their deadlines run meanwhile, and they can be cancelled", async () => {
    const clock = virtualClock()
    await using under = dialRaw(() => {}, { clock, peer: () => ({ maxConcurrentStreams: 1 }) })
    const first = under.client.say({ text: "" })
    await until(() => under.peers[0]?.streams.length === 1)
    const abortion = new AbortController()
    const second = failureOf(under.client.say({ text: "" }, { timeoutMs: 100 }))
    const third = failureOf(under.client.say({ text: "" }, { signal: abortion.signal }))
    await clock.advance(100)
    const error = await second
    assert.equal(error.code, "DEADLINE_EXCEEDED")
    assert.match(error.message, /^the deadline passed while waiting for room on in-memory:raw/)
    abortion.abort(new Error("enough"))
    assert.equal((await third).code, "CANCELLED")
    const [peer] = under.peers
    answer(peer!, peer!.streams[0]!, "a")
    assert.deepEqual(await first, { text: "a" })
    await settled()
    assert.equal(peer!.streams.length, 1)
  })
})

describe("stream ids", () => {
  it("48. that are used up: another connection takes over, and the first is closed with its last call", async () => {
    await using under = dialRaw((peer, index) => {
      peer.onRequest = (raw) => {
        if (index > 0) answer(peer, raw, "second")
      }
    })
    const running = under.client.say({ text: "" })
    await until(() => under.peers[0]?.streams.length === 1)
    const [first] = under.peers
    // A thousand million calls later.
    const { connection } = under.sessions[0]!
    connection.openStream = () => undefined
    Object.defineProperty(connection, "accepting", { get: () => false })
    assert.deepEqual(await under.client.say({ text: "" }), { text: "second" })
    assert.deepEqual(await under.client.say({ text: "" }), { text: "second" })
    assert.equal(under.peers.length, 2)
    assert.equal(first!.log.includes("close"), false)
    answer(first!, first!.streams[0]!, "first")
    assert.deepEqual(await running, { text: "first" })
    await until(() => first!.log.includes("close"), "the close of the first connection")
  })
})

describe("a server that is node's", () => {
  /** Serves by node's own HTTP/2, with the padding that is asked for. */
  async function nodeServer(
    padding: number,
    serve: (stream: ServerHttp2Stream) => void,
  ): Promise<AsyncDisposable & { port: number }> {
    const sessions = new Set<ServerHttp2Session>()
    const server = createServer({ paddingStrategy: padding })
    server.on("session", (session) => sessions.add(session))
    server.on("stream", (stream) => {
      stream.on("error", () => {})
      serve(stream)
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    return {
      port: (server.address() as AddressInfo).port,
      async [Symbol.asyncDispose]() {
        for (const session of sessions) session.destroy()
        await new Promise((resolve) => server.close(resolve))
      },
    }
  }

  function respond(stream: ServerHttp2Stream, body: Buffer): void {
    stream.respond({ "content-type": "application/grpc" }, { waitForTrailers: true })
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }))
    stream.end(body)
  }

  it("10. its padding counts in flow control, and its credit comes back", async () => {
    const messages = Array.from({ length: 3_000 }, (_, i) => framed(`${i}`))
    await using server = await nodeServer(constants.PADDING_STRATEGY_MAX, (stream) => {
      stream.respond({ "content-type": "application/grpc" }, { waitForTrailers: true })
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }))
      for (const message of messages) stream.write(message)
      stream.end()
    })
    await using channel = createChannel(`127.0.0.1:${server.port}`, { http2: { streamWindow: 10_000 } })
    const texts = await textsOf(createClient(Parrot, channel).repeat({ text: "" }))
    assert.equal(texts.length, 3_000)
    assert.equal(texts[2_999], "2999")
  })

  it("12. its changes of the initial window hold for requests that are under way", async () => {
    const text = "x".repeat(150_000)
    await using server = await nodeServer(0, (stream) => {
      const received: Buffer[] = []
      stream.on("data", (chunk: Buffer) => {
        received.push(chunk)
        // As if to shut the window in the middle, then to open it a little.
        if (received.length === 1) {
          stream.session!.settings({ initialWindowSize: 100 }, () =>
            stream.session!.settings({ initialWindowSize: 3_000 }),
          )
        }
      })
      stream.on("end", () => respond(stream, framed(`${Buffer.concat(received).length}`)))
    })
    await using channel = createChannel(`127.0.0.1:${server.port}`)
    assert.deepEqual(await createClient(Parrot, channel).say({ text }), { text: "150005" })
  })
})

describe("wait-for-ready", () => {
  it("49. such a call waits through failures to connect, by its deadline or its signal alone", async () => {
    const clock = virtualClock()
    await using under = dialRaw(() => assert.fail("refused"), { clock })
    const abortion = new AbortController()
    const first = failureOf(under.client.say({ text: "" }, { waitForReady: true, timeoutMs: 30_000 }))
    const second = failureOf(under.client.say({ text: "" }, { waitForReady: true, signal: abortion.signal }))
    assert.equal((await failureOf(under.client.say({ text: "" }))).code, "UNAVAILABLE")
    await clock.advance(29_999)
    const error = clock.advance(1).then(() => first)
    assert.equal((await error).code, "DEADLINE_EXCEEDED")
    assert.match((await error).message, /refused/)
    abortion.abort()
    assert.equal((await second).code, "CANCELLED")
  })
})
