import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { setFlagsFromString } from "node:v8"
import { runInThisContext } from "node:vm"
import { MessageChannel } from "node:worker_threads"
import { BinaryWriter } from "@bufbuild/protobuf/wire"
import fc from "fast-check"
import { fromBinary, toBinary } from "./binary.js"
import { Slab } from "./slab.js"
import { findMark } from "./untransferable.js"
import { grow } from "./wire/sink.js"
import { BytesValueCodec, StringValueCodec } from "./wkt.js"

/** Lengths on both sides of what matters: what is shared, what is left of a slab, the slab, what is kept for growth. */
const length = fc.oneof(
  { weight: 6, arbitrary: fc.nat(90) },
  { weight: 3, arbitrary: fc.integer({ min: 900, max: 1100 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1100, max: 10_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(100_000, 1_200_000) },
)

/** A message whose every byte tells it from its neighbours. */
function content(size: number, n: number): Uint8Array {
  return new Uint8Array(size).fill(n * 7 + 1)
}

/** Something length-delimited, as unknown fields hold it. */
function withLength(data: Uint8Array): Uint8Array {
  return new BinaryWriter().bytes(data).finish()
}

describe("toBinary", () => {
  it("puts short messages behind one another into memory that they share", () => {
    const written = Array.from({ length: 100 }, () => toBinary(BytesValueCodec, { value: content(20, 1) }))
    assert.ok(new Set(written.map(({ buffer }) => buffer)).size <= 2)
  })

  it("makes arrays that stay as they are, whatever is written later and in them", () => {
    fc.assert(
      fc.property(fc.array(length, { minLength: 2, maxLength: 60 }), (lengths) => {
        const written = lengths.map((size, n) => toBinary(BytesValueCodec, { value: content(size, n) }))
        written.forEach((bytes, n) => {
          assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype)
          assert.deepEqual(fromBinary(BytesValueCodec, bytes).value, content(lengths[n]!, n))
          bytes.fill(0xff)
        })
      }),
      { numRuns: 60 },
    )
  })

  it("writes texts that need more room than they take into what is left of a slab", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 20, max: 1010 }), { minLength: 30, maxLength: 60 }), (sizes) => {
        const written = sizes.map((size, n) => toBinary(StringValueCodec, { value: `${n % 10}`.repeat(size) }))
        written.forEach((bytes, n) => {
          assert.equal(fromBinary(StringValueCodec, bytes).value, `${n % 10}`.repeat(sizes[n]!))
        })
      }),
      { numRuns: 60 },
    )
  })

  it("begins each array at a multiple of eight bytes, and shares no more memory than it says", () => {
    for (let size = 0; size < 20_000; size = size + 7 + (size >> 6)) {
      const bytes = toBinary(BytesValueCodec, { value: content(size, size) })
      assert.equal(bytes.byteOffset % 8, 0)
      const most = bytes.length <= 1024 ? 8192 : bytes.length <= 8192 ? 65_536 : bytes.length
      assert.ok(bytes.buffer.byteLength <= most, `${bytes.length} bytes in ${bytes.buffer.byteLength}`)
    }
  })

  it("hands out large values in memory of their own, whatever follows them", () => {
    for (const size of [130_000, 150_000, 1_500_000]) {
      for (const after of [0, 1000, size >> 3, size * 2]) {
        const value = content(size, after)
        const $unknown = after === 0 ? [] : [{ no: 99, wireType: 2, data: withLength(content(after, 1)) }]
        const bytes = toBinary(BytesValueCodec, { $typeName: "google.protobuf.BytesValue", value, $unknown })
        assert.ok(bytes.buffer.byteLength <= bytes.length * 1.125, `${size} and ${after}`)
        const other = toBinary(BytesValueCodec, { value: content(size, 3) })
        assert.notEqual(other.buffer, bytes.buffer)
        const read = fromBinary(BytesValueCodec, bytes)
        assert.deepEqual(read.value, value)
        assert.deepEqual(read.$unknown ?? [], $unknown)
      }
    }
  })

  it("leaves the memory where it is when one array is transferred", () => {
    const [first, second] = ["one", "two"].map((value) => toBinary(StringValueCodec, { value }))
    const { port1, port2 } = new MessageChannel()
    try {
      port1.postMessage(first, [first!.buffer as ArrayBuffer])
    } catch (error) {
      assert.equal((error as Error).name, "DataCloneError") // from Node 21 on
    }
    port1.close()
    port2.close()
    assert.deepEqual(Buffer.from(first!), Buffer.from("\n\x03one"))
    assert.deepEqual(Buffer.from(second!), Buffer.from("\n\x03two"))
  })

  it("goes on when the memory was taken away all the same", () => {
    const bytes = toBinary(StringValueCodec, { value: "gone" })
    // What ArrayBuffer.prototype.transfer does, which Node 20 does not have.
    setFlagsFromString("--allow-natives-syntax")
    const detach = runInThisContext("(memory) => %ArrayBufferDetach(memory)") as (memory: ArrayBufferLike) => void
    detach(bytes.buffer)
    setFlagsFromString("--no-allow-natives-syntax")
    assert.equal(bytes.length, 0)
    assert.deepEqual(Buffer.from(toBinary(StringValueCodec, { value: "here" })), Buffer.from("\n\x04here"))
  })
})

describe("toBinary of a large value", () => {
  it("leaves nothing of other memory around the message", () => {
    // Where the C library has memory to give again, it has these bytes in it.
    for (let n = 0; n < 20; n++) toBinary(BytesValueCodec, { value: new Uint8Array(300_000).fill(0xaa) })
    for (let n = 0; n < 20; n++) {
      const bytes = toBinary(BytesValueCodec, { value: new Uint8Array(290_000 + n).fill(0xbb) })
      const around = new Uint8Array(bytes.buffer)
      const { byteOffset, length } = bytes
      assert.ok(around.subarray(0, byteOffset).every((byte) => byte === 0))
      assert.ok(around.subarray(byteOffset + length).every((byte) => byte === 0))
    }
  })
})

describe("a slab", () => {
  const SIZE = 8192

  interface Written {
    readonly bytes: Uint8Array
    /** The memory that it was written to. */
    readonly memory: ArrayBufferLike
  }

  /** Writes and takes a message of `length` bytes, for which an encoder wants `room`. */
  function write(slab: Slab, length: number, room: number = length): Written {
    const { sink } = slab
    const start = sink.start
    if (start + room > sink.limit) grow(sink, start, room)
    const { buffer } = sink
    buffer.fill(length & 255, start, start + length)
    const bytes = slab.take(start + length)
    assert.equal(bytes.length, length)
    assert.ok(bytes.every((byte) => byte === (length & 255)))
    return { bytes, memory: buffer.buffer }
  }

  const marked = new Set<ArrayBufferLike>()
  const slabOf = (): Slab => new Slab((memory) => marked.add(memory))

  it("leaves messages of up to 1,024 bytes where they were written, each behind the one before", () => {
    const slab = slabOf()
    let offset = 0
    for (const length of [1, 7, 8, 9, 100, 0, 1024]) {
      const { bytes, memory } = write(slab, length)
      assert.equal(bytes.buffer, memory)
      assert.equal(bytes.byteOffset, offset)
      offset += Math.ceil(length / 8) * 8
    }
    assert.ok(marked.has(slab.sink.buffer.buffer))
    assert.equal(slab.sink.buffer.length, SIZE)
  })

  it("begins anew where two more messages like the last would not fit", () => {
    const slab = slabOf()
    const first = slab.sink.buffer.buffer
    for (let n = 0; n < 7; n++) assert.equal(write(slab, 1024).bytes.buffer, first)
    const { bytes } = write(slab, 1024)
    assert.notEqual(bytes.buffer, first)
    assert.ok(marked.has(bytes.buffer))
    assert.deepEqual([bytes.byteOffset, slab.sink.start, slab.sink.limit], [0, 1024, SIZE])
  })

  it("copies messages of up to 8 KiB into 64 KiB, one behind another, and is used on where it was", () => {
    const slab = slabOf()
    write(slab, 100)
    const { start, buffer } = slab.sink
    let offset = 0
    let copies: ArrayBufferLike | undefined
    for (const length of [1025, 8192, 2001, 4096]) {
      const { bytes, memory } = write(slab, length)
      assert.notEqual(bytes.buffer, memory)
      assert.deepEqual([bytes.byteOffset, bytes.buffer.byteLength], [offset, 65_536])
      copies ??= bytes.buffer
      assert.equal(bytes.buffer, copies)
      assert.ok(marked.has(copies))
      offset += Math.ceil(length / 8) * 8
      assert.deepEqual([slab.sink.start, slab.sink.limit], [start, SIZE])
      assert.equal(slab.sink.buffer, buffer)
    }
    const others = Array.from({ length: 9 }, () => write(slabOf(), 8192).bytes.buffer)
    assert.equal(new Set(others).size, 9)
    const one = slabOf()
    const filled = Array.from({ length: 9 }, () => write(one, 8192).bytes.buffer)
    assert.equal(new Set(filled.slice(0, 8)).size, 1, "as many as there is room for")
    assert.notEqual(filled[8], filled[0])
  })

  it("copies longer messages into memory of their own", () => {
    const slab = slabOf()
    for (const length of [8193, 20_000, 100_000]) {
      const { bytes, memory } = write(slab, length)
      assert.notEqual(bytes.buffer, memory)
      assert.equal(bytes.buffer.byteLength, length)
      assert.ok(!marked.has(bytes.buffer))
    }
  })

  it("copies a short message that it was too short for, and begins anew", () => {
    for (const mark of [true, false]) {
      for (const length of [5, 500, 1024]) {
        const slab = mark ? slabOf() : new Slab(undefined)
        write(slab, 1000)
        const before = slab.sink.buffer
        const { bytes, memory } = write(slab, length, SIZE + 1)
        assert.ok(memory !== before.buffer)
        assert.deepEqual([bytes.byteOffset, bytes.buffer.byteLength], [0, length])
        assert.ok(slab.sink.buffer !== before)
        assert.deepEqual([slab.sink.start, slab.sink.limit], [0, SIZE])
      }
    }
    const slab = slabOf()
    const { buffer } = slab.sink
    assert.equal(write(slab, 1025, 2 * SIZE).bytes.buffer.byteLength, 65_536)
    assert.ok(slab.sink.buffer === buffer, "a longer one leaves it as it is")
  })

  it("keeps what it wrote long messages to, up to 1 MiB, and never hands that out", () => {
    const slab = slabOf()
    const first = write(slab, 20_000)
    assert.equal(write(slab, 20_000).memory, first.memory)
    assert.equal(write(slab, 10_000).memory, first.memory)
    const longer = write(slab, 120_000)
    assert.notEqual(longer.memory, first.memory)
    assert.equal(write(slab, 20_000).memory, longer.memory)
  })

  it("hands out what it wrote a large value to, where little of it is unused", () => {
    const slab = slabOf()
    write(slab, 100)
    for (const length of [131_072, 1_000_000, 3_000_000]) {
      const { bytes, memory } = write(slab, length)
      assert.equal(bytes.buffer, memory)
      assert.equal(bytes.byteOffset, slab.sink.start)
      assert.ok(memory.byteLength - length <= length >> 3)
      assert.ok(!marked.has(memory))
      assert.notEqual(write(slab, length).memory, memory)
    }
    const { bytes, memory } = write(slab, 200_000, 1_000_000)
    assert.notEqual(bytes.buffer, memory, "most of it is unused")
    assert.equal(bytes.buffer.byteLength, 200_000)
  })

  it("keeps none of the memory that it grew into by and by where that is more than 1 MiB", () => {
    const slab = slabOf()
    const { sink } = slab
    const memories = [0, 1].map(() => {
      let end = sink.start
      for (; end < 3_000_000; end += 1000) if (end + 1000 > sink.limit) grow(sink, end, 1000)
      const memory = sink.buffer.buffer
      const bytes = slab.take(end)
      assert.notEqual(bytes.buffer, memory)
      assert.equal(bytes.buffer.byteLength, end)
      return memory
    })
    assert.notEqual(memories[0], memories[1])
  })

  it("has room to spare behind a large value only", () => {
    const slab = slabOf()
    const { sink } = slab
    grow(sink, 0, 100_000)
    assert.equal(sink.limit, 100_064)
    grow(sink, 100_000, 100_000)
    assert.equal(sink.limit, 200_064)
    slab.take(100_000)
    grow(sink, 0, 1_000_000)
    assert.equal(sink.limit, 1_000_064 + (1_000_064 >> 5))
  })
})

describe("a slab whose memory could be transferred", () => {
  it("hands out arrays with memory of their own", () => {
    const slab = new Slab(undefined)
    for (const size of [0, 5, 100, 3000, 20_000]) {
      const value = content(size, size)
      const bytes = slab.take(BytesValueCodec.encode({ value }, slab.sink, slab.sink.start))
      assert.equal(bytes.buffer.byteLength, bytes.length)
      assert.deepEqual(fromBinary(BytesValueCodec, bytes).value, value)
    }
  })
})

describe("findMark", () => {
  const withMark = (markAsUntransferable: unknown, more: object = { structuredClone }): object => ({
    process: { getBuiltinModule: () => ({ markAsUntransferable }) },
    ...more,
  })

  it("finds Node's", () => {
    const memory = new ArrayBuffer(8)
    findMark(globalThis)!(memory)
    try {
      structuredClone(memory, { transfer: [memory] })
    } catch (error) {
      assert.equal((error as Error).name, "DataCloneError")
    }
    assert.equal(memory.byteLength, 8)
  })

  it("takes one that makes structuredClone throw", () => {
    const refuse = (): never => {
      throw new DOMException("not this", "DataCloneError")
    }
    const mark = (): void => {}
    assert.equal(findMark(withMark(mark, { structuredClone: refuse })), mark)
  })

  it("takes none that is missing, throws, or changes nothing", () => {
    const unsupported = (): never => {
      throw new Error("not supported")
    }
    const none = [
      {},
      { structuredClone },
      { process: {}, structuredClone },
      { process: { getBuiltinModule: () => undefined }, structuredClone },
      withMark(undefined),
      withMark(() => {}, {}),
      withMark(unsupported),
      withMark(() => {}),
    ]
    for (const platform of none) assert.equal(findMark(platform), undefined)
  })
})
