import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { ErrorCode } from "@farcall/http2"
import { staticName } from "../resolve/static.js"
import { GrpcServer } from "../server/server.js"
import { failureOf, textsOf } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { type ClientUnderTest, dialRaw, okFields, responseFields } from "../test-support/raw-ends.js"
import { framed, type RawPeer, type RawStream, textsIn } from "../test-support/raw-peer.js"
import { quickRetryPolicy } from "../test-support/retry-pair.js"
import { startHttp2Client } from "../transport/http2-client.js"
import type { Http2Session } from "../transport/http2-session.js"
import { inMemoryWires } from "../transport/in-memory.js"
import { createChannelWith } from "./balanced-channel.js"
import type { ChannelOptions } from "./channel-options.js"
import { createClient } from "./client.js"
import type { ClientTransport } from "./transport.js"

const armed: ChannelOptions = {
  serviceConfig: {
    methodConfig: [{ name: [{}], retryPolicy: quickRetryPolicy }],
    retryThrottling: { maxTokens: 10, tokenRatio: 0.1 },
  },
}

function answer(peer: RawPeer, raw: RawStream, text: string): void {
  peer.send(raw, responseFields)
  peer.data(raw, framed(text))
  peer.send(raw, okFields, true)
}

function refuse(peer: RawPeer, raw: RawStream): void {
  peer.connection.reset(raw.stream, ErrorCode.REFUSED_STREAM)
}

/** Every stream, whichever connection it came by, in order. */
function dialCounting(
  script: (peer: RawPeer, raw: RawStream, count: number) => void,
  options: ChannelOptions,
): ClientUnderTest & { readonly requests: RawStream[] } {
  const requests: RawStream[] = []
  const under = dialRaw((peer) => {
    peer.onRequest = (raw) => {
      requests.push(raw)
      script(peer, raw, requests.length)
    }
  }, options)
  return Object.assign(under, { requests })
}

for (const [what, options] of [
  ["without a policy", {}],
  ["with one", armed],
  ["with one that is switched off", { ...armed, retries: false }],
] as const) {
  describe(`51. a call that the server never saw, ${what}`, () => {
    it("is sent again once when the stream was refused, without a word to the server", async () => {
      await using under = dialCounting((peer, raw, count) => {
        if (count === 1) refuse(peer, raw)
        else answer(peer, raw, "second")
      }, options)
      assert.deepEqual(await under.client.say({ text: "a" }), { text: "second" })
      assert.deepEqual(
        under.requests.map(({ headers }) => headers?.get("grpc-previous-rpc-attempts")),
        [undefined, undefined],
      )
      await under.channel.close()
    })

    it("is sent again on another connection when GOAWAY has left it out", async () => {
      await using under = dialCounting((peer, raw, count) => {
        if (count > 1) {
          answer(peer, raw, "second")
          return
        }
        peer.connection.goAway(0, ErrorCode.NO_ERROR)
      }, options)
      assert.deepEqual(await under.client.say({ text: "a" }), { text: "second" })
      assert.equal(under.peers.length, 2)
      await under.channel.close()
    })
  })
}

for (const [what, options] of [
  ["without a policy", {}],
  ["with one", armed],
] as const) {
  it(`51. a call that never left is sent again as often as it takes, ${what}`, async () => {
    const server = new GrpcServer({})
    let handled = 0
    server.add(Parrot, {
      say: (request) => {
        handled++
        return request
      },
    })
    await server.start()
    let connections = 0
    await using channel = createChannelWith(
      "pair",
      {
        name: staticName([{ kind: "in-memory", name: "pair" }], "localhost", true),
        connect: async (_address, listener, { clock, authority, signal }) => {
          const [near, far] = inMemoryWires(clock)
          server.accept(far)
          const transport = await startHttp2Client(near, listener, { clock, authority, scheme: "http" }, signal)
          return ++connections <= 4 ? cutWhenUsed(transport) : transport
        },
      },
      options,
    )
    const client = createClient(Parrot, channel)
    assert.deepEqual(await client.say({ text: "a" }), { text: "a" })
    assert.equal(connections, 5)
    assert.equal(handled, 1)
    await channel.close()
    await server.shutdown({ graceMs: 0 })
  })
}

/** A connection that ends when a stream has been opened on it, before the turn's output is taken. */
function cutWhenUsed(transport: ClientTransport): ClientTransport {
  const { session } = transport as unknown as { session: Http2Session }
  const open: ClientTransport["open"] = (request, listener) => {
    queueMicrotask(() => session.connection.fail(new Error("cut")))
    return transport.open(request, listener)
  }
  return Object.assign(Object.create(transport) as ClientTransport, { open })
}

describe("a call that is refused twice", () => {
  it("fails without a policy", async () => {
    await using under = dialCounting(refuse, {})
    const error = await failureOf(under.client.say({ text: "a" }))
    assert.equal(error.code, "UNAVAILABLE")
    assert.match(error.message, /^the peer reset the stream \(REFUSED_STREAM\), at in-memory:\d+$/)
    const cause = error.cause as Error & { readonly code: number; readonly initiator: string }
    assert.ok(cause instanceof Error)
    assert.deepEqual([cause.code, cause.initiator], [ErrorCode.REFUSED_STREAM, "peer"])
    assert.equal(error.attempts, 1)
    assert.equal(under.requests.length, 2)
    await under.channel.close()
  })

  it("is then tried by its policy, whose attempts and tokens the first refusal took nothing of", async () => {
    await using under = dialCounting(refuse, armed)
    const error = await failureOf(under.client.say({ text: "a" }))
    assert.equal(error.code, "UNAVAILABLE")
    assert.equal(error.attempts, 4)
    assert.deepEqual(
      under.requests.map(({ headers }) => headers?.get("grpc-previous-rpc-attempts")),
      [undefined, undefined, "1", "2", "3"],
    )
    assert.equal(under.channel.config?.throttle?.tokens, 6)
    await under.channel.close()
  })
})

describe("what was sent of a stream", () => {
  it("is sent again from the start after a refusal, in order and with its end", async () => {
    await using under = dialCounting((peer, raw, count) => {
      if (count === 1) {
        setImmediate(() => setImmediate(() => refuse(peer, raw)))
        return
      }
      void peer.ended(raw).then(() => answer(peer, raw, textsIn(raw.body).join("")))
    }, armed)
    const call = under.client.gather()
    for (const text of ["a", "b", "c"]) await call.write({ text })
    await new Promise((resolve) => setTimeout(resolve, 5))
    await call.write({ text: "d" })
    call.end()
    assert.deepEqual(await call.response, { text: "abcd" })
    assert.equal(under.requests.length, 2)
    assert.equal(under.channel.retries.memory.used, 0)
    await under.channel.close()
  })

  it("is not sent again once it has been answered", async () => {
    await using under = dialCounting((peer, raw) => {
      peer.send(raw, responseFields)
      peer.data(raw, framed("one"))
      setImmediate(() => setImmediate(() => refuse(peer, raw)))
    }, armed)
    const texts: string[] = []
    const error = await failureOf(
      (async () => {
        for await (const { text } of under.client.repeat({ text: "a" })) texts.push(text)
      })(),
    )
    assert.equal(error.code, "UNAVAILABLE")
    assert.deepEqual(texts, ["one"])
    assert.equal(under.requests.length, 1)
    await under.channel.close()
  })

  it("is not sent again once it has been answered, without a policy either", async () => {
    await using under = dialCounting((peer, raw) => {
      peer.send(raw, responseFields)
      peer.data(raw, framed("one"))
      setImmediate(() => setImmediate(() => refuse(peer, raw)))
    }, {})
    assert.equal((await failureOf(under.client.say({ text: "a" }))).code, "UNAVAILABLE")
    assert.equal((await failureOf(textsOf(under.client.repeat({ text: "a" })))).code, "UNAVAILABLE")
    assert.equal(under.requests.length, 2)
    await under.channel.close()
  })
})
