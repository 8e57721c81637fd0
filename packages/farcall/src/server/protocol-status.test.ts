import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { Metadata } from "../core/metadata.js"
import { StatusError } from "../core/status-error.js"
import { until } from "../test-support/outcome.js"
import type { Parrot, Text } from "../test-support/parrot.js"
import { callFields, requestFields, type ServerUnderTest, serveRaw } from "../test-support/raw-ends.js"
import { framed, type RawStream, textsIn } from "../test-support/raw-peer.js"
import { settled } from "../test-support/settled.js"
import type { ServerOptions } from "./server.js"
import type { Servicer } from "./servicer.js"

/** Points 17 to 35 and 60 of the checklist: metadata and status, our server against a raw client. */

/** Sends one request and gives what came back. */
async function exchange(
  servicer: Partial<Servicer<typeof Parrot>>,
  fields: readonly string[],
  body: Uint8Array,
  options?: ServerOptions,
): Promise<RawStream> {
  await using under: ServerUnderTest = await serveRaw(servicer, options)
  const raw = under.peer.request(fields)
  under.peer.data(raw, body, true)
  return under.peer.ended(raw)
}

function codeOf(raw: RawStream): string | undefined {
  return raw.trailers?.get("grpc-status")
}

function messageOf(raw: RawStream): string | undefined {
  return raw.trailers?.get("grpc-message")
}

function valuesOf(fields: readonly string[], name: string): string[] {
  return fields.filter((_, i) => i % 2 === 1 && fields[i - 1] === name)
}

const echo = { say: (request: Text): Text => request }

describe("metadata on the wire, on the server", () => {
  it("17 and 18. -bin values are read padded, unpadded and joined, and written unpadded", async () => {
    const received: unknown[] = []
    const raw = await exchange(
      {
        say: (request, context) => {
          received.push(...context.metadata.getAll("k-bin"))
          context.responseHeaders.append("k-bin", Uint8Array.of(0x66))
          context.responseTrailers.append("t-bin", Uint8Array.of(0x66, 0x6f))
          return request
        },
      },
      callFields("Say", "k-bin", "Zg==", "k-bin", "Zg,Zm8="),
      framed("hi"),
    )
    assert.deepEqual(received, [Uint8Array.of(0x66), Uint8Array.of(0x66), Uint8Array.of(0x66, 0x6f)])
    assert.equal(raw.headers!.get("k-bin"), "Zg")
    assert.equal(raw.trailers!.get("t-bin"), "Zm8")
  })

  it("19. the order among values of one key is kept both ways", async () => {
    const raw = await exchange(
      {
        say: (request, context) => {
          context.responseHeaders.merge(context.metadata)
          for (const value of context.metadata.getAll("k").toReversed()) context.responseTrailers.append("k", value)
          return request
        },
      },
      callFields("Say", "k", "2", "other", "x", "k", "1", "k", "3"),
      framed("hi"),
    )
    assert.deepEqual(valuesOf(raw.headers!.fields, "k"), ["2", "1", "3"])
    assert.deepEqual(valuesOf(raw.trailers!.fields, "k"), ["3", "1", "2"])
  })

  it("20. a value that gRPC does not allow is no error, and goes back as it came", async () => {
    const raw = await exchange(
      {
        say: (request, context) => {
          context.responseTrailers.merge(new Metadata(context.metadata))
          return request
        },
      },
      callFields("Say", "k", "gr\xfc\xdfe\tan alle"),
      framed("hi"),
    )
    assert.equal(codeOf(raw), "0")
    assert.equal(raw.trailers!.get("k"), "gr\xfc\xdfe\tan alle")
  })

  it("21. grpc-* keys are hidden from handlers, but for those of applications", async () => {
    let keys: string[] = []
    await exchange(
      {
        say: (request, context) => {
          keys = [...context.metadata].map(([key]) => key)
          return request
        },
      },
      callFields("Say", "grpc-timeout", "1H", "grpc-future", "1", "grpc-trace-bin", "AQ", "own", "1"),
      framed("hi"),
    )
    assert.deepEqual(keys, ["grpc-trace-bin", "own"])
  })

  it("21. a handler's trailers cannot carry a grpc-status of their own", async () => {
    const raw = await exchange(
      {
        say: (_request, context) => {
          assert.throws(() => context.responseTrailers.set("grpc-status", "0"), TypeError)
          return context.abort("INTERNAL", "x")
        },
      },
      callFields("Say"),
      framed("hi"),
    )
    assert.deepEqual(valuesOf(raw.trailers!.fields, "grpc-status"), ["13"])
  })

  it("22. a status's message is percent-encoded UTF-8", async () => {
    const message = "100 % ☃\nübel "
    const raw = await exchange(
      { say: (_request, context) => context.abort("UNKNOWN", message) },
      callFields("Say"),
      framed("hi"),
    )
    assert.equal(messageOf(raw), "100 %25 %E2%98%83%0A%C3%BCbel%20")
  })
})

describe("status on the wire, from the server", () => {
  it("27. no request message where one is due is UNIMPLEMENTED", async () => {
    const raw = await exchange({ say: () => assert.fail("the handler ran") }, callFields("Say"), new Uint8Array(0))
    assert.equal(codeOf(raw), "12")
    assert.match(messageOf(raw)!, /no request message came, \/test.Parrot\/Say takes one/)
  })

  it("27. two request messages where one is due are UNIMPLEMENTED", async () => {
    const body = Buffer.concat([framed("a"), framed("b")])
    const raw = await exchange({ say: () => assert.fail("the handler ran") }, callFields("Say"), body)
    assert.equal(codeOf(raw), "12")
    assert.match(messageOf(raw)!, /more than one request message came/)
  })

  for (const method of ["Say", "Gather", "Repeat", "Chat"] as const) {
    for (const [what, body] of [
      ["a flag byte of 2", framed("a", 2)],
      ["a prefix cut short", framed("abc").subarray(0, 3)],
      ["a message cut short", framed("abc").subarray(0, 7)],
    ] as const) {
      it(`27. ${what} is INTERNAL (${method})`, async () => {
        const raw = await exchange(readers, callFields(method), body)
        assert.equal(codeOf(raw), "13")
      })
    }
  }

  it("28. a handler that throws is UNKNOWN, and the client learns nothing of it", async () => {
    const told: unknown[] = []
    const error = new Error("SELECT password FROM users")
    const raw = await exchange(
      {
        say: () => {
          throw error
        },
      },
      callFields("Say"),
      framed("hi"),
      { onHandlerError: (thrown, method) => told.push(thrown, method.path) },
    )
    assert.equal(codeOf(raw), "2")
    assert.doesNotMatch(JSON.stringify(raw.trailers!.fields), /SELECT|password|\.js|at /)
    assert.deepEqual(told, [error, "/test.Parrot/Say"])
  })

  it("28. a StatusError's cause and stack stay here too", async () => {
    const raw = await exchange(
      {
        say: () => {
          throw new StatusError("INTERNAL", "sorry", { cause: new Error("secret") })
        },
      },
      callFields("Say"),
      framed("hi"),
      { onHandlerError: () => assert.fail("told of a StatusError") },
    )
    assert.deepEqual(raw.trailers!.fields.slice(-4), ["grpc-status", "13", "grpc-message", "sorry"])
  })

  for (const method of ["Say", "Gather", "Repeat", "Chat"] as const) {
    it(`29. a request that cannot be decoded is INTERNAL (${method})`, async () => {
      const raw = await exchange(readers, callFields(method), framed("?"))
      assert.equal(codeOf(raw), "13")
      assert.equal(messageOf(raw), "the request is no test.Text: text: not to be read")
    })

    it(`30. a request above the limit is RESOURCE_EXHAUSTED by its prefix alone (${method})`, async () => {
      await using under = await serveRaw(readers, { maxReceiveMessageLength: 10 })
      const raw = under.peer.request(callFields(method))
      under.peer.data(raw, framed("x".repeat(11)).subarray(0, 5))
      await until(() => raw.closure !== undefined)
      assert.equal(codeOf(raw), "8")
      assert.equal(messageOf(raw), "message is 11 bytes, the limit is 10 (maxReceiveMessageLength)")
      assert.equal(raw.log.at(-1), "reset NO_ERROR")
      const exact = under.peer.request(callFields(method))
      under.peer.data(exact, framed("x".repeat(10)), true)
      await under.peer.ended(exact)
      assert.equal(codeOf(exact), "0")
    })

    it(`33. flag 1 without an encoding, or with identity, is INTERNAL (${method})`, async () => {
      for (const encoding of [[], ["grpc-encoding", "identity"]]) {
        const raw = await exchange(readers, callFields(method, ...encoding), framed("a", 1))
        assert.equal(codeOf(raw), "13")
      }
    })
  }

  it("30. a response above the limit for sending is RESOURCE_EXHAUSTED", async () => {
    const raw = await exchange({ say: () => ({ text: "x".repeat(11) }) }, callFields("Say"), framed("hi"), {
      maxSendMessageLength: 10,
    })
    assert.equal(codeOf(raw), "8")
    assert.equal(messageOf(raw), "message is 11 bytes, the limit for sending is 10")
  })

  it("30. headers above the limit are RESOURCE_EXHAUSTED, and the connection goes on", async () => {
    await using under = await serveRaw(echo)
    const raw = under.peer.request(callFields("Say", "k", "x".repeat(20_000)))
    under.peer.data(raw, framed("hi"), true)
    await under.peer.ended(raw)
    assert.equal(codeOf(raw), "8")
    const next = under.peer.request(callFields("Say"))
    under.peer.data(next, framed("hi"), true)
    await under.peer.ended(next)
    assert.equal(codeOf(next), "0")
  })

  it("34. an unknown encoding is UNIMPLEMENTED, and the answer says which are accepted", async () => {
    const raw = await exchange(echo, callFields("Say", "grpc-encoding", "snappy"), framed("hi", 1))
    assert.equal(codeOf(raw), "12")
    assert.match(messageOf(raw)!, /"snappy" is not supported/)
    assert.equal(raw.trailers!.get("grpc-accept-encoding"), "identity,gzip,deflate")
  })

  it("35. nothing is compressed towards a client that accepts it not, or may", async () => {
    for (const accepted of [[], ["grpc-accept-encoding", "gzip,deflate"], ["grpc-accept-encoding", "identity"]]) {
      const raw = await exchange(echo, callFields("Say", ...accepted), framed("aaaaaaaaaaaaaaaa"))
      assert.equal(raw.headers!.get("grpc-encoding"), undefined)
      assert.equal(raw.body[0], 0)
      assert.deepEqual(textsIn(raw.body), ["aaaaaaaaaaaaaaaa"])
    }
  })

  for (const path of ["/", "//", "//Say", "/test.Parrot/", "/test.Parrot", "/test.Parrot/Say/", "/a/b/c"]) {
    it(`60. the path ${path} is UNIMPLEMENTED before any interceptor runs`, async () => {
      const raw = await exchange(echo, requestFields(path, "content-type", "application/grpc"), framed("hi"), {
        interceptors: [() => () => assert.fail("an interceptor ran")],
      })
      assert.equal(codeOf(raw), "12")
    })
  }

  for (const path of ["", "test.Parrot/Say"]) {
    it(`60. the path ${JSON.stringify(path)} is a malformed request`, async () => {
      await using under = await serveRaw(echo)
      const raw = under.peer.request(requestFields(path, "content-type", "application/grpc"))
      await until(() => raw.closure !== undefined)
      await settled()
      assert.deepEqual(raw.log, ["reset PROTOCOL_ERROR"])
    })
  }

  for (const [service, text] of [
    ["__proto__/constructor", "the service __proto__ is not served here"],
    ["test.Parrot/constructor", "the service test.Parrot has no method constructor"],
    ["test.Parrot/say", "the service test.Parrot has no method say"],
    ["test.Parrot/Chat", "the method /test.Parrot/Chat is not implemented"],
  ]) {
    it(`60. /${service} is UNIMPLEMENTED, and the text says why`, async () => {
      const raw = await exchange(echo, requestFields(`/${service}`, "content-type", "application/grpc"), framed("hi"))
      assert.equal(codeOf(raw), "12")
      assert.equal(messageOf(raw), text)
    })
  }
})

/** Reads all it is sent, and answers with one message. */
const readers: Servicer<typeof Parrot> = {
  say: (request) => request,
  gather: async (requests) => {
    for await (const _ of requests);
    return { text: "" }
  },
  *repeat(request) {
    yield request
  },
  async *chat(requests) {
    for await (const _ of requests);
    yield { text: "" }
  },
}
