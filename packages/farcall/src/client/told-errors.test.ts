import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { ErrorCode } from "@farcall/http2"
import type { StatusError } from "../core/status-error.js"
import { createServer } from "../server/server.js"
import { failureOf, textsOf } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { dialRaw, responseFields } from "../test-support/raw-ends.js"
import type { RawPeer, RawStream } from "../test-support/raw-peer.js"
import { retryPair, retryPolicy, Watched } from "../test-support/retry-pair.js"
import { virtualClock } from "../testing/virtual-clock.js"
import { createChannel } from "./channel.js"
import { createClient } from "./client.js"

/** What a call's error is to tell: who ended the call, where, by what, after how many attempts, and what lies under it. */
interface Told {
  readonly code: string
  readonly message: RegExp
  readonly attempts: number
  readonly cause: Readonly<Record<string, unknown>> | undefined
}

function assertTells(error: StatusError, { code, message, attempts, cause }: Told): void {
  assert.equal(error.code, code)
  assert.match(error.message, message)
  assert.equal(error.attempts, attempts)
  assert.match(error.method!, /^\/test\.Parrot\/(Say|Gather|Repeat|Chat)$/)
  if (cause === undefined) assert.equal(error.cause, undefined)
  else {
    assert.ok(error.cause instanceof Error, `the cause is ${String(error.cause)}`)
    const { cause: under } = error as { cause: Record<string, unknown> }
    assert.deepEqual(Object.fromEntries(Object.keys(cause).map((key) => [key, under[key]])), cause)
  }
}

const answers: Readonly<Record<string, Told & { readonly script: (peer: RawPeer, raw: RawStream) => void }>> = {
  "RST_STREAM of the server": {
    script: (peer, raw) => peer.connection.reset(raw.stream, ErrorCode.ENHANCE_YOUR_CALM),
    code: "RESOURCE_EXHAUSTED",
    message: /^the peer reset the stream \(ENHANCE_YOUR_CALM\), at in-memory:\d+$/,
    attempts: 1,
    cause: { code: ErrorCode.ENHANCE_YOUR_CALM, initiator: "peer" },
  },
  "a connection that is lost": {
    script: (peer) => peer.wire.destroy(),
    code: "UNAVAILABLE",
    message: /closed.*, at in-memory:\d+$/,
    attempts: 1,
    cause: {},
  },
  "a proxy's answer": {
    script: (peer, raw) => peer.send(raw, [":status", "502", "content-type", "text/html"], true),
    code: "UNAVAILABLE",
    message: /^the server answered with HTTP status 502, at in-memory:\d+$/,
    attempts: 1,
    cause: { status: 502, contentType: "text/html" },
  },
  "an answer of another kind": {
    script: (peer, raw) => peer.send(raw, [":status", "200", "content-type", "text/html"]),
    code: "UNKNOWN",
    message: /^the server answered with the content-type "text\/html", which is not gRPC's, at in-memory:\d+$/,
    attempts: 1,
    cause: { status: 200, contentType: "text/html" },
  },
  "a status that the server has given": {
    script: (peer, raw) => peer.send(raw, [...responseFields, "grpc-status", "5", "grpc-message", "no Ada"], true),
    code: "NOT_FOUND",
    message: /^no Ada$/,
    attempts: 1,
    cause: undefined,
  },
}

describe("an error tells who ended the call, where and why, of", () => {
  for (const [what, { script, ...told }] of Object.entries(answers)) {
    it(`${what}`, async () => {
      await using under = dialRaw((peer) => {
        peer.onRequest = (raw) => script(peer, raw)
      })
      assertTells(await failureOf(under.client.say({ text: "" })), told)
      assertTells(await failureOf(textsOf(under.client.repeat({ text: "" }))), told)
    })
  }

  it("an address that nobody listens on", async () => {
    const server = createServer().add(Parrot, {})
    const { port } = await server.listen("127.0.0.1:0")
    await server.shutdown()
    await using channel = createChannel(`ipv4:127.0.0.1:${port}`)
    assertTells(await failureOf(createClient(Parrot, channel).say({ text: "" })), {
      code: "UNAVAILABLE",
      message: new RegExp(
        `^no connection to ipv4:127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port} \\(next attempt in \\d`,
      ),
      attempts: 1,
      cause: { code: "ECONNREFUSED", port },
    })
  })

  it("a deadline that passes while there is no connection", async () => {
    const clock = virtualClock()
    await using under = dialRaw(() => assert.fail("no connection"), { clock })
    const call = new Watched(under.client.say({ text: "" }, { timeoutMs: 1_500, waitForReady: true }))
    await clock.advance(1_500)
    assertTells(call.error!, {
      code: "DEADLINE_EXCEEDED",
      message: /^the deadline passed while waiting for a connection to in-memory:raw: in-memory:raw: no connection/,
      attempts: 1,
      cause: { name: "AssertionError" },
    })
  })

  it("a deadline that passes at the server, and one that passes between attempts", async () => {
    await using pair = retryPair({ say: () => new Promise<never>(() => {}) })
    const late = new Watched(pair.client.say({ text: "" }, { timeoutMs: 100 }))
    await pair.clock.advance(100)
    assertTells(late.error!, {
      code: "DEADLINE_EXCEEDED",
      message: /^the deadline passed at in-memory:\d+$/,
      attempts: 1,
      cause: undefined,
    })
    await using retried = retryPair(
      { say: (_request, context) => context.abort("UNAVAILABLE", "busy") },
      { method: { retryPolicy } },
    )
    const between = new Watched(retried.client.say({ text: "" }, { timeoutMs: 1_500 }))
    await retried.clock.advance(1_500)
    assertTells(between.error!, {
      code: "DEADLINE_EXCEEDED",
      message: /^the deadline passed before attempt 3, after attempt 2 ended UNAVAILABLE: busy$/,
      attempts: 2,
      cause: { code: "UNAVAILABLE", message: "busy" },
    })
  })

  it("cancelling, with its reason", async () => {
    await using under = dialRaw(() => {})
    const abortion = new AbortController()
    const call = failureOf(under.client.say({ text: "" }, { signal: abortion.signal }))
    const reason = new Error("the user has left")
    abortion.abort(reason)
    const error = await call
    assert.match(error.message, /^the call was cancelled on this side, while waiting for a connection to in-memory:raw/)
    assert.equal(error.cause, reason)
    assert.equal(error.attempts, 1)
  })
})
