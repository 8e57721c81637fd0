import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { ErrorCode } from "@farcall/http2"
import { failureOf, textsOf, until } from "../test-support/outcome.js"
import { answerBytes, answering, answerOk, okFields, responseFields } from "../test-support/raw-ends.js"
import { framed } from "../test-support/raw-peer.js"

/** The checklist's points on status: what our client makes of how a raw server ends a call. */

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
      await using under = answering((peer, raw) => answerOk(peer, raw, ...texts))
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
      await using under = answering((peer, raw) => answerBytes(peer, raw, bytes))
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
    await using under = answering((peer, raw) => answerOk(peer, raw, "?"))
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
