import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { setImmediate as turn } from "node:timers/promises"
import { gunzipSync } from "node:zlib"
import { ErrorCode } from "@farcall/http2"
import { staticName } from "../resolve/static.js"
import { GrpcServer } from "../server/server.js"
import { failureOf, textsOf, until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { type ClientUnderTest, dialRaw, okFields, responseFields } from "../test-support/raw-ends.js"
import { framed, type RawPeer, type RawStream, textsIn } from "../test-support/raw-peer.js"
import { startHttp2Client } from "../transport/http2-client.js"
import type { Http2Session } from "../transport/http2-session.js"
import { inMemoryWires } from "../transport/in-memory.js"
import { type ConnectingChannel, createChannelWith } from "./balanced-channel.js"
import { createClient } from "./client.js"

/** A client whose first streams are turned down once `unseen` texts have come, each in a way of the script's. */
interface Refusing extends ClientUnderTest {
  readonly requests: RawStream[]
}

type TurnDown = (peer: RawPeer, raw: RawStream, count: number) => void

/** @param turnDown is asked for each stream, when so many texts of it have come; `undefined` says that it is answered */
function dialRefusing(
  times: number,
  texts: number,
  turnDown: TurnDown,
  { reading = false, ...options }: Parameters<typeof dialRaw>[1] & { readonly reading?: boolean } = {},
): Refusing {
  const requests: RawStream[] = []
  const under = dialRaw((peer) => {
    peer.reading = reading
    peer.onRequest = (raw) => {
      requests.push(raw)
      const count = requests.length
      if (count <= times) void until(() => textsIn(raw.body).length >= texts).then(() => turnDown(peer, raw, count))
      else void peer.ended(raw).then(() => answer(peer, raw))
    }
  }, options)
  return Object.assign(under, { requests })
}

/** With all texts in one. */
function answer(peer: RawPeer, raw: RawStream): void {
  peer.send(raw, responseFields)
  peer.data(raw, framed(textsIn(raw.body).join("")))
  peer.send(raw, okFields, true)
}

const refuse: TurnDown = (peer, raw) => peer.connection.reset(raw.stream, ErrorCode.REFUSED_STREAM)
const leaveOut: TurnDown = (peer) => peer.connection.goAway(0, ErrorCode.NO_ERROR)

async function* slowly(...texts: string[]): AsyncGenerator<{ text: string }> {
  for (const text of texts) {
    yield { text }
    await turn()
  }
}

describe("51. a stream of requests without a policy that the server never saw", () => {
  for (const [what, turnDown, connections] of [
    ["refused", refuse, 1],
    ["left out by GOAWAY", leaveOut, 2],
  ] as const) {
    it(`${what}, is sent again from its first request, then goes on`, async () => {
      await using under = dialRefusing(1, 2, turnDown)
      const call = under.client.gather()
      await call.write({ text: "a" })
      await call.write({ text: "b" })
      await until(() => under.requests.length === 2, "the second stream")
      await call.write({ text: "c" })
      call.end()
      assert.deepEqual(await call.response, { text: "abc" })
      assert.deepEqual(
        under.requests.map(({ headers }) => headers?.get("grpc-previous-rpc-attempts")),
        [undefined, undefined],
      )
      assert.equal(under.peers.length, connections)
      assert.equal(under.channel.retries.memory.used, 0)
    })

    it(`${what}, is sent again with its end`, async () => {
      await using under = dialRefusing(1, 3, turnDown)
      assert.deepEqual(await under.client.gather([{ text: "a" }, { text: "" }, { text: "c" }]), { text: "ac" })
      assert.deepEqual(await textsOf(under.client.chat(slowly("d", "e"))), ["de"])
      assert.equal(under.requests.length, 3)
      assert.equal(under.channel.retries.memory.used, 0)
    })
  }

  it("takes its requests from an iterable once", async () => {
    await using under = dialRefusing(1, 2, refuse)
    const taken: string[] = []
    async function* requests(): AsyncGenerator<{ text: string }> {
      for await (const request of slowly("a", "b", "c", "d")) {
        taken.push(request.text)
        yield request
      }
    }
    assert.deepEqual(await textsOf(under.client.chat(requests())), ["abcd"])
    assert.deepEqual(taken, ["a", "b", "c", "d"])
  })

  it("is sent again once, and then ends UNAVAILABLE", async () => {
    await using under = dialRefusing(9, 1, refuse)
    const error = await failureOf(under.client.gather([{ text: "a" }]))
    assert.equal(error.code, "UNAVAILABLE")
    assert.match(error.message, /REFUSED_STREAM/)
    assert.equal(under.requests.length, 2)
    assert.equal(under.channel.retries.memory.used, 0)
  })

  it("is sent as it was written, whatever has become of the message since", async () => {
    await using under = dialRefusing(1, 1, refuse)
    const call = under.client.gather()
    const message = { text: "before" }
    await call.write(message)
    message.text = "after"
    call.end()
    assert.deepEqual(await call.response, { text: "before" })
  })

  it("keeps, where requests are compressed, which of them are not to be", async () => {
    await using under = dialRefusing(1, 2, refuse)
    const call = under.client.gather({ compression: "gzip" })
    const text = "shrinks ".repeat(20)
    await call.write({ text })
    await call.write({ text }, { compress: false })
    call.end()
    await until(() => under.requests.length === 2 && under.requests[1]!.ended)
    const [first, second] = under.requests.map(({ body }) => body)
    assert.deepEqual(second, first)
    const length = second!.readUInt32BE(1)
    assert.equal(second![0], 1)
    assert.equal(gunzipSync(second!.subarray(5, 5 + length)).toString(), text)
    assert.equal(second![5 + length], 0)
    call.cancel()
  })

  it("that never left is sent again as often as it takes", async () => {
    const server = new GrpcServer({})
    server.add(Parrot, { gather: async (requests) => ({ text: (await textsOf(requests)).join("") }) })
    await server.start()
    let connections = 0
    await using channel = channelOf(async (listener, options, signal) => {
      const [near, far] = inMemoryWires(options.clock)
      server.accept(far)
      const transport = await startHttp2Client(near, listener, options, signal)
      if (++connections > 4) return transport
      const { session } = transport as unknown as { session: Http2Session }
      const open: typeof transport.open = (request, streamListener) => {
        // Before the turn's output is taken.
        queueMicrotask(() => session.connection.fail(new Error("cut")))
        return transport.open(request, streamListener)
      }
      return Object.assign(Object.create(transport) as typeof transport, { open })
    })
    const client = createClient(Parrot, channel)
    assert.deepEqual(await client.gather([{ text: "a" }, { text: "b" }]), { text: "ab" })
    assert.equal(connections, 5)
    assert.equal(channel.retries.memory.used, 0)
    await channel.close()
    await server.shutdown({ graceMs: 0 })
  })
})

describe("a stream of requests is not sent again", () => {
  it("once the server has given credit for it", async () => {
    await using under = dialRefusing(1, 2, refuse, { reading: true, peer: () => ({ streamWindow: 40_000 }) })
    const call = under.client.gather()
    const half = "x".repeat(33_000)
    // Credit is given from half of a window on.
    await call.write({ text: half })
    await until(() => textsIn(under.requests[0]?.body ?? Buffer.alloc(0)).length === 1)
    await turn()
    await call.write({ text: "" })
    assert.equal(under.channel.retries.memory.used, 0)
    assert.equal((await failureOf(call.response)).code, "UNAVAILABLE")
    assert.equal(under.requests.length, 1)
  })

  it("once it has sent more than is kept", async () => {
    await using under = dialRefusing(1, 2, refuse)
    const call = under.client.gather()
    await call.write({ text: "x".repeat(65_000) })
    assert.ok(under.channel.retries.memory.used > 65_000)
    await call.write({ text: "x".repeat(1_000) })
    assert.equal(under.channel.retries.memory.used, 0)
    assert.equal((await failureOf(call.response)).code, "UNAVAILABLE")
    assert.equal(under.requests.length, 1)
  })

  for (const option of ["maxRetryBytesPerCall", "maxRetryBytesPerChannel"] as const) {
    it(`once it has sent more than ${option}`, async () => {
      await using under = dialRefusing(1, 3, refuse, { [option]: 3_000 })
      const call = under.client.gather()
      for (let i = 0; i < 3; i++) await call.write({ text: "x".repeat(1_000) })
      assert.equal((await failureOf(call.response)).code, "UNAVAILABLE")
      assert.equal(under.requests.length, 1)
      assert.equal(under.channel.retries.memory.used, 0)
    })
  }
})

type Connect = (
  listener: Parameters<typeof startHttp2Client>[1],
  options: Parameters<typeof startHttp2Client>[2],
  signal: AbortSignal,
) => ReturnType<typeof startHttp2Client>

function channelOf(connect: Connect): ConnectingChannel {
  return createChannelWith("pair", {
    name: staticName([{ kind: "in-memory", name: "pair" }], "localhost", true),
    connect: (_address, listener, { clock, authority, signal }) =>
      connect(listener, { clock, authority, scheme: "http" }, signal),
  })
}
