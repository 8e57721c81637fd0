import assert from "node:assert/strict"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it } from "node:test"
import type { Metadata } from "../core/metadata.js"
import { type ErrorStatusCode, statusCodes } from "../core/status.js"
import { StatusError } from "../core/status-error.js"
import { createServer } from "../server/server.js"
import type { Servicer } from "../server/servicer.js"
import { authority, identity } from "../test-support/certificates.js"
import { failureOf, Gate, textsOf } from "../test-support/outcome.js"
import { Parrot, type Text } from "../test-support/parrot.js"
import { settled } from "../test-support/settled.js"
import { type TlsServer, tlsServer } from "../test-support/tls-server.js"
import { createTestPair, type TestPair } from "../testing/test-pair.js"
import { virtualClock } from "../testing/virtual-clock.js"
import { combine, insecure, local } from "../transport/credentials.js"
import { tls } from "../transport/tls-credentials.js"
import { accessToken, callCredentials } from "./call-credentials.js"
import { createChannel } from "./channel.js"
import type { ChannelOptions } from "./channel-options.js"
import { createClient } from "./client.js"

/** Answers with what came as `authorization` and `x-who`. */
const say = (_request: Text, { metadata }: { metadata: Metadata }): Text => ({
  text: [...metadata.getAll("authorization"), ...metadata.getAll("x-who")].join(" | "),
})

/** Over memory, which nobody else hears. */
function pairOf(channel: ChannelOptions = {}): Promise<TestPair<typeof Parrot>> {
  return createTestPair(Parrot, { say }, { transport: "memory", channel })
}

function secured(): Promise<TlsServer> {
  return tlsServer(identity("server"), { say })
}

describe("call credentials", () => {
  it("of one call go with it, and are told what they are for", async () => {
    await using served = await secured()
    let told: unknown
    const credentials = callCredentials(async ({ serviceUrl, methodName, signal }) => {
      told = [serviceUrl, methodName, signal.aborted]
      return { authorization: "Basic abc" }
    })
    const client = served.client()
    assert.deepEqual(await client.say({ text: "" }, { credentials }), { text: "Basic abc" })
    assert.deepEqual(told, [`https://127.0.0.1:${served.port}/test.Parrot`, "Say", false])
    assert.deepEqual(await client.say({ text: "" }), { text: "" })
  })

  it("leave a call's compression as it is", async () => {
    await using pair = await createTestPair(
      Parrot,
      { say: (_request, context) => ({ text: String(context.requestCompressed) }) },
      { transport: "memory" },
    )
    const options = { credentials: accessToken("abc"), compression: "gzip" }
    assert.deepEqual(await pair.client.say({ text: "x" }, options), { text: "true" })
  })

  it("name no port in the service's URL when it is that of https", async () => {
    await using pair = await pairOf({ authority: "example.com:443" })
    const credentials = callCredentials(({ serviceUrl }) => ({ "x-who": serviceUrl }))
    assert.deepEqual(await pair.client.say({ text: "" }, { credentials }), { text: "https://example.com/test.Parrot" })
  })

  it("of a channel go with all its calls, those of the call behind them, and both behind its own metadata", async () => {
    await using served = await secured()
    const channel = combine(
      tls({ ca: authority }),
      accessToken("t0"),
      callCredentials(() => ({ "x-who": "channel" })),
    )
    const client = served.client(
      {},
      {
        credentials: combine(
          channel,
          callCredentials(() => ({ "x-who": "more" })),
        ),
      },
    )
    assert.deepEqual(await client.say({ text: "" }), { text: "Bearer t0 | channel | more" })
    const credentials = combine(
      callCredentials(() => ({ "x-who": "call" })),
      accessToken(async () => "t1"),
    )
    const metadata = { "x-who": "own" }
    const reply = await client.say({ text: "" }, { credentials, metadata })
    assert.deepEqual(reply, { text: "Bearer t0 | Bearer t1 | own | channel | more | call" })
  })

  it("go with streams", async () => {
    const servicer: Partial<Servicer<typeof Parrot>> = {
      async *chat(requests, { metadata }) {
        for await (const { text } of requests) yield { text: text + metadata.get("authorization") }
      },
    }
    await using pair = await createTestPair(Parrot, servicer, { transport: "memory" })
    const chat = pair.client.chat({ credentials: accessToken("t") })
    await chat.write({ text: "a " })
    chat.end()
    assert.deepEqual(await textsOf(chat), ["a Bearer t"])
  })

  it("go with calls through interceptors", async () => {
    await using pair = await createTestPair(
      Parrot,
      { say },
      { transport: "memory", client: { interceptors: [(next) => (call) => next(call)] } },
    )
    assert.deepEqual(await pair.client.say({ text: "" }, { credentials: accessToken("t") }), { text: "Bearer t" })
  })

  it("are asked only when there is a connection", async () => {
    const clock = virtualClock()
    let asked = 0
    const credentials = callCredentials(() => ({ "x-asked": String(++asked) }))
    await using channel = createChannel("127.0.0.1:1", { credentials: tls({ ca: authority }), clock })
    assert.equal(
      (await failureOf(createClient(Parrot, channel).say({ text: "" }, { credentials }))).code,
      "UNAVAILABLE",
    )
    assert.equal(asked, 0)
  })
})

describe("call credentials are never sent in plaintext:", () => {
  const credentials = accessToken("secret")

  for (const [what, channel] of [
    ["by default", {}],
    ["with insecure()", { credentials: insecure() }],
    ["with local() over TCP", { credentials: local() }],
  ] as const) {
    it(what, async () => {
      let calls = 0
      const counting = (request: Text): Text => {
        calls++
        return request
      }
      await using server = createServer().add(Parrot, { say: counting })
      const address = await server.listen("127.0.0.1:0")
      await using channelMade = createChannel(address.toString(), channel)
      const error = await failureOf(createClient(Parrot, channelMade).say({ text: "" }, { credentials }))
      assert.equal(error.code, "UNAUTHENTICATED")
      assert.match(
        error.message,
        /^the connection to ipv4:127\.0\.0\.1:\d+ is plaintext, over which call credentials are not/,
      )
      assert.equal(calls, 0)
    })
  }

  it("nor composed with insecure()", () => {
    assert.throws(
      () => combine(insecure(), credentials),
      /^TypeError: combine: call credentials are not sent in plaintext/,
    )
  })
})

it("call credentials go over a unix socket that local() says is meant", async () => {
  const folder = await mkdtemp(join(tmpdir(), "farcall-"))
  try {
    await using server = createServer().add(Parrot, { say })
    const address = await server.listen(`unix:${join(folder, "s")}`, { credentials: local() })
    await using channel = createChannel(address.toString(), { credentials: combine(local(), accessToken("t")) })
    assert.deepEqual(await createClient(Parrot, channel).say({ text: "" }), { text: "Bearer t" })
  } finally {
    await rm(folder, { recursive: true })
  }
})

describe("call credentials that fail", () => {
  for (const code of Object.keys(statusCodes).slice(1) as ErrorStatusCode[]) {
    const forServers = [3, 5, 6, 9, 10, 11, 15].includes(statusCodes[code])
    it(`${forServers ? "31. " : ""}with ${code} end the call ${forServers ? "INTERNAL" : "so"}`, async () => {
      await using pair = await pairOf()
      const cause = new StatusError(code, "no token")
      const credentials = callCredentials(() => Promise.reject(cause))
      const error = await failureOf(pair.client.say({ text: "" }, { credentials }))
      assert.equal(error.code, forServers ? "INTERNAL" : code)
      if (!forServers) assert.equal(error.message, "no token")
      else {
        assert.equal(error.message, `the call credentials failed with ${code}: no token`)
        assert.equal(error.cause, cause)
      }
    })
  }

  it("with anything else end it UNAUTHENTICATED, with that as the cause", async () => {
    await using pair = await pairOf()
    const cause = new Error("the token service is down")
    const credentials = callCredentials(() => {
      throw cause
    })
    const error = await failureOf(pair.client.say({ text: "" }, { credentials }))
    assert.equal(error.code, "UNAUTHENTICATED")
    assert.equal(error.message, "the call credentials failed: the token service is down")
    assert.equal(error.cause, cause)
  })

  it("because what they give is no metadata, too", async () => {
    await using pair = await pairOf()
    for (const credentials of [
      callCredentials(() => ({ "grpc-timeout": "1" })),
      accessToken("a\nb"),
      accessToken(""),
    ]) {
      assert.equal((await failureOf(pair.client.say({ text: "" }, { credentials }))).code, "UNAUTHENTICATED")
    }
  })
})

describe("a call that waits for its credentials", () => {
  it("ends with its deadline, and tells them", async () => {
    const clock = virtualClock()
    await using pair = await pairOf({ clock })
    let signal: AbortSignal | undefined
    const credentials = callCredentials((call) => {
      signal = call.signal
      return new Promise(() => {})
    })
    const ended = failureOf(pair.client.say({ text: "" }, { credentials, timeoutMs: 1000 }))
    await clock.advance(999)
    assert.equal(signal!.aborted, false)
    await clock.advance(1)
    const error = await ended
    assert.equal(error.code, "DEADLINE_EXCEEDED")
    assert.equal(error.message, "the deadline passed while waiting for its call credentials")
    assert.equal(signal!.aborted, true)
  })

  it("ends when it is cancelled, whatever they give later", async () => {
    await using pair = await pairOf()
    const gate = new Gate()
    const abort = new AbortController()
    const credentials = callCredentials(async () => {
      await gate.opened
      return {}
    })
    const ended = failureOf(pair.client.say({ text: "" }, { credentials, signal: abort.signal }))
    await settled()
    abort.abort()
    assert.equal((await ended).code, "CANCELLED")
    gate.open()
    await settled()
  })

  it("ends when its channel is closed", async () => {
    await using pair = await pairOf()
    const credentials = callCredentials(() => new Promise(() => {}))
    const ended = failureOf(pair.client.say({ text: "" }, { credentials }))
    await settled()
    await pair.channel.close()
    const error = await ended
    assert.equal(error.code, "CANCELLED")
    assert.match(error.message, /waiting for its call credentials/)
  })
})
