import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { ErrorCode } from "@farcall/http2"
import type { Metadata } from "../core/metadata.js"
import { failureOf, textsOf, until } from "../test-support/outcome.js"
import { answering, answerOk, okFields, responseFields } from "../test-support/raw-ends.js"
import { framed, textsIn } from "../test-support/raw-peer.js"
import { settled } from "../test-support/settled.js"
import { virtualClock } from "../testing/virtual-clock.js"

/** The checklist's points on requests, responses and deadlines: our client against a raw server. */

describe("requests on the wire, from the client", () => {
  it("1. pseudo-headers first, reserved headers next, metadata last", async () => {
    await using under = answering((peer, raw) => answerOk(peer, raw, "a"), { userAgent: "mine/1" })
    const metadata = { "x-own": ["1", "2"], "k-bin": Uint8Array.of(1, 2) }
    await under.client.say({ text: "" }, { metadata, timeoutMs: 50_000 })
    const block = under.peers[0]!.streams[0]!.headers!
    const { method, scheme, path, authority } = block
    assert.deepEqual([method, scheme, path, authority], ["POST", "http", "/test.Parrot/Say", "localhost"])
    const { fields } = block
    const names = fields.filter((_, i) => i % 2 === 0)
    assert.deepEqual(names, [
      "te",
      "content-type",
      "user-agent",
      "grpc-accept-encoding",
      "grpc-timeout",
      "x-own",
      "x-own",
      "k-bin",
    ])
    assert.equal(block.get("te"), "trailers")
    assert.equal(block.get("content-type"), "application/grpc")
    assert.match(block.get("user-agent")!, /^mine\/1 grpc-farcall\/\d+\.\d+\.\d+$/)
    assert.match(block.get("grpc-timeout")!, /^(49\d{6}|50000000)u$/)
    assert.equal(block.get("k-bin"), "AQI")
  })

  it("1. without options there is nothing beyond gRPC's own, and an authority of the call's goes in place of the channel's", async () => {
    await using under = answering((peer, raw) => answerOk(peer, raw, "a"))
    await under.client.say({ text: "" })
    await under.client.say({ text: "" }, { authority: "other" })
    const [first, second] = under.peers[0]!.streams
    assert.deepEqual(
      first!.headers!.fields.filter((_, i) => i % 2 === 0),
      ["te", "content-type", "user-agent", "grpc-accept-encoding"],
    )
    assert.match(first!.headers!.get("user-agent")!, /^grpc-farcall\//)
    assert.equal(second!.headers!.authority, "other")
  })

  it("9. the requests are ended with END_STREAM on the last message, or by an empty frame", async () => {
    await using under = answering((peer, raw) => {
      if (raw.headers!.path === "/test.Parrot/Say") answerOk(peer, raw, "a")
    })
    await under.client.say({ text: "one" })
    const [unary] = under.peers[0]!.streams
    assert.deepEqual(unary!.log, ["headers", "data end"])
    const call = under.client.gather()
    await call.write({ text: "two" })
    await until(() => under.peers[0]!.streams[1]?.log.at(-1) === "data")
    const streaming = under.peers[0]!.streams[1]!
    assert.deepEqual(textsIn(streaming.body), ["two"])
    call.end()
    await until(() => streaming.ended)
    assert.deepEqual(streaming.log, ["headers", "data end"])
    answerOk(under.peers[0]!, streaming, "done")
    assert.deepEqual(await call.response, { text: "done" })
  })

  it("35. nothing is compressed", async () => {
    await using under = answering((peer, raw) => answerOk(peer, raw, "a"))
    await under.client.say({ text: "aaaaaaaaaaaaaaaaaaaaaa" })
    const [raw] = under.peers[0]!.streams
    assert.equal(raw!.body[0], 0)
    assert.equal(raw!.headers!.get("grpc-encoding"), undefined)
  })
})

describe("responses on the wire, at the client", () => {
  const notGrpc = [undefined, "text/html", "application/grpc-web", "application/grpc-web+proto", "application/json"]
  for (const type of notGrpc) {
    it(`7. a 200 with the content-type ${type} is UNKNOWN`, async () => {
      await using under = answering((peer, raw) => {
        peer.send(raw, [":status", "200", ...(type === undefined ? [] : ["content-type", type])])
        peer.data(raw, Buffer.from("<html>"), true)
      })
      const error = await failureOf(under.client.say({ text: "" }))
      assert.equal(error.code, "UNKNOWN")
      assert.match(error.message, type === undefined ? /no content-type/ : new RegExp(type.replace("+", "\\+")))
      await until(() => under.peers[0]!.connection.openStreams === 0, "the end of the stream")
    })
  }

  for (const type of ["application/grpc+proto", "application/grpc;charset=utf-8", "Application/gRPC ; x=y"]) {
    it(`7. the content-type ${type} is gRPC's`, async () => {
      await using under = answering((peer, raw) => {
        peer.send(raw, [":status", "200", "content-type", type])
        peer.data(raw, framed("a"))
        peer.send(raw, okFields, true)
      })
      assert.deepEqual(await under.client.say({ text: "" }), { text: "a" })
    })
  }

  it("8. messages may be cut anywhere, and many stand in one DATA frame", async () => {
    const bytes = Buffer.concat(["a", "", "bc"].map((text) => framed(text)))
    await using under = answering(async (peer, raw) => {
      peer.send(raw, responseFields)
      for (const byte of bytes) {
        peer.data(raw, Uint8Array.of(byte))
        peer.flush()
      }
      peer.data(raw, bytes)
      peer.send(raw, okFields, true)
    })
    assert.deepEqual(await textsOf(under.client.repeat({ text: "" })), ["a", "", "bc", "a", "", "bc"])
  })

  it("14. a status alone is a whole response, and its fields are the trailers", async () => {
    await using under = answering((peer, raw) =>
      peer.send(raw, [...responseFields, "grpc-status", "5", "grpc-message", "gone", "x-why", "moved"], true),
    )
    let trailers: Metadata | undefined
    const headers: Metadata[] = []
    const error = await failureOf(
      under.client.say(
        { text: "" },
        {
          onHeader: (metadata) => headers.push(metadata),
          onTrailer: (metadata) => {
            trailers = metadata
          },
        },
      ),
    )
    assert.deepEqual([error.code, error.message], ["NOT_FOUND", "gone"])
    assert.equal(error.trailers!.get("x-why"), "moved")
    assert.equal(trailers!.get("x-why"), "moved")
    assert.deepEqual(headers, [])
  })

  it("15. trailers before the requests have ended: reset with NO_ERROR, the iterable stopped, the status told", async () => {
    await using under = answering((peer, raw) => {
      peer.send(raw, responseFields)
      peer.data(raw, framed("enough"))
      peer.send(raw, okFields, true)
    })
    let stopped = 0
    const requests = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<IteratorResult<{ text: string }>>(() => {}),
        return: async () => {
          stopped++
          return { value: undefined, done: true as const }
        },
      }),
    }
    assert.deepEqual(await under.client.gather(requests), { text: "enough" })
    assert.equal(stopped, 1)
    await until(() => under.peers[0]!.streams[0]!.closure !== undefined)
    assert.equal(under.peers[0]!.streams[0]!.log.at(-1), "reset NO_ERROR")
  })

  it("15. a server's RST_STREAM(NO_ERROR) after its trailers changes nothing", async () => {
    await using under = answering((peer, raw) => {
      peer.send(raw, responseFields)
      peer.data(raw, framed("enough"))
      peer.send(raw, okFields, true)
      peer.connection.reset(raw.stream, ErrorCode.NO_ERROR)
    })
    const call = under.client.gather()
    assert.deepEqual(await call.response, { text: "enough" })
    assert.equal((await call.status).code, "OK")
    assert.equal(await call.write({ text: "more" }), false)
  })

  it("16. 1xx responses are passed over", async () => {
    const headers: Metadata[] = []
    await using under = answering((peer, raw) => {
      peer.send(raw, [":status", "103", "link", "</x>"])
      peer.send(raw, [":status", "100"])
      peer.send(raw, [...responseFields, "x-own", "1"])
      peer.data(raw, framed("a"))
      peer.send(raw, okFields, true)
    })
    assert.deepEqual(await under.client.say({ text: "" }, { onHeader: (metadata) => headers.push(metadata) }), {
      text: "a",
    })
    assert.deepEqual(
      headers.map((metadata) => [...metadata]),
      [[["x-own", "1"]]],
    )
  })

  it("17 to 21. metadata is read as on the server", async () => {
    await using under = answering((peer, raw) => {
      peer.send(raw, [
        ...responseFields,
        "a-bin",
        "Zg==,Zg",
        "k",
        "2",
        "k",
        "1",
        "k",
        "\xfc",
        "grpc-encoding",
        "identity",
      ])
      peer.data(raw, framed("a"))
      peer.send(raw, [...okFields, "t-bin", "Zm8"], true)
    })
    const call = under.client.repeat({ text: "" })
    assert.deepEqual(await textsOf(call), ["a"])
    const headers = await call.headers
    assert.deepEqual(headers.getAll("a-bin"), [Uint8Array.of(0x66), Uint8Array.of(0x66)])
    assert.deepEqual(headers.getAll("k"), ["2", "1", "\xfc"])
    assert.equal(headers.has("grpc-encoding"), false)
    assert.deepEqual([...(await call.trailers)], [["t-bin", Uint8Array.of(0x66, 0x6f)]])
  })
})

describe("deadlines on the wire, at the client", () => {
  it("37. a deadline that passes resets the stream with CANCEL", async () => {
    const clock = virtualClock()
    await using under = answering(() => {}, { clock })
    const call = failureOf(under.client.say({ text: "" }, { timeoutMs: 100 }))
    await until(() => under.peers[0]?.streams.length === 1)
    await clock.advance(99)
    assert.equal(under.peers[0]!.streams[0]!.closure, undefined)
    await clock.advance(1)
    const error = await call
    assert.equal(error.code, "DEADLINE_EXCEEDED")
    assert.match(error.message, /^the deadline passed at in-memory:/)
    await until(() => under.peers[0]!.streams[0]!.closure !== undefined)
    assert.equal(under.peers[0]!.streams[0]!.log.at(-1), "reset CANCEL")
    assert.equal(under.peers[0]!.streams[0]!.headers!.get("grpc-timeout"), "100000u")
  })

  it("38. CANCELLED that comes after the client's own deadline is DEADLINE_EXCEEDED", async () => {
    const clock = virtualClock()
    await using under = answering(() => {}, { clock })
    const call = failureOf(under.client.say({ text: "" }, { timeoutMs: 100 }))
    await until(() => under.peers[0]?.streams.length === 1)
    const [peer] = under.peers
    // The clock has gone on, but its timer has not yet fired.
    clock.now = () => 100
    peer!.connection.reset(peer!.streams[0]!.stream, ErrorCode.CANCEL)
    assert.equal((await call).code, "DEADLINE_EXCEEDED")
    await settled()
  })

  it("38. CANCELLED before it stays CANCELLED", async () => {
    await using under = answering((peer, raw) => peer.connection.reset(raw.stream, ErrorCode.CANCEL))
    assert.equal((await failureOf(under.client.say({ text: "" }, { timeoutMs: 100_000 }))).code, "CANCELLED")
  })
})
