import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { array, property as forAll, nat, assert as property, uint8Array } from "fast-check"
import type { Compression } from "./compression.js"
import {
  type MessageReceiver,
  type PartialMessage,
  receiveMessages,
  truncationError,
  writePrefix,
} from "./message-framing.js"
import { MessageInflater } from "./message-inflater.js"
import type { StatusError } from "./status-error.js"

class Receiver implements MessageReceiver {
  partial: PartialMessage | undefined = undefined
  inflater: MessageInflater | undefined = undefined
  readonly maxReceiveMessageLength: number
  readonly messages: number[][] = []
  readonly owned: boolean[] = []
  /** What it was told of parts of messages: bytes taken, and bytes that are missing. */
  readonly partials: [taken: number, missing: number][] = []
  credit = 0
  error: StatusError | undefined = undefined
  /** How many messages it wants. */
  wanted = Number.POSITIVE_INFINITY

  constructor(maxReceiveMessageLength = 1000) {
    this.maxReceiveMessageLength = maxReceiveMessageLength
  }

  onMessage(bytes: Uint8Array, start: number, stop: number, owned: boolean, wireBytes: number): boolean {
    this.messages.push([...bytes.subarray(start, stop)])
    this.owned.push(owned)
    this.credit += wireBytes
    return this.messages.length < this.wanted
  }

  onPartial(wireBytes: number, missing: number): void {
    assert.ok(wireBytes > 0)
    this.partials.push([wireBytes, missing])
    this.credit += wireBytes
  }

  onFramingError(error: StatusError): void {
    assert.equal(this.error, undefined, "told of two errors")
    this.error = error
  }
}

function framed(...messages: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(
    messages.flatMap((message) => {
      const prefix = new Uint8Array(5)
      writePrefix(prefix, 0, message.length)
      return [...prefix, ...message]
    }),
  )
}

function receive(receiver: Receiver, bytes: Uint8Array, pieces: readonly number[] = [bytes.length]): void {
  let at = 0
  for (const size of [...pieces, bytes.length]) {
    const stop = Math.min(bytes.length, at + size)
    // The chunk is only lent, and lies somewhere in a larger buffer.
    const chunk = new Uint8Array(stop - at + 7).fill(0xee)
    chunk.set(bytes.subarray(at, stop), 3)
    if (stop > at && receiver.error === undefined) receiveMessages(receiver, chunk, 3, 3 + stop - at)
    chunk.fill(0xdd)
    at = stop
  }
}

describe("message framing", () => {
  const messages = [[1], [], [2, 3, 4], [], [], Array.from({ length: 300 }, (_, i) => i & 255)]

  it("8. reads many messages out of one chunk, in place", () => {
    const receiver = new Receiver()
    receive(receiver, framed(...messages))
    assert.deepEqual(receiver.messages, messages)
    assert.deepEqual(
      receiver.owned,
      messages.map(() => false),
    )
    assert.equal(receiver.credit, framed(...messages).length)
    assert.equal(receiver.partial, undefined)
  })

  it("8. reads messages that come a byte at a time", () => {
    const receiver = new Receiver()
    const bytes = framed(...messages)
    receive(receiver, bytes, Array(bytes.length).fill(1))
    assert.deepEqual(receiver.messages, messages)
    assert.equal(receiver.credit, bytes.length)
    assert.equal(truncationError(receiver), undefined)
  })

  it("8. gives a message that came in pieces away, with the memory it was put together in", () => {
    for (const message of [[], [1], [1, 2, 3]]) {
      for (let cut = 1; cut < 5 + message.length; cut++) {
        const receiver = new Receiver()
        receive(receiver, framed(message), [cut])
        assert.deepEqual(receiver.messages, [message], "with its last byte, and not with the next message")
        assert.deepEqual(receiver.owned, [true])
        assert.equal(receiver.partial, undefined)
      }
    }
  })

  it("8. says how much of a message is missing, once its prefix tells", () => {
    const receiver = new Receiver()
    receive(receiver, framed([1, 2, 3, 4, 5], [6, 7, 8]), [2, 1, 2, 2, 10])
    assert.deepEqual(receiver.partials, [
      [2, 0],
      [1, 0],
      [2, 5],
      [2, 3],
      [7, 1],
    ])
  })

  it("8. reads messages cut anywhere, and accounts for every byte once", () => {
    property(
      forAll(
        array(uint8Array({ maxLength: 40 }), { maxLength: 8 }),
        array(nat(30), { maxLength: 20 }),
        (list, cuts) => {
          const receiver = new Receiver()
          const bytes = framed(...list.map((message) => [...message]))
          receive(receiver, bytes, cuts)
          assert.deepEqual(
            receiver.messages,
            list.map((message) => [...message]),
          )
          assert.equal(receiver.credit, bytes.length)
        },
      ),
    )
  })

  it("writes and reads lengths of four bytes, unsigned", () => {
    const prefix = new Uint8Array(7)
    writePrefix(prefix, 1, 0x89abcdef)
    assert.deepEqual([...prefix], [0, 0, 0x89, 0xab, 0xcd, 0xef, 0])
    const receiver = new Receiver()
    receive(receiver, prefix.subarray(1, 6))
    assert.equal(receiver.error!.message, `message is ${0x89abcdef} bytes, the limit is 1000 (maxReceiveMessageLength)`)
  })

  it("30. takes a message at the limit, and refuses one above it by its prefix", () => {
    const receiver = new Receiver(4)
    receive(receiver, framed([1, 2, 3, 4]))
    assert.equal(receiver.error, undefined)
    receive(receiver, framed([1, 2, 3, 4, 5]).subarray(0, 5), [1, 1, 1, 1, 1])
    assert.equal(receiver.error!.code, "RESOURCE_EXHAUSTED")
    assert.equal(receiver.error!.reason, "FARCALL_MESSAGE_TOO_LONG")
    assert.equal(receiver.error!.message, "message is 5 bytes, the limit is 4 (maxReceiveMessageLength)")
    assert.equal(receiver.messages.length, 1)
  })

  for (const flag of [1, 2, 0x80, 0xff]) {
    it(`${flag === 1 ? "33" : "27"}. refuses the flag byte ${flag}`, () => {
      for (const pieces of [[6], [1, 1, 1, 1, 1, 1]]) {
        const receiver = new Receiver()
        receive(receiver, Uint8Array.of(flag, 0, 0, 0, 1, 9), pieces)
        assert.equal(receiver.error!.code, "INTERNAL")
        assert.equal(receiver.error!.reason, flag === 1 ? "FARCALL_COMPRESSION" : "FARCALL_BROKEN_STREAM")
        assert.match(receiver.error!.message, flag === 1 ? /compressed/ : new RegExp(`flag byte ${flag}$`))
        assert.deepEqual(receiver.messages, [])
      }
    })
  }

  it("27. says where a stream was cut off", () => {
    const receiver = new Receiver()
    assert.equal(truncationError(receiver), undefined)
    receive(receiver, framed([1, 2]).subarray(0, 3))
    assert.equal(truncationError(receiver)!.code, "INTERNAL")
    assert.equal(truncationError(receiver)!.reason, "FARCALL_BROKEN_STREAM")
    assert.match(truncationError(receiver)!.message, /inside a message prefix: 3 of 5 bytes/)
    receive(receiver, framed([1, 2]).subarray(3, 6))
    assert.match(truncationError(receiver)!.message, /inside a message: 1 of 2 bytes/)
    receive(receiver, Uint8Array.of(2))
    assert.equal(truncationError(receiver), undefined)
  })

  it("27. a whole prefix without its message is cut off too", () => {
    const receiver = new Receiver()
    receive(receiver, framed([1, 2]).subarray(0, 5))
    assert.match(truncationError(receiver)!.message, /inside a message: 0 of 2 bytes/)
  })

  it("tells of no more once told to stop", () => {
    const receiver = new Receiver()
    receiver.wanted = 2
    receive(receiver, framed([1], [2], [3], [4]))
    assert.deepEqual(receiver.messages, [[1], [2]])
  })

  describe("where a compression was agreed", () => {
    /** Turns each bit around. */
    const inverse: Compression = {
      name: "inverse",
      compress: (message) => message.map((byte) => ~byte),
      decompress: (message) => message.map((byte) => ~byte),
    }

    function inflating(): Receiver {
      const receiver = new Receiver()
      receiver.inflater = new MessageInflater(inverse, receiver)
      return receiver
    }

    it("33. inflates the messages that say so, and no others, however they are cut", () => {
      const bytes = framed([1, 2], [3, 4], [], [5])
      bytes[0] = 1 // the first message
      bytes[14] = 1 // the third one
      for (const pieces of [[bytes.length], Array<number>(bytes.length).fill(1), [6, 6, 6], [5, 2, 5, 2, 5, 5, 1]]) {
        const receiver = inflating()
        receive(receiver, bytes, pieces)
        assert.deepEqual(receiver.messages, [[254, 253], [3, 4], [], [5]])
        assert.equal(receiver.credit, bytes.length)
      }
    })

    it("33. inflates a message without bytes, which a compression can have made of something", () => {
      const something: Compression = { ...inverse, decompress: () => Uint8Array.of(7) }
      for (const pieces of [[5], [1, 4]]) {
        const receiver = new Receiver()
        receiver.inflater = new MessageInflater(something, receiver)
        receive(receiver, Uint8Array.of(1, 0, 0, 0, 0), pieces)
        assert.deepEqual(receiver.messages, [[7]])
      }
    })

    it("27. refuses flag bytes that mean nothing", () => {
      for (const flag of [2, 3, 0x81]) {
        const receiver = inflating()
        receive(receiver, Uint8Array.of(flag, 0, 0, 0, 1, 9))
        assert.equal(receiver.error!.message, `message of 1 bytes has the flag byte ${flag}`)
        assert.deepEqual(receiver.messages, [])
      }
    })
  })
})
