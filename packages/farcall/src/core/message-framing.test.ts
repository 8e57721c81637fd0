import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { array, property as forAll, nat, assert as property, uint8Array } from "fast-check"
import {
  type MessageReceiver,
  type PartialMessage,
  receiveMessages,
  truncationError,
  writePrefix,
} from "./message-framing.js"
import type { MessageInflater } from "./message-inflater.js"
import type { StatusError } from "./status-error.js"

class Receiver implements MessageReceiver {
  partial: PartialMessage | undefined = undefined
  inflater: MessageInflater | undefined = undefined
  readonly maxReceiveMessageLength: number
  readonly messages: number[][] = []
  readonly owned: boolean[] = []
  credit = 0
  error: StatusError | undefined
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

  onPartial(wireBytes: number): void {
    assert.ok(wireBytes >= 0)
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
    assert.equal(receiver.error!.message, "message is 5 bytes, the limit is 4 (maxReceiveMessageLength)")
    assert.equal(receiver.messages.length, 1)
  })

  for (const flag of [1, 2, 0x80, 0xff]) {
    it(`${flag === 1 ? "33" : "27"}. refuses the flag byte ${flag}`, () => {
      for (const pieces of [[6], [1, 1, 1, 1, 1, 1]]) {
        const receiver = new Receiver()
        receive(receiver, Uint8Array.of(flag, 0, 0, 0, 1, 9), pieces)
        assert.equal(receiver.error!.code, "INTERNAL")
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
})
