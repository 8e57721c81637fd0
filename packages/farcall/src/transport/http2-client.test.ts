import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { ErrorCode } from "@farcall/http2"
import type { ChannelOptions } from "../client/channel-options.js"
import type { Metadata } from "../core/metadata.js"
import { failureOf, textsOf, until } from "../test-support/outcome.js"
import { dialRaw, okFields, responseFields } from "../test-support/raw-ends.js"
import { framed, type RawPeer, type RawStream, textsIn } from "../test-support/raw-peer.js"
import { settled } from "../test-support/settled.js"
import { virtualClock } from "../testing/virtual-clock.js"

/** The checklist's points on requests, responses and status: our client against a raw server. */

/** A server that does the same to each request. */
function answering(answer: (peer: RawPeer, raw: RawStream) => void, options: ChannelOptions = {}) {
  return dialRaw((peer) => {
    peer.onRequest = (raw) => answer(peer, raw)
  }, options)
}

/** Answers with these messages, then OK. */
function ok(peer: RawPeer, raw: RawStream, ...texts: readonly string[]): void {
  peer.send(raw, responseFields)
  for (const text of texts) peer.data(raw, framed(text))
  peer.send(raw, okFields, true)
}

/** Answers with DATA of one's own. */
function body(peer: RawPeer, raw: RawStream, bytes: Uint8Array): void {
  peer.send(raw, responseFields)
  peer.data(raw, bytes)
  peer.send(raw, okFields, true)
}

describe("requests on the wire, from the client", () => {
  it("1. pseudo-headers first, reserved headers next, metadata last", async () => {
    await using under = answering((peer, raw) => ok(peer, raw, "a"), { userAgent: "mine/1" })
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
    await using under = answering((peer, raw) => ok(peer, raw, "a"))
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
      if (raw.headers!.path === "/test.Parrot/Say") ok(peer, raw, "a")
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
    ok(under.peers[0]!, streaming, "done")
    assert.deepEqual(await call.response, { text: "done" })
  })

  it("35. nothing is compressed", async () => {
    await using under = answering((peer, raw) => ok(peer, raw, "a"))
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

describe("status on the wire, at the client", () => {
  for (const [http, code] of [
    ["400", "INTERNAL"],
    ["401", "UNAUTHENTICATED"],
    ["403", "PERMISSION_DENIED"],
    ["404", "UNIMPLEMENTED"],
    ["429", "UNAVAILABLE"],
    ["503", "UNAVAILABLE"],
    ["500", "UNKNOWN"],
  ] as const) {
    it(`23. HTTP ${http} is ${code}, with content and without`, async () => {
      await using under = answering((peer, raw) => {
        const content = raw.headers!.path!.endsWith("Say")
        peer.send(raw, [":status", http, "content-type", "text/html"], !content)
        if (content) peer.data(raw, Buffer.from("<html>"), true)
      })
      const error = await failureOf(under.client.say({ text: "" }))
      const message = new RegExp(`^the server answered with HTTP status ${http}, at in-memory:\\d+$`)
      assert.equal(error.code, code)
      assert.match(error.message, message)
      const bare = await failureOf(textsOf(under.client.repeat({ text: "" })))
      assert.equal(bare.code, code)
      assert.match(bare.message, message)
      await until(() => under.peers[0]!.connection.openStreams === 0, "the end of the streams")
    })
  }

  it("24. a grpc-status that comes with END_STREAM stands above the HTTP status", async () => {
    await using under = answering((peer, raw) => peer.send(raw, [":status", "503", "grpc-status", "7"], true))
    assert.equal((await failureOf(under.client.say({ text: "" }))).code, "PERMISSION_DENIED")
  })

  it("24. in headers that do not end the stream it is ignored", async () => {
    await using under = answering((peer, raw) => {
      peer.send(raw, [...responseFields, "grpc-status", "7"])
      peer.data(raw, framed("a"))
      peer.send(raw, okFields, true)
    })
    assert.deepEqual(await under.client.say({ text: "" }), { text: "a" })
  })

  for (const value of ["x", "-1", "", "1.0"]) {
    it(`25. grpc-status ${JSON.stringify(value)} is UNKNOWN`, async () => {
      await using under = answering((peer, raw) => peer.send(raw, [...responseFields, "grpc-status", value], true))
      assert.equal((await failureOf(under.client.say({ text: "" }))).code, "UNKNOWN")
    })
  }

  it("25. trailers without grpc-status are UNKNOWN", async () => {
    await using under = answering((peer, raw) => {
      peer.send(raw, responseFields)
      peer.data(raw, framed("a"))
      peer.send(raw, ["x-own", "1"], true)
    })
    const error = await failureOf(under.client.say({ text: "" }))
    assert.equal(error.code, "UNKNOWN")
    assert.match(error.message, /without a grpc-status/)
  })

  for (const [name, code] of [
    ["NO_ERROR", "INTERNAL"],
    ["PROTOCOL_ERROR", "INTERNAL"],
    ["CANCEL", "CANCELLED"],
    ["ENHANCE_YOUR_CALM", "RESOURCE_EXHAUSTED"],
    ["INADEQUATE_SECURITY", "PERMISSION_DENIED"],
    ["REFUSED_STREAM", "UNAVAILABLE"],
  ] as const) {
    it(`26. RST_STREAM with ${name} before trailers is ${code}, and the text says who and where`, async () => {
      await using under = answering((peer, raw) => {
        peer.send(raw, responseFields)
        peer.connection.reset(raw.stream, ErrorCode[name])
      })
      const error = await failureOf(under.client.say({ text: "" }))
      assert.equal(error.code, code)
      assert.match(error.message, new RegExp(`${name}.*, at in-memory:\\d+$`))
    })
  }

  it("26. a lost connection is UNAVAILABLE", async () => {
    await using under = answering((peer) => peer.wire.destroy())
    const error = await failureOf(under.client.say({ text: "" }))
    assert.equal(error.code, "UNAVAILABLE")
    assert.match(error.message, /at in-memory:/)
  })

  for (const texts of [[], ["a", "b"]]) {
    it(`27. ${texts.length} messages where one is due are UNIMPLEMENTED`, async () => {
      await using under = answering((peer, raw) => ok(peer, raw, ...texts))
      for (const call of [under.client.say({ text: "" }), under.client.gather([])]) {
        const error = await failureOf(call)
        assert.equal(error.code, "UNIMPLEMENTED")
        assert.match(error.message, texts.length === 0 ? /sent no response message/ : /more than one response message/)
      }
    })
  }

  it("27. a status that is not OK counts, however many messages came", async () => {
    await using under = answering((peer, raw) => {
      peer.send(raw, responseFields)
      peer.data(raw, framed("a"))
      peer.send(raw, ["grpc-status", "10"], true)
    })
    assert.equal((await failureOf(under.client.say({ text: "" }))).code, "ABORTED")
  })

  for (const [what, bytes, text] of [
    ["a flag byte of 2", framed("a", 2), /flag byte 2/],
    ["a prefix cut short", framed("abc").subarray(0, 3), /inside a message prefix/],
    ["a message cut short", framed("abc").subarray(0, 7), /inside a message/],
  ] as const) {
    it(`27. ${what} is INTERNAL`, async () => {
      await using under = answering((peer, raw) => body(peer, raw, bytes))
      for (const call of [under.client.say({ text: "" }), textsOf(under.client.repeat({ text: "" }))]) {
        const error = await failureOf(call)
        assert.equal(error.code, "INTERNAL")
        assert.match(error.message, text)
      }
    })
  }

  it("27. END_STREAM on DATA is INTERNAL, and the stream is not left open", async () => {
    await using under = answering((peer, raw) => {
      peer.send(raw, responseFields)
      peer.data(raw, framed("a"), true)
    })
    assert.equal((await failureOf(under.client.say({ text: "" }))).code, "INTERNAL")
    const call = under.client.chat()
    assert.equal((await failureOf(textsOf(call))).code, "INTERNAL")
    await until(() => under.peers[0]!.connection.openStreams === 0, "the end of the stream")
  })

  it("27. headers in the middle of a response are INTERNAL", async () => {
    await using under = answering((peer, raw) => {
      peer.send(raw, responseFields)
      peer.send(raw, ["x", "1"])
    })
    assert.equal((await failureOf(under.client.say({ text: "" }))).code, "INTERNAL")
  })

  it("29. a response that cannot be decoded is INTERNAL, and the stream is reset", async () => {
    await using under = answering((peer, raw) => ok(peer, raw, "?"))
    const error = await failureOf(under.client.say({ text: "" }))
    assert.deepEqual([error.code, error.message], ["INTERNAL", "the response is no test.Text: text: not to be read"])
    assert.equal((await failureOf(textsOf(under.client.repeat({ text: "" })))).code, "INTERNAL")
  })

  it("30. a response above the limit is RESOURCE_EXHAUSTED by its prefix, and the stream is reset with CANCEL", async () => {
    await using under = answering(
      (peer, raw) => {
        peer.send(raw, responseFields)
        peer.data(raw, framed("x".repeat(11)).subarray(0, 5))
      },
      { maxReceiveMessageLength: 10 },
    )
    const error = await failureOf(under.client.say({ text: "" }))
    assert.equal(error.code, "RESOURCE_EXHAUSTED")
    assert.match(error.message, /^message is 11 bytes, the limit is 10 \(maxReceiveMessageLength\), at in-memory:\d+$/)
    await until(() => under.peers[0]!.streams[0]!.closure !== undefined)
    assert.equal(under.peers[0]!.streams[0]!.log.at(-1), "reset CANCEL")
  })

  it("30. headers above the limit are RESOURCE_EXHAUSTED", async () => {
    await using under = answering((peer, raw) => peer.send(raw, [...responseFields, "k", "x".repeat(20_000)]))
    assert.equal((await failureOf(under.client.say({ text: "" }))).code, "RESOURCE_EXHAUSTED")
  })

  /** The code of a call that is answered by a message with flag 1. */
  async function codeOfFlagged(...encoding: readonly string[]): Promise<string> {
    await using under = answering((peer, raw) => {
      peer.send(raw, [...responseFields, ...encoding])
      peer.data(raw, framed("a", 1))
      peer.send(raw, okFields, true)
    })
    return (await failureOf(under.client.say({ text: "" }))).code
  }

  it("33. flag 1 without an encoding, or with identity, is INTERNAL", async () => {
    assert.equal(await codeOfFlagged(), "INTERNAL")
    assert.equal(await codeOfFlagged("grpc-encoding", "identity"), "INTERNAL")
  })

  it("34. flag 1 with an encoding that is not known is INTERNAL", async () => {
    assert.equal(await codeOfFlagged("grpc-encoding", "snappy"), "INTERNAL")
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
