import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { ROOT_CONTEXT, trace } from "@opentelemetry/api"
import { assert as check, property, uint8Array } from "fast-check"
import { Metadata } from "../core/metadata.js"
import { decodeSpanContext, encodeSpanContext, grpcTraceBinPropagator } from "./grpc-trace-bin.js"
import { metadataGetter, metadataSetter } from "./metadata-carrier.js"

const span = {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  traceFlags: 1,
}
const hex = "00004bf92f3577b34da6a3ce929d0e0e47360100f067aa0ba902b70201"
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"))

describe("grpc-trace-bin", () => {
  it("is written as OpenCensus's binary format", () => {
    assert.equal(Buffer.from(encodeSpanContext(span)).toString("hex"), hex)
    assert.equal(Buffer.from(encodeSpanContext({ ...span, traceFlags: 0 })).at(-1), 0)
  })

  it("is read, with its options or without, and with fields of a later version behind", () => {
    const remote = { ...span, isRemote: true }
    assert.deepEqual(decodeSpanContext(bytesOf(hex)), remote)
    assert.deepEqual(decodeSpanContext(bytesOf(`${hex}0305`)), remote)
    assert.deepEqual(decodeSpanContext(bytesOf(hex.slice(0, -4))), { ...remote, traceFlags: 0 })
    assert.deepEqual(decodeSpanContext(bytesOf(`${hex.slice(0, -4)}0701`)), { ...remote, traceFlags: 0 })
  })

  for (const [what, text] of [
    ["empty", ""],
    ["a version that is not known", `01${hex.slice(2)}`],
    ["cut short", hex.slice(0, 30)],
    ["fields in another order", `0001${hex.slice(4)}`],
    ["a trace id of zeros", `0000${"00".repeat(16)}${hex.slice(36)}`],
    ["a span id of zeros", `${hex.slice(0, 38)}${"00".repeat(8)}0201`],
  ] as const) {
    it(`that is malformed is no span's context: ${what}`, () => {
      assert.equal(decodeSpanContext(bytesOf(text)), undefined)
    })
  }

  it("goes through metadata as bytes", () => {
    const metadata = new Metadata()
    const scope = trace.setSpanContext(ROOT_CONTEXT, span)
    grpcTraceBinPropagator.inject(scope, metadata, metadataSetter)
    assert.deepEqual(metadata.get("grpc-trace-bin"), bytesOf(hex))
    const extracted = grpcTraceBinPropagator.extract(ROOT_CONTEXT, metadata, metadataGetter)
    assert.deepEqual(trace.getSpanContext(extracted), { ...span, isRemote: true })
    assert.deepEqual(grpcTraceBinPropagator.fields(), ["grpc-trace-bin"])
  })

  it("leaves the context as it is where nothing came, or nothing that can be read", () => {
    const extract = (metadata: Metadata) => grpcTraceBinPropagator.extract(ROOT_CONTEXT, metadata, metadataGetter)
    assert.equal(extract(new Metadata()), ROOT_CONTEXT)
    assert.equal(extract(new Metadata({ "grpc-trace-bin": Uint8Array.of(0, 0, 1) })), ROOT_CONTEXT)
    const none = new Metadata()
    grpcTraceBinPropagator.inject(ROOT_CONTEXT, none, metadataSetter)
    assert.equal(none.size, 0)
    // Whatever it is, it is read without an error.
    check(
      property(uint8Array({ maxLength: 40 }), (bytes) => {
        const read = decodeSpanContext(bytes)
        assert.ok(read === undefined || read.isRemote)
      }),
    )
  })
})
