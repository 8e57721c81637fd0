import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { createChannel } from "../client/channel.js"
import { createClient } from "../client/client.js"
import { createServer, type ServerOptions } from "../server/server.js"
import { identity } from "../test-support/certificates.js"
import { failureOf, until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { dialRaw } from "../test-support/raw-ends.js"
import { createTestPair, type TestPair } from "../testing/test-pair.js"
import { virtualClock } from "../testing/virtual-clock.js"
import { tls } from "../transport/tls-credentials.js"
import { Metadata } from "./metadata.js"
import { type Reason, reasonOf } from "./reason.js"
import { StatusError } from "./status-error.js"

/** A pair whose server says what it is asked to by the text. */
function askedTo(server: ServerOptions = {}): Promise<TestPair<typeof Parrot>> {
  return createTestPair(
    Parrot,
    {
      say: ({ text }) => {
        if (text === "fail") throw new Error("within")
        if (text === "not found") throw new StatusError("NOT_FOUND", "no such text")
        return { text }
      },
      async *chat(requests) {
        yield* requests
      },
    },
    { server: { onHandlerError: () => {}, ...server } },
  )
}

const thrown = (misuse: () => unknown): unknown => {
  try {
    misuse()
  } catch (error) {
    return error
  }
  return assert.fail("nothing was thrown")
}

describe("the reason of an error", () => {
  it("is Farcall's own alone: of what the other side said, or anybody else threw, there is none", async () => {
    await using pair = await askedTo()
    for (const text of ["not found", "fail"])
      assert.equal(reasonOf(await failureOf(pair.client.say({ text }))), undefined)
    for (const other of [undefined, null, "FARCALL_NOT_GRPC", { reason: "FARCALL_NOT_GRPC" }, new Error("x")]) {
      assert.equal(reasonOf(other), undefined)
    }
    assert.equal(reasonOf(Object.assign(new Error("x"), { reason: "of its own" })), undefined)

    const around = new Error("around", { cause: new StatusError("UNKNOWN", "", { reason: "FARCALL_CALL_OVER" }) })
    assert.equal(reasonOf(around), "FARCALL_CALL_OVER")
    const circle = new Error("round")
    circle.cause = circle
    assert.equal(reasonOf(circle), undefined)
  })

  it("of calls, on their client", async () => {
    await using pair = await askedTo()
    const { client } = pair
    const table: [Reason, () => Promise<unknown>][] = [
      ["FARCALL_CALL_CANCELLED", () => client.say({ text: "a" }, { signal: AbortSignal.abort() })],
      ["FARCALL_DEADLINE_PASSED", () => client.say({ text: "a" }, { timeoutMs: 0 })],
      ["FARCALL_UNWRITABLE_MESSAGE", () => client.say({ text: "!" })],
      ["FARCALL_COMPRESSION", () => client.say({ text: "a" }, { compression: "unheard" })],
      ["FARCALL_BAD_OPTION", () => client.say({ text: "a" }, { timeoutMs: Number.NaN })],
      [
        "FARCALL_REQUESTS_FAILED",
        () => {
          const requests = (async function* () {
            yield { text: "a" }
            throw new Error("within")
          })()
          return client.gather(requests)
        },
      ],
      [
        "FARCALL_WRITE_AFTER_END",
        () => {
          const call = client.gather()
          call.response.catch(() => {})
          call.end()
          return call.write({ text: "a" })
        },
      ],
      [
        "FARCALL_TWO_READERS",
        () => {
          const replies = client.chat()[Symbol.asyncIterator]()
          void replies.next().catch(() => {})
          return replies.next()
        },
      ],
    ]
    for (const [reason, call] of table) assert.equal(reasonOf(await call().catch((error) => error)), reason)
    await pair.channel.close()
    assert.equal(reasonOf(await failureOf(client.say({ text: "a" }))), "FARCALL_CHANNEL_CLOSED")
  })

  it("of calls that a stranger or a broken connection ends", async () => {
    const clock = virtualClock()
    const ends: [Reason, (answer: (fields: string[], end: boolean) => void, cut: () => void) => void][] = [
      ["FARCALL_NOT_GRPC", (answer) => answer([":status", "502", "content-type", "text/html"], true)],
      ["FARCALL_BROKEN_STREAM", (answer) => answer([":status", "200", "content-type", "application/grpc"], true)],
      [
        "FARCALL_COMPRESSION",
        (answer) => answer([":status", "200", "content-type", "application/grpc", "grpc-encoding", "x"], false),
      ],
      ["FARCALL_CONNECTION_LOST", (_, cut) => cut()],
    ]
    for (const [reason, end] of ends) {
      await using scene = dialRaw((peer) => {
        peer.onRequest = (stream) =>
          end(
            (fields, last) => peer.send(stream, fields, last),
            () => peer.wire.destroy(),
          )
      })
      assert.equal(reasonOf(await failureOf(scene.client.say({ text: "a" }))), reason)
    }
    await using silent = dialRaw(() => {}, { clock, keepalive: { timeMs: 10_000 } })
    const call = failureOf(silent.client.say({ text: "a" }))
    await until(() => silent.peers[0]?.streams.length === 1)
    silent.peers[0]!.wire.pauseReading()
    await clock.advance(60_000)
    const error = await call
    assert.deepEqual([error.reason, reasonOf(error.cause)], ["FARCALL_CONNECTION_LOST", "FARCALL_PEER_SILENT"])
  })

  it("of calls without a connection, and of what is below it", async () => {
    const told: unknown[] = []
    await using server = createServer({ onConnectionError: (error) => told.push(error) })
    server.add(Parrot, {})
    const { port } = await server.listen("127.0.0.1:0", { credentials: tls(identity("server")) })
    const reasons = async (options: Parameters<typeof createChannel>[1]): Promise<unknown[]> => {
      await using channel = createChannel(`127.0.0.1:${port}`, options)
      const error = await failureOf(createClient(Parrot, channel).say({ text: "a" }))
      return [error.reason, reasonOf(error.cause)]
    }
    assert.deepEqual(await reasons({ credentials: tls() }), ["FARCALL_NO_CONNECTION", "FARCALL_TLS_FAILED"])
    assert.deepEqual(await reasons({}), ["FARCALL_NO_CONNECTION", "FARCALL_TURNED_AWAY"])
    await until(() => told.length === 2)
    for (const error of told) assert.equal(reasonOf(error), "FARCALL_TLS_FAILED")
  })

  it("of calls, on their server", async () => {
    const ended: (string | undefined)[] = []
    await using pair = await askedTo({
      interceptors: [
        (next) => async (call) => {
          call.signal.addEventListener("abort", () => ended.push(reasonOf(call.signal.reason)))
          return next(call)
        },
      ],
    })
    const call = pair.client.chat()
    await call.write({ text: "a" })
    await call[Symbol.asyncIterator]().next()
    call.cancel()
    await failureOf(pair.client.say({ text: "fail" }))
    await until(() => ended.length === 2)
    assert.deepEqual(ended, ["FARCALL_CLIENT_GONE", "FARCALL_HANDLER_FAILED"])
  })

  it("of misuse", async () => {
    const server = createServer()
    const table: [Reason, () => unknown][] = [
      ["FARCALL_BAD_OPTION", () => createChannel("localhost:1", { maxQueuedCalls: -1 })],
      ["FARCALL_BAD_OPTION", () => createServer({ maxRunningCalls: 0 })],
      ["FARCALL_BAD_ADDRESS", () => createChannel("dns:///")],
      ["FARCALL_PLAINTEXT", () => createChannel("example.com:1")],
      ["FARCALL_BAD_SERVICE", () => server.add(Parrot, {}).add(Parrot, {})],
      ["FARCALL_BAD_SERVICE_CONFIG", () => createChannel("localhost:1", { serviceConfig: "{" })],
      ["FARCALL_BAD_CERTIFICATE", () => tls({ cert: "-----BEGIN", key: "-----BEGIN" })],
      ["FARCALL_BAD_METADATA", () => new Metadata({ ä: "b" })],
    ]
    for (const [reason, misuse] of table) {
      const error = thrown(misuse)
      assert.ok(error instanceof TypeError || error instanceof RangeError)
      assert.equal(reasonOf(error), reason)
    }
    const address = await server.listen("127.0.0.1:0")
    await using other = createServer()
    const taken = await other.listen(address.toString()).catch((error: unknown) => error)
    assert.equal(reasonOf(taken), "FARCALL_CANNOT_LISTEN")
    assert.equal((taken as { code?: string }).code, "EADDRINUSE")
    await server.shutdown()
    assert.equal(reasonOf(await server.listen("127.0.0.1:0").catch((error) => error)), "FARCALL_SHUTTING_DOWN")
  })
})
