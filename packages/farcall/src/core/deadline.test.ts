import assert from "node:assert/strict"
import { describe, it, mock } from "node:test"
import { array, asyncProperty, constantFrom, nat, assert as property, record } from "fast-check"
import { virtualClock } from "../testing/virtual-clock.js"
import { DeadlineQueue, deadlinesOf, type Expiring } from "./deadline.js"

class Item implements Expiring {
  deadline: number
  deadlineSlot = -1
  private readonly log: number[]

  constructor(deadline: number, log: number[] = []) {
    this.deadline = deadline
    this.log = log
  }

  onDeadline(): void {
    assert.equal(this.deadlineSlot, -1)
    this.log.push(this.deadline)
  }
}

describe("deadlines", () => {
  it("pass in order, with one timer for all of them", async () => {
    const clock = virtualClock()
    const queue = new DeadlineQueue(clock)
    const log: number[] = []
    for (const deadline of [50, 10, 30, 20, 40, 10]) queue.add(new Item(deadline, log))
    assert.equal(queue.size, 6)
    assert.equal(clock.pending, 1)
    await clock.advance(9)
    assert.deepEqual(log, [])
    await clock.advance(1)
    assert.deepEqual(log, [10, 10])
    assert.equal(clock.pending, 1)
    await clock.advance(100)
    assert.deepEqual(log, [10, 10, 20, 30, 40, 50])
    assert.equal(queue.size, 0)
    assert.equal(clock.pending, 0)
  })

  it("that never pass are not kept, nor is one kept twice", () => {
    const clock = virtualClock()
    const queue = new DeadlineQueue(clock)
    queue.add(new Item(Number.POSITIVE_INFINITY))
    assert.equal(queue.size, 0)
    assert.equal(clock.pending, 0)
    const item = new Item(5)
    queue.add(item)
    queue.add(item)
    assert.equal(queue.size, 1)
    queue.remove(item)
    queue.remove(item)
    assert.equal(queue.size, 0)
  })

  it("that are taken out do not pass, and an earlier one moves the timer", async () => {
    const clock = virtualClock()
    const queue = new DeadlineQueue(clock)
    const log: number[] = []
    const early = new Item(10, log)
    queue.add(new Item(1_000, log))
    queue.add(early)
    assert.equal(clock.pending, 1)
    queue.remove(early)
    await clock.advance(999)
    assert.deepEqual(log, [])
    await clock.advance(1)
    assert.deepEqual(log, [1_000])
  })

  it("set no timer but for one that is earlier than all before", async () => {
    const clock = virtualClock()
    const queue = new DeadlineQueue(clock)
    const { mock: after } = mock.method(clock, "after")
    const delays = () => after.calls.map(({ arguments: [ms] }) => ms)
    const early = new Item(20)
    early.onDeadline = () => queue.add(new Item(25))
    assert.equal(queue.armed, false)
    for (const item of [new Item(30), new Item(30), early, new Item(20), new Item(40)]) queue.add(item)
    assert.ok(queue.armed)
    assert.deepEqual(delays(), [30, 20])
    await clock.advance(22)
    assert.deepEqual(delays(), [30, 20, 5], "one that is added while others pass is not looked at twice")
    await clock.advance(100)
    assert.deepEqual(delays(), [30, 20, 5, 5, 10])
    assert.equal(queue.armed, false)
  })

  it("pass at their instants, whichever of them is taken out", async () => {
    // Heaps of four levels: small and large values in different branches, which the last one may be moved between.
    for (const heap of [
      [1, 10, 2, 11, 12, 3, 4, 13, 14, 15, 16, 5, 6, 7, 8],
      [1, 2, 10, 3, 4, 11, 12, 5, 6, 7, 8, 13, 14, 15, 16],
      [1, 3, 2, 7, 4, 6, 5, 15, 14, 8, 9, 13, 12, 10, 11],
    ]) {
      for (const out of heap) {
        const clock = virtualClock()
        const queue = new DeadlineQueue(clock)
        const passed: [at: number, deadline: number][] = []
        const items = heap.map((deadline) => new Item(deadline))
        for (const item of items) {
          item.onDeadline = () => passed.push([clock.now(), item.deadline])
          queue.add(item)
        }
        queue.remove(items[heap.indexOf(out)]!)
        await clock.advance(16)
        const rest = heap.filter((deadline) => deadline !== out).sort((a, b) => a - b)
        assert.deepEqual(
          passed,
          rest.map((deadline) => [deadline, deadline]),
        )
      }
    }
  })

  it("can be added and removed while others pass", async () => {
    const clock = virtualClock()
    const queue = new DeadlineQueue(clock)
    const log: number[] = []
    const second = new Item(10, log)
    const first = new Item(9, log)
    first.onDeadline = () => {
      queue.remove(second)
      queue.add(new Item(5, log))
      queue.add(new Item(12, log))
    }
    queue.add(first)
    queue.add(second)
    await clock.advance(11)
    assert.deepEqual(log, [5])
    await clock.advance(1)
    assert.deepEqual(log, [5, 12])
  })

  it("have one queue a clock", () => {
    const clock = virtualClock()
    assert.equal(deadlinesOf(clock), deadlinesOf(clock))
    assert.notEqual(deadlinesOf(clock), deadlinesOf(virtualClock()))
  })

  it("pass as a sorted list would have them, whatever is added, removed and waited for", async () => {
    const steps = array(record({ what: constantFrom("add", "add", "add", "remove", "wait"), amount: nat(60) }), {
      maxLength: 40,
    })
    await property(
      asyncProperty(steps, async (script) => {
        const clock = virtualClock()
        const queue = new DeadlineQueue(clock)
        const log: number[] = []
        const expected: number[] = []
        let model: Item[] = []
        for (const { what, amount } of script) {
          if (what === "add") {
            const item = new Item(clock.now() + 1 + amount, log)
            model.push(item)
            queue.add(item)
          } else if (what === "remove") {
            const [item] = model.splice(amount % Math.max(1, model.length), 1)
            if (item !== undefined) queue.remove(item)
          } else {
            const until = clock.now() + amount
            const due = model.filter((item) => item.deadline <= until)
            expected.push(...due.map((item) => item.deadline).sort((a, b) => a - b))
            model = model.filter((item) => item.deadline > until)
            await clock.advance(amount)
          }
          assert.deepEqual(log, expected)
          assert.equal(queue.size, model.length)
          assert.ok(clock.pending <= 1)
        }
      }),
      { numRuns: 40 },
    )
  })
})
