import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { ServerContext } from "../server/context.js"
import { Gate, until } from "../test-support/outcome.js"
import type { Text } from "../test-support/parrot.js"
import { callFields, requestFields, serveRaw } from "../test-support/raw-ends.js"
import { framed, type RawPeer, type RawStream, textsIn } from "../test-support/raw-peer.js"
import { settled } from "../test-support/settled.js"
import { virtualClock } from "../testing/virtual-clock.js"

/** Points 2 to 15 of the checklist, requests on the wire: our server against a raw client. */

const echo = { say: ({ text }: Text): Text => ({ text: `${text}!` }) }

function status(raw: RawStream): [status: string | undefined, message: string | undefined] {
  return [raw.trailers?.get("grpc-status"), raw.trailers?.get("grpc-message")]
}

async function say(peer: RawPeer, fields: readonly string[], body: Uint8Array = framed("hi")): Promise<RawStream> {
  const raw = peer.request(fields)
  peer.data(raw, body, true)
  return peer.ended(raw)
}

describe("requests on the wire", () => {
  for (const value of ["1", "1s", "123456789m", "S", "-1S", "1.5S"]) {
    it(`2. grpc-timeout ${JSON.stringify(value)} is INTERNAL, and the handler does not run`, async () => {
      await using under = await serveRaw({ say: () => assert.fail("the handler ran") })
      const raw = await say(under.peer, callFields("Say", "grpc-timeout", value))
      assert.deepEqual(raw.log, ["headers end"])
      assert.equal(raw.trailers!.get("grpc-status"), "13")
      assert.equal(raw.trailers!.get("grpc-message"), `the grpc-timeout ${JSON.stringify(value)} is malformed`)
    })
  }

  for (const value of ["99999999H", "99999999M", "99999999S", "2147484S"]) {
    it(`3. grpc-timeout ${value} does not pass at once`, async () => {
      let remaining = 0
      await using under = await serveRaw({
        async say(request: Text, context: ServerContext) {
          remaining = context.remainingMs
          await new Promise((resolve) => setTimeout(resolve, 5))
          assert.equal(context.signal.aborted, false)
          return request
        },
      })
      const raw = await say(under.peer, callFields("Say", "grpc-timeout", value))
      assert.deepEqual(status(raw), ["0", undefined])
      assert.ok(remaining > 2 ** 31 - 1)
    })
  }

  for (const value of ["0n", "0S", "00000000H"]) {
    it(`4. grpc-timeout ${value} is DEADLINE_EXCEEDED before the handler runs`, async () => {
      await using under = await serveRaw({ say: () => assert.fail("the handler ran") })
      const raw = await say(under.peer, callFields("Say", "grpc-timeout", value))
      assert.equal(status(raw)[0], "4")
      assert.equal(under.peer.connection.openStreams, 0)
    })
  }

  const notGrpc = [
    undefined,
    "",
    "text/plain",
    "application/grpc-web",
    "application/grpc-web+proto",
    "application/grpcx",
  ]
  for (const type of [...notGrpc, "application/grpc+json", "application/json"]) {
    it(`5. the content-type ${type} is answered with HTTP 415, once the request has ended`, async () => {
      await using under = await serveRaw(echo, { http2: { streamWindow: 4096 } })
      const { peer } = under
      const raw = peer.request(requestFields("/test.Parrot/Say", ...(type === undefined ? [] : ["content-type", type])))
      // More than the window: it only comes through when credit is given for what is thrown away.
      peer.data(raw, new Uint8Array(40_000))
      await until(() => peer.connection.counters.outboundQueued === 0)
      await settled()
      assert.deepEqual(raw.log, [])
      peer.data(raw, new Uint8Array(1), true)
      await peer.ended(raw)
      assert.deepEqual(raw.log, ["headers", "data end"])
      assert.equal(raw.headers!.status, "415")
      assert.match(raw.headers!.get("content-type")!, /^text\/plain/)
      assert.equal(raw.headers!.get("content-length"), String(raw.body.length))
      assert.match(raw.body.toString(), /application\/grpc/)
      assert.equal(raw.headers!.get("grpc-status"), undefined)
    })
  }

  for (const method of ["GET", "PUT", "OPTIONS"]) {
    it(`6. a request by ${method} is answered with HTTP 405`, async () => {
      await using under = await serveRaw(echo)
      const fields = callFields("Say")
      fields[1] = method
      const raw = under.peer.request(fields, true)
      await under.peer.ended(raw)
      assert.equal(raw.headers!.status, "405")
      assert.equal(raw.headers!.get("allow"), "POST")
      assert.equal(raw.headers!.get("content-length"), String(raw.body.length))
      assert.ok(raw.body.length > 0)
    })
  }

  it("6. a request by HEAD is answered with HTTP 405 and no content", async () => {
    await using under = await serveRaw(echo)
    const fields = callFields("Say")
    fields[1] = "HEAD"
    const raw = under.peer.request(fields, true)
    await under.peer.ended(raw)
    assert.equal(raw.headers!.status, "405")
    assert.equal(raw.body.length, 0)
    assert.equal(raw.closure, undefined)
  })

  it("5 and 6. the text of a refusal keeps to the client's windows", async () => {
    await using under = await serveRaw(echo, {}, { streamWindow: 10 })
    const { peer } = under
    peer.reading = false
    const fields = callFields("Say")
    fields[1] = "GET"
    const raw = peer.request(fields, true)
    await until(() => raw.body.length === 10)
    await settled()
    assert.equal(raw.body.length, 10)
    peer.reading = true
    peer.connection.consumed(raw.stream, 10)
    await peer.ended(raw)
    assert.equal(raw.headers!.get("content-length"), String(raw.body.length))
    assert.match(raw.body.toString(), /^This is a gRPC server.*\n$/)
  })

  it("6. a refused request holds its slot until it has ended", async () => {
    const started: string[] = []
    const servicer = {
      say: ({ text }: Text): Text => {
        started.push(text)
        return { text }
      },
    }
    await using under = await serveRaw(servicer, { http2: { maxConcurrentStreams: 1 } })
    const { peer } = under
    const refused = peer.request(requestFields("/x", "content-type", "text/plain"))
    await settled()
    // The limit of streams that may be open is told by SETTINGS.
    assert.equal(peer.connection.canOpenStream, false)
    peer.data(refused, new Uint8Array(1), true)
    await peer.ended(refused)
    assert.deepEqual(status(await say(peer, callFields("Say"))), ["0", undefined])
    assert.deepEqual(started, ["hi"])
  })

  it("6. a refused request that is reset before or after its answer gives its slot back once", async () => {
    await using under = await serveRaw(echo, {}, { streamWindow: 1 })
    const { peer, server } = under
    const before = peer.request(requestFields("/x", "content-type", "text/plain"))
    await settled()
    peer.connection.reset(before.stream, 8)
    peer.reading = false
    const after = peer.request(requestFields("/x", "content-type", "text/plain"), true)
    await until(() => after.body.length === 1)
    peer.connection.reset(after.stream, 8)
    await settled()
    let ended = false
    void server.shutdown({ graceMs: 60_000 }).then(() => {
      ended = true
    })
    await until(() => ended, "the end of a server without calls")
  })

  const grpc = [
    "application/grpc",
    "application/grpc+proto",
    "application/grpc;charset=utf-8",
    "application/grpc ; a=b",
  ]
  for (const type of [...grpc, "application/grpc+proto;x=y", "Application/gRPC"]) {
    it(`7. the content-type ${type} is gRPC's`, async () => {
      await using under = await serveRaw(echo)
      const raw = await say(under.peer, requestFields("/test.Parrot/Say", "content-type", type))
      assert.deepEqual(status(raw), ["0", undefined])
      assert.deepEqual(textsIn(raw.body), ["hi!"])
    })
  }

  it("8. a message split over DATA frames at every place is one message", async () => {
    await using under = await serveRaw(echo)
    const { peer } = under
    const message = framed("abc")
    for (let cut = 1; cut < message.length; cut++) {
      const raw = peer.request(callFields("Say"))
      peer.data(raw, message.subarray(0, cut))
      await settled()
      peer.data(raw, message.subarray(cut), true)
      await peer.ended(raw)
      assert.deepEqual(textsIn(raw.body), ["abc!"])
    }
  })

  it("8. many messages in one DATA frame are many messages", async () => {
    await using under = await serveRaw({
      async gather(requests) {
        const texts: string[] = []
        for await (const { text } of requests) texts.push(text)
        return { text: texts.join("|") }
      },
    })
    const raw = await say(
      under.peer,
      callFields("Gather"),
      Buffer.concat(["a", "", "bc", "d"].map((text) => framed(text))),
    )
    assert.deepEqual(textsIn(raw.body), ["a||bc|d"])
  })

  it("9. the requests are ended by an empty DATA frame with END_STREAM", async () => {
    await using under = await serveRaw({
      gather: async (requests) => {
        let text = ""
        for await (const request of requests) text += request.text
        return { text }
      },
    })
    const { peer } = under
    const raw = peer.request(callFields("Gather"))
    peer.data(raw, framed("a"))
    await settled()
    assert.deepEqual(raw.log, [])
    peer.connection.endStream(raw.stream)
    await peer.ended(raw)
    assert.deepEqual(textsIn(raw.body), ["a"])
    assert.deepEqual(status(raw), ["0", undefined])
  })

  it("9. the requests are ended by the HEADERS frame, when it carries END_STREAM", async () => {
    await using under = await serveRaw({
      gather: async (requests) => ({ text: `${(await requests[Symbol.asyncIterator]().next()).done}` }),
    })
    const raw = under.peer.request(callFields("Gather"), true)
    await under.peer.ended(raw)
    assert.deepEqual(textsIn(raw.body), ["true"])
  })

  it("9. the requests are ended by trailers", async () => {
    await using under = await serveRaw(echo)
    const raw = under.peer.request(callFields("Say"))
    under.peer.data(raw, framed("hi"))
    under.peer.send(raw, ["x-checksum", "1"], true)
    await under.peer.ended(raw)
    assert.deepEqual(textsIn(raw.body), ["hi!"])
  })

  it("13. a stream of no responses carries headers and grpc-status", async () => {
    await using under = await serveRaw({ *repeat() {} })
    const raw = await say(under.peer, callFields("Repeat"))
    assert.equal(raw.headers!.status, "200")
    assert.equal(raw.headers!.get("content-type"), "application/grpc")
    assert.deepEqual(status(raw), ["0", undefined])
    assert.equal(raw.body.length, 0)
  })

  it("13. an empty message is a message", async () => {
    await using under = await serveRaw({ say: () => ({ text: "" }) })
    const raw = await say(under.peer, callFields("Say"))
    assert.deepEqual(raw.log, ["headers", "data", "trailers end"])
    assert.deepEqual(textsIn(raw.body), [""])
  })

  it("14. an error before any response is one HEADERS frame with END_STREAM", async () => {
    await using under = await serveRaw({ say: (_request, context) => context.abort("NOT_FOUND", "no such thing") })
    const { peer } = under
    const before = peer.connection.counters.framesReceived
    const raw = await say(peer, callFields("Say"))
    assert.deepEqual(raw.log, ["headers end"])
    assert.equal(raw.headers!.status, "200")
    assert.equal(raw.headers!.get("content-type"), "application/grpc")
    assert.deepEqual(status(raw), ["5", "no such thing"])
    assert.equal(peer.connection.counters.framesReceived - before, 1)
  })

  it("14. an error after headers were sent comes in trailers", async () => {
    await using under = await serveRaw({
      say: (_request, context) => {
        context.responseHeaders.set("x-first", "1")
        context.sendHeaders()
        return context.abort("ABORTED", "too late")
      },
    })
    const raw = await say(under.peer, callFields("Say"))
    assert.deepEqual(raw.log, ["headers", "trailers end"])
    assert.equal(raw.headers!.get("x-first"), "1")
    assert.deepEqual(status(raw), ["10", "too late"])
  })

  it("15. a server that answers before the requests have ended resets with NO_ERROR after its trailers", async () => {
    await using under = await serveRaw({ gather: () => ({ text: "enough" }) })
    const { peer } = under
    const raw = peer.request(callFields("Gather"))
    peer.data(raw, framed("a"))
    await until(() => raw.closure !== undefined)
    assert.deepEqual(raw.log, ["headers", "data", "trailers end", "reset NO_ERROR"])
    assert.deepEqual(textsIn(raw.body), ["enough"])
    assert.deepEqual(status(raw), ["0", undefined])
  })

  it("15. it does so for an early error too, and for a method that is not there", async () => {
    await using under = await serveRaw({ gather: (_requests, context) => context.abort("OUT_OF_RANGE", "no") })
    const { peer } = under
    for (const [path, code] of [
      ["/test.Parrot/Gather", "11"],
      ["/test.Parrot/Nope", "12"],
    ] as const) {
      const raw = peer.request(requestFields(path, "content-type", "application/grpc"))
      await until(() => raw.closure !== undefined)
      assert.deepEqual(raw.log, ["headers end", "reset NO_ERROR"])
      assert.equal(status(raw)[0], code)
    }
  })

  it("15. the reset waits for responses that the client has not yet let through", async () => {
    const text = "x".repeat(30_000)
    await using under = await serveRaw(
      {
        *chat() {
          yield { text }
          yield { text }
        },
      },
      {},
      { streamWindow: 1000 },
    )
    const { peer } = under
    peer.reading = false
    const raw = peer.request(callFields("Chat"))
    await until(() => raw.body.length === 1000)
    await settled()
    assert.equal(raw.closure, undefined)
    peer.reading = true
    peer.connection.consumed(raw.stream, 1000)
    await until(() => raw.closure !== undefined)
    assert.deepEqual(raw.log, ["headers", "data", "trailers end", "reset NO_ERROR"])
    assert.deepEqual(textsIn(raw.body), [text, text])
  })

  it("39. a deadline that passes on the server aborts the handler's signal and resets the stream with CANCEL", async () => {
    const clock = virtualClock()
    const aborted = new Gate()
    let reason: unknown
    const servicer = {
      say: (request: Text, context: ServerContext) =>
        new Promise<Text>((resolve) => {
          context.signal.addEventListener("abort", () => {
            reason = context.signal.reason
            assert.equal(context.cancelled, true)
            aborted.open()
            resolve(request)
          })
        }),
    }
    await using under = await serveRaw(servicer, { clock })
    const raw = under.peer.request(callFields("Say", "grpc-timeout", "250m"))
    under.peer.data(raw, framed("hi"), true)
    await settled()
    await clock.advance(249)
    assert.deepEqual(raw.log, [])
    await clock.advance(1)
    await aborted.opened
    assert.equal((reason as { code: string }).code, "DEADLINE_EXCEEDED")
    await until(() => raw.closure !== undefined)
    assert.deepEqual(raw.log, ["reset CANCEL"])
    await clock.advance(1000)
  })
})
