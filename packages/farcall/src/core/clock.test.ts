import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { systemClock } from "./clock.js"

describe("the system's clock", () => {
  it("3. waits out delays above what a timer of the host takes", (test) => {
    test.mock.timers.enable({ apis: ["setTimeout"] })
    const longest = 2 ** 31 - 1
    let fired = 0
    systemClock.after(2 * longest + 5, () => fired++)
    test.mock.timers.tick(longest)
    assert.equal(fired, 0)
    test.mock.timers.tick(longest)
    assert.equal(fired, 0)
    test.mock.timers.tick(4)
    assert.equal(fired, 0)
    test.mock.timers.tick(1)
    assert.equal(fired, 1)
    test.mock.timers.tick(longest)
    assert.equal(fired, 1)
  })

  it("fires at once for what is past, and not at all when cancelled, in whichever piece", (test) => {
    test.mock.timers.enable({ apis: ["setTimeout"] })
    const longest = 2 ** 31 - 1
    let fired = 0
    systemClock.after(-5, () => fired++)
    test.mock.timers.tick(1)
    assert.equal(fired, 1)
    const early = systemClock.after(10, () => fired++)
    early.cancel()
    const late = systemClock.after(longest + 10, () => fired++)
    test.mock.timers.tick(longest)
    late.cancel()
    late.cancel()
    test.mock.timers.tick(longest)
    assert.equal(fired, 1)
  })

  it("goes on, and never back", () => {
    let before = systemClock.now()
    for (let i = 0; i < 1_000; i++) {
      const now = systemClock.now()
      assert.ok(now >= before)
      before = now
    }
    assert.ok(Math.abs(systemClock.wallNow() - Date.now()) < 1_000)
  })

  it("runs what is soon before what is deferred", async () => {
    const order: string[] = []
    await new Promise<void>((resolve) => {
      systemClock.defer(() => {
        order.push("deferred")
        resolve()
      })
      systemClock.soon(() => order.push("soon"))
      void Promise.resolve().then(() => order.push("promise"))
    })
    assert.deepEqual(order.toSorted(), ["deferred", "promise", "soon"])
    assert.equal(order.at(-1), "deferred")
  })
})
