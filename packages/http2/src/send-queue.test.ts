import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { SendQueue } from "./send-queue.js"

/** Takes all that is in front, piece by piece. */
function drain(queue: SendQueue): string[] {
  const pieces: string[] = []
  while (queue.bytes > 0) {
    const { front, frontStart, frontStop } = queue
    pieces.push(new TextDecoder().decode(front.subarray(frontStart, frontStop)))
    queue.shift(frontStop - frontStart)
  }
  return pieces
}

const bytes = new TextEncoder().encode("abcdefghij")

describe("a queue of DATA", () => {
  it("has the pieces in the order they came, and their bytes in all", () => {
    const queue = new SendQueue()
    queue.push(bytes, 1, 3)
    queue.push(bytes, 5, 6)
    queue.push(bytes.slice(), 6, 9)
    assert.equal(queue.bytes, 6)
    assert.deepEqual(drain(queue), ["bc", "f", "ghi"])
  })

  it("takes what follows in the same buffer as one piece, nothing as none", () => {
    const queue = new SendQueue()
    queue.push(bytes.slice(), 8, 9)
    queue.push(bytes, 0, 2)
    queue.push(bytes, 2, 5)
    queue.push(bytes, 7, 7)
    queue.push(bytes, 5, 6)
    assert.equal(queue.bytes, 7)
    assert.deepEqual(drain(queue), ["i", "abcdef"])
  })

  it("does not join what follows to a piece that has left", () => {
    const queue = new SendQueue()
    queue.push(bytes.slice(), 0, 1)
    queue.push(bytes.slice(), 0, 1)
    queue.push(bytes.slice(), 0, 1)
    queue.push(bytes, 0, 2)
    for (let i = 0; i < 3; i++) queue.shift(1)
    queue.shift(2)
    queue.push(bytes, 2, 4)
    assert.equal(queue.bytes, 2)
    assert.deepEqual(drain(queue), ["cd"])
  })

  it("gives up the front in parts, and goes on with the next piece, through any number of them", () => {
    const queue = new SendQueue()
    const pieces = Array.from({ length: 9 }, () => bytes.slice())
    for (const piece of pieces) queue.push(piece, 0, 10)
    for (const piece of pieces) {
      assert.equal(queue.front, piece)
      queue.shift(4)
      assert.deepEqual([queue.front, queue.frontStart, queue.frontStop], [piece, 4, 10])
      queue.shift(6)
    }
    assert.equal(queue.bytes, 0)
  })

  it("gives back a lent piece when the last of it has left, and others never", () => {
    const queue = new SendQueue()
    const [own, first, second] = [bytes.slice(), bytes.slice(), bytes.slice()]
    queue.push(first, 0, 10)
    queue.lendLast(first)
    queue.push(own, 0, 10)
    queue.push(second, 0, 10)
    queue.lendLast(second)
    assert.equal(queue.shift(9), undefined)
    assert.equal(queue.shift(1), first)
    assert.equal(queue.shift(10), undefined)
    assert.equal(queue.shift(10), second)
  })
})
