import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { create, isMessage } from "@bufbuild/protobuf"
import { AnySchema, ListValueSchema, TimestampSchema } from "@bufbuild/protobuf/wkt"
import { fromBinary, toBinary } from "./index.js"
import { schemaCodec } from "./schema-codec.js"
import { AnyCodec, TimestampCodec } from "./wkt.js"

describe("schemaCodec", () => {
  it("writes what the generated codec writes, of messages and of initialisers", () => {
    const init = { seconds: 1_700_000_000n, nanos: 5 }
    const codec = schemaCodec(TimestampSchema)
    assert.deepEqual(toBinary(codec, init), toBinary(TimestampCodec, init))
    assert.deepEqual(toBinary(codec, create(TimestampSchema, init)), toBinary(TimestampCodec, init))
    assert.equal(codec.typeName, "google.protobuf.Timestamp")
  })

  it("is one for a schema", () => {
    assert.equal(schemaCodec(AnySchema), schemaCodec(AnySchema))
    assert.notEqual(schemaCodec(AnySchema), schemaCodec(TimestampSchema))
  })

  it("grows the sink, and keeps what is there", () => {
    const value = new Uint8Array(100).fill(7)
    const sink = { buffer: Uint8Array.of(1, 2, 3, 4), start: 2, limit: 4 }
    const end = schemaCodec(AnySchema).encode({ value }, sink, 4)
    assert.deepEqual([...sink.buffer.subarray(2, 4)], [3, 4])
    assert.deepEqual(sink.buffer.slice(4, end), toBinary(AnyCodec, { value }))
  })

  it("keeps nothing of bytes that are lent, and may keep those that are owned", () => {
    const bytes = toBinary(AnyCodec, { value: Uint8Array.of(1, 2, 3) })
    const codec = schemaCodec(AnySchema)
    for (const lent of [Buffer.concat([Buffer.of(0), bytes]), new Uint8Array([0, ...bytes])]) {
      const any = codec.decode(lent, 1, lent.length)
      lent.fill(9)
      assert.deepEqual([...any.value], [1, 2, 3])
      assert.ok(isMessage(any, AnySchema))
    }
    assert.deepEqual([...codec.decode(bytes, 0, bytes.length, true).value], [1, 2, 3])
  })

  it("throws at bytes that are no such message", () => {
    assert.throws(() => fromBinary(schemaCodec(ListValueSchema), Uint8Array.of(0x0a, 0xff)))
  })
})
