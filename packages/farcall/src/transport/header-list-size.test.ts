import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { StatusError } from "../core/status-error.js"
import type { Servicer } from "../server/servicer.js"
import { failureOf, textsOf } from "../test-support/outcome.js"
import type { Parrot } from "../test-support/parrot.js"
import { callFields, dialRaw, okFields, responseFields, serveRaw } from "../test-support/raw-ends.js"
import { framed, type RawStream } from "../test-support/raw-peer.js"

/** RFC 9113 §6.5.2: what the peer says about the size of header lists is kept to, and the caller is told why. */

const large = "x".repeat(1000)

describe("a request whose headers are larger than the server takes", () => {
  it("is RESOURCE_EXHAUSTED, never sent, and takes nothing from other calls", async () => {
    await using under = dialRaw(
      (peer) => {
        peer.onRequest = (raw) => {
          peer.send(raw, responseFields)
          peer.data(raw, framed("fine"))
          peer.send(raw, okFields, true)
        }
      },
      { peer: () => ({ maxHeaderListSize: 700 }) },
    )
    assert.deepEqual(await under.client.say({ text: "" }), { text: "fine" })
    const error = await failureOf(under.client.say({ text: "" }, { metadata: { large } }))
    assert.equal(error.code, "RESOURCE_EXHAUSTED")
    assert.match(error.message, /^the request's headers are \d+ bytes larger than in-memory:\S* takes$/)
    const streaming = textsOf(under.client.repeat({ text: "" }, { metadata: { large } }))
    assert.equal((await failureOf(streaming)).code, "RESOURCE_EXHAUSTED")
    assert.deepEqual(await under.client.say({ text: "" }), { text: "fine" })
    assert.equal(under.peers.length, 1)
    assert.equal(under.peers[0]!.streams.length, 2)
  })
})

describe("a response whose headers are larger than the client takes", () => {
  async function exchange(servicer: Partial<Servicer<typeof Parrot>>, maxHeaderListSize = 400): Promise<RawStream> {
    await using under = await serveRaw(servicer, {}, { maxHeaderListSize })
    const raw = under.peer.request(callFields("Say"))
    under.peer.data(raw, framed("hi"), true)
    await under.peer.ended(raw)
    // Another call goes on as ever.
    const next = under.peer.request(callFields("Gather"), true)
    await under.peer.ended(next)
    assert.equal(next.trailers!.get("grpc-status"), "12")
    return raw
  }

  it("is RESOURCE_EXHAUSTED, a status alone", async () => {
    const raw = await exchange({
      say: (request, context) => {
        context.responseHeaders.set("large", large)
        return request
      },
    })
    assert.deepEqual(raw.log, ["headers end"])
    assert.equal(raw.trailers!.get("grpc-status"), "8")
    assert.match(raw.trailers!.get("grpc-message")!, /^the response's headers are \d+ bytes larger/)
  })

  it("ends a stream of responses, whose handler is told that no more is wanted", async () => {
    let stop: () => void = () => {}
    const stopped = new Promise<void>((resolve) => {
      stop = resolve
    })
    await using under = await serveRaw(
      {
        async *repeat(request, context) {
          context.responseHeaders.set("large", large)
          try {
            yield request
          } finally {
            stop()
          }
        },
      },
      {},
      { maxHeaderListSize: 400 },
    )
    const raw = under.peer.request(callFields("Repeat"))
    under.peer.data(raw, framed("hi"), true)
    await under.peer.ended(raw)
    assert.deepEqual(raw.log, ["headers end"])
    assert.equal(raw.trailers!.get("grpc-status"), "8")
    await stopped
  })

  it("is told to a handler that sends them itself", async () => {
    const raw = await exchange({
      say: (request, context) => {
        context.responseHeaders.set("large", large)
        assert.throws(() => context.sendHeaders(), { code: "RESOURCE_EXHAUSTED" })
        context.responseHeaders.delete("large")
        return request
      },
    })
    assert.deepEqual(raw.log, ["headers", "data", "trailers end"])
    assert.equal(raw.trailers!.get("grpc-status"), "0")
  })

  it("goes for trailers too", async () => {
    const raw = await exchange({
      say: (request, context) => {
        context.responseTrailers.set("large", large)
        return request
      },
    })
    assert.deepEqual(raw.log, ["headers", "data", "trailers end"])
    assert.equal(raw.trailers!.get("grpc-status"), "8")
    assert.equal(raw.trailers!.get("large"), undefined)
  })

  it("keeps the code of an error, without what is too large", async () => {
    const raw = await exchange({
      say: (_request, context) => {
        context.responseHeaders.set("large", large)
        throw new StatusError("NOT_FOUND", large)
      },
    })
    assert.deepEqual(raw.log, ["headers end"])
    assert.equal(raw.trailers!.get("grpc-status"), "5")
    assert.match(raw.trailers!.get("grpc-message")!, /^the response's status or trailers are \d+ bytes larger/)
  })

  it("is sent all the same where the client takes next to nothing", async () => {
    await using under = await serveRaw({ say: (request) => request }, {}, { maxHeaderListSize: 30 })
    const raw = under.peer.request(callFields("Say"))
    under.peer.data(raw, framed("hi"), true)
    await under.peer.ended(raw)
    assert.deepEqual(raw.log, ["headers", "data", "trailers end"])
  })
})
