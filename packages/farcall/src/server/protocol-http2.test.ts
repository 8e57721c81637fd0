import assert from "node:assert/strict"
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2"
import { describe, it } from "node:test"
import { Gate, until } from "../test-support/outcome.js"
import { Parrot, type Text } from "../test-support/parrot.js"
import { callFields, serveRaw } from "../test-support/raw-ends.js"
import { framed, textsIn } from "../test-support/raw-peer.js"
import { settled } from "../test-support/settled.js"
import { virtualClock } from "../testing/virtual-clock.js"
import { createServer } from "./server.js"
import type { Servicer } from "./servicer.js"

/** Points 10 to 12 and 43 of the checklist: our server against node's HTTP/2 client, and against a raw one. */

interface NodeClient extends AsyncDisposable {
  readonly session: ClientHttp2Session
}

async function serveNode(servicer: Partial<Servicer<typeof Parrot>>, options = {}, padding = 0): Promise<NodeClient> {
  const server = createServer(options).add(Parrot, servicer)
  const { port } = await server.listen("127.0.0.1:0")
  const session = connect(`http://127.0.0.1:${port}`, { paddingStrategy: padding })
  session.on("error", () => {})
  return {
    session,
    async [Symbol.asyncDispose]() {
      session.destroy()
      await server.shutdown({ graceMs: 0 })
    },
  }
}

function call(session: ClientHttp2Session, path: string): ClientHttp2Stream {
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    te: "trailers",
    "content-type": "application/grpc",
  })
  stream.on("error", () => {})
  return stream
}

async function bodyOf(stream: ClientHttp2Stream): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const counting: Partial<Servicer<typeof Parrot>> = {
  gather: async (requests) => {
    let bytes = 0
    for await (const { text } of requests) bytes += text.length
    return { text: String(bytes) }
  },
}

describe("flow control, on the server", () => {
  it("10. padding counts in flow control, and its credit comes back", async () => {
    const options = { http2: { streamWindow: 20_000 } }
    await using node = await serveNode(counting, options, constants.PADDING_STRATEGY_MAX)
    const stream = call(node.session, "/test.Parrot/Gather")
    // Small frames, each with padding that is larger: without its credit the window is soon used up.
    const message = framed("x".repeat(95))
    for (let i = 0; i < 2_000; i++) stream.write(message)
    stream.end()
    assert.deepEqual(textsIn(await bodyOf(stream)), ["190000"])
  })

  it("11. DATA thrown away after a reset gives credit back to the connection's window", async () => {
    const seen = new Gate()
    const options = { http2: { connectionWindow: 65_535, streamWindow: 65_535 } }
    await using under = await serveRaw(
      {
        ...counting,
        chat: async function* (_requests, context) {
          seen.open()
          yield* []
          context.abort("ABORTED", "no more")
        },
      },
      options,
    )
    const { peer } = under
    for (let i = 0; i < 4; i++) {
      // Every byte of the window is on its way when the server resets the stream.
      const raw = peer.request(callFields("Chat"))
      peer.data(raw, new Uint8Array(65_535 - 10))
      await until(() => raw.closure !== undefined)
    }
    await seen.opened
    const raw = peer.request(callFields("Gather"))
    peer.data(raw, framed("x".repeat(60_000)), true)
    await peer.ended(raw)
    assert.deepEqual(textsIn(raw.body), ["60000"])
  })

  it("12. a lower initial window makes windows negative, and nothing is sent until they are above zero again", async () => {
    const text = "x".repeat(60_000)
    await using node = await serveNode({
      *repeat() {
        for (let i = 0; i < 3; i++) yield { text }
      },
    })
    const stream = call(node.session, "/test.Parrot/Repeat")
    stream.end(framed("go"))
    stream.pause()
    await new Promise((resolve) => stream.once("response", resolve))
    // 65,535 bytes are under way or here: the window is at −64,535 from now on.
    await new Promise<void>((resolve) => node.session.settings({ initialWindowSize: 1_000 }, () => resolve()))
    await new Promise<void>((resolve) => node.session.settings({ initialWindowSize: 70_000 }, () => resolve()))
    await new Promise<void>((resolve) => node.session.settings({ initialWindowSize: 2_000 }, () => resolve()))
    assert.deepEqual(textsIn(await bodyOf(stream)), [text, text, text])
  })
})

describe("draining, on the server", () => {
  it("43. is two GOAWAYs with a PING between, and calls that were on their way are served", async () => {
    const gate = new Gate()
    const started: string[] = []
    await using under = await serveRaw({
      async say({ text }: Text) {
        started.push(text)
        await gate.opened
        return { text }
      },
    })
    const { peer, server } = under
    const say = (text: string) => {
      const raw = peer.request(callFields("Say"))
      peer.data(raw, framed(text), true)
      return raw
    }
    const running = say("running")
    await until(() => started.length === 1)
    // On its way when the drain begins: the client has not heard of it.
    const underWay = say("under way")
    let done = false
    const shutdown = server.shutdown({ graceMs: 60_000 }).then(() => {
      done = true
    })
    await until(() => peer.log.some((line) => line.startsWith(`goaway ${underWay.stream.id} `)))
    assert.deepEqual(peer.log, [
      "settings",
      `goaway ${2 ** 31 - 1} NO_ERROR ""`,
      "ping draining",
      `goaway ${underWay.stream.id} NO_ERROR ""`,
    ])
    assert.equal(done, false)
    gate.open()
    await Promise.all([peer.ended(running), peer.ended(underWay)])
    assert.deepEqual([textsIn(running.body), textsIn(underWay.body)], [["running"], ["under way"]])
    await shutdown
  })

  it("43. a client that does not answer the PING is waited for no longer than its time", async () => {
    const clock = virtualClock()
    const gate = new Gate()
    await using under = await serveRaw(
      {
        async say(request: Text) {
          await gate.opened
          return request
        },
      },
      { clock },
    )
    const { peer, server } = under
    const raw = peer.request(callFields("Say"))
    peer.data(raw, framed("hi"), true)
    await settled()
    peer.onOutput = () => {}
    peer.onPing = () => {}
    const shutdown = server.shutdown({ graceMs: 60_000 })
    await settled()
    const last = (): string | undefined => peer.log.findLast((line) => line.startsWith("goaway"))
    assert.equal(last(), `goaway ${2 ** 31 - 1} NO_ERROR ""`)
    await clock.advance(5_000)
    await until(() => last() === `goaway ${raw.stream.id} NO_ERROR ""`)
    gate.open()
    await peer.ended(raw)
    await shutdown
  })
})
