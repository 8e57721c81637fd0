import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { array, asyncProperty, constantFrom, nat, assert as property, record } from "fast-check"
import { settled } from "../test-support/settled.js"
import { MessageQueue, type MessageQueueOwner } from "./message-queue.js"

class Owner implements MessageQueueOwner {
  taken = 0
  abandoned = 0

  onTaken(wireBytes: number): void {
    this.taken += wireBytes
  }

  onAbandoned(): void {
    this.abandoned++
  }
}

function made(): { owner: Owner; queue: MessageQueue<string> } {
  const owner = new Owner()
  return { owner, queue: new MessageQueue<string>(owner) }
}

const done = { value: undefined, done: true }

describe("a queue of messages", () => {
  it("gives credit when a message is taken, not when it comes", async () => {
    const { owner, queue } = made()
    queue.push("a", 10)
    queue.push("b", 7)
    assert.equal(queue.backlog, 17)
    assert.equal(owner.taken, 0)
    assert.deepEqual(await queue.next(), { value: "a", done: false })
    assert.equal(queue.backlog, 7)
    assert.equal(owner.taken, 10)
    assert.deepEqual(await queue.next(), { value: "b", done: false })
    assert.equal(queue.backlog, 0)
    assert.equal(owner.taken, 17)
  })

  it("hands a message to a reader who waits, with credit at once", async () => {
    const { owner, queue } = made()
    const next = queue.next()
    queue.push("a", 10)
    assert.equal(owner.taken, 10)
    assert.equal(queue.backlog, 0)
    assert.deepEqual(await next, { value: "a", done: false })
  })

  it("gives credit for unfinished messages at once when empty, else with the messages before them", async () => {
    const { owner, queue } = made()
    queue.partial(5)
    assert.equal(owner.taken, 5)
    queue.push("a", 10)
    queue.partial(6)
    queue.partial(4)
    assert.equal(owner.taken, 5)
    assert.equal(queue.backlog, 20)
    await queue.next()
    assert.equal(owner.taken, 25)
    assert.equal(queue.backlog, 0)
  })

  it("ends after what is in it", async () => {
    const { owner, queue } = made()
    queue.push("a", 1)
    queue.end()
    assert.deepEqual(await queue.next(), { value: "a", done: false })
    assert.deepEqual(await queue.next(), done)
    assert.deepEqual(await queue.next(), done)
    assert.equal(owner.abandoned, 0)
  })

  it("throws its error after what is in it, once", async () => {
    const { queue } = made()
    const error = new Error("broken")
    queue.push("a", 1)
    queue.end(error)
    queue.end(new Error("late"))
    assert.deepEqual(await queue.next(), { value: "a", done: false })
    await assert.rejects(queue.next(), error)
    assert.deepEqual(await queue.next(), done)
  })

  it("tells a reader who waits of the end, or of the error", async () => {
    const first = made().queue
    const next = first.next()
    first.end()
    assert.deepEqual(await next, done)
    const second = made().queue
    const failing = second.next()
    second.end(new Error("broken"))
    await assert.rejects(failing, /broken/)
    assert.deepEqual(await second.next(), done)
  })

  it("that is aborted throws away what waits, with credit for it", async () => {
    const { owner, queue } = made()
    queue.push("a", 3)
    queue.push("b", 4)
    queue.abort(new Error("over"))
    assert.equal(owner.taken, 7)
    assert.equal(queue.backlog, 0)
    await assert.rejects(queue.next(), /over/)
    assert.equal(owner.abandoned, 0)
  })

  it("that its reader leaves throws away what waits, and says so once", async () => {
    const { owner, queue } = made()
    queue.push("a", 3)
    queue.push("b", 4)
    for await (const text of queue) {
      assert.equal(text, "a")
      break
    }
    assert.equal(owner.taken, 7)
    assert.equal(owner.abandoned, 1)
    await queue.return()
    assert.equal(owner.abandoned, 1)
    assert.deepEqual(await queue.next(), done)
  })

  it("gives credit for what comes after its reader has left", async () => {
    const { owner, queue } = made()
    await queue.return()
    queue.push("a", 3)
    queue.partial(2)
    assert.equal(owner.taken, 5)
    assert.equal(queue.backlog, 0)
    assert.deepEqual(await queue.next(), done)
  })

  it("read to its end is not abandoned by leaving", async () => {
    const { owner, queue } = made()
    queue.end()
    await queue.return()
    assert.equal(owner.abandoned, 0)
  })

  it("forgets its error when its reader leaves", async () => {
    const { queue } = made()
    queue.push("a", 1)
    queue.end(new Error("broken"))
    await queue.return()
    assert.deepEqual(await queue.next(), done)
  })

  it("refuses a second next() while one waits", async () => {
    const { queue } = made()
    const first = queue.next()
    await assert.rejects(queue.next(), TypeError)
    queue.push("a", 1)
    assert.deepEqual(await first, { value: "a", done: false })
  })

  it("stays in order and accounts for every byte, however it is filled and read", async () => {
    const steps = array(record({ what: constantFrom("push", "push", "partial", "read"), count: nat(1500) }), {
      maxLength: 12,
    })
    await property(
      asyncProperty(steps, async (script) => {
        const owner = new Owner()
        const queue = new MessageQueue<number>(owner)
        let pushed = 0
        let read = 0
        let bytes = 0
        for (const { what, count } of script) {
          if (what === "partial") {
            queue.partial(count)
            bytes += count
          } else if (what === "push") {
            for (let i = 0; i < count; i++) queue.push(pushed++, 3)
            bytes += 3 * count
          } else {
            for (let i = 0; i < count && read < pushed; i++) {
              assert.deepEqual(await queue.next(), { value: read++, done: false })
            }
          }
          assert.equal(owner.taken + queue.backlog, bytes)
          if (read === pushed) assert.equal(queue.backlog, 0)
        }
        queue.end()
        for (; read < pushed; read++) assert.deepEqual(await queue.next(), { value: read, done: false })
        assert.deepEqual(await queue.next(), done)
        assert.equal(owner.taken, bytes)
      }),
      { numRuns: 30 },
    )
    await settled()
  })
})
