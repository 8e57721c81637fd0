import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { type VirtualClock, virtualClock } from "./virtual-clock.js"

/** A clock whose timers write down their name and the time. */
function scene(): { clock: VirtualClock; log: string[]; at(ms: number, name: string): void } {
  const clock = virtualClock()
  const log: string[] = []
  return { clock, log, at: (ms, name) => void clock.after(ms, () => log.push(`${name} ${clock.now()}`)) }
}

describe("a virtual clock", () => {
  it("stands still until it is told to go on", async () => {
    const { clock, log, at } = scene()
    at(10, "a")
    await clock.settle()
    assert.deepEqual([clock.now(), log], [0, []])
    await clock.advance(9)
    assert.deepEqual([clock.now(), log], [9, []])
    await clock.advance(1)
    assert.deepEqual([clock.now(), log], [10, ["a 10"]])
  })

  it("runs what falls due in order, and of one instant in the order of setting", async () => {
    const { clock, log, at } = scene()
    at(20, "third")
    at(10, "first")
    at(10, "second")
    await clock.advance(100)
    assert.deepEqual(log, ["first 10", "second 10", "third 20"])
    assert.equal(clock.now(), 100)
  })

  it("lets each timer's consequences happen before the next, further timers included", async () => {
    const { clock, log, at } = scene()
    clock.after(10, () => {
      void (async () => {
        for (let i = 0; i < 50; i++) await new Promise<void>((resolve) => clock.soon(resolve))
        for (let i = 0; i < 50; i++) await new Promise<void>((resolve) => clock.defer(resolve))
        log.push(`consequence ${clock.now()}`)
        at(5, "set on the way")
      })()
    })
    at(20, "later")
    await clock.advance(20)
    assert.deepEqual(log, ["consequence 10", "set on the way 15", "later 20"])
  })

  it("forgets a timer that is cancelled, by another that is due at the same time as well", async () => {
    const { clock, log, at } = scene()
    const other = clock.after(10, () => log.push("cancelled"))
    const first = clock.after(5, () => other.cancel())
    at(10, "kept")
    assert.equal(clock.pending, 3)
    await clock.advance(10)
    assert.deepEqual([log, clock.pending], [["kept 10"], 0])
    first.cancel()
  })

  it("goes on to the next timer", async () => {
    const { clock, log, at } = scene()
    assert.deepEqual([clock.untilNext, await clock.advanceToNext()], [undefined, undefined])
    at(1_800_000, "a")
    at(1_800_000, "b")
    at(1_800_001, "c")
    assert.equal(clock.untilNext, 1_800_000)
    assert.equal(await clock.advanceToNext(), 1_800_000)
    assert.deepEqual(log, ["a 1800000", "b 1800000"])
    assert.equal(await clock.advanceToNext(), 1)
    assert.equal(clock.pending, 0)
  })

  it("takes one step after the other", async () => {
    const { clock, log, at } = scene()
    at(10, "a")
    const steps = [clock.advance(5), clock.advance(5), clock.advanceToNext(), clock.advance(1)]
    assert.deepEqual(await Promise.all(steps), [undefined, undefined, undefined, undefined])
    assert.deepEqual([clock.now(), log], [11, ["a 10"]])
  })

  it("lets who sleeps sleep", async () => {
    const { clock } = scene()
    let woke: number | undefined
    void clock.sleep(60_000).then(() => {
      woke = clock.now()
    })
    await clock.advance(59_999)
    assert.equal(woke, undefined)
    await clock.advance(1)
    assert.equal(woke, 60_000)
  })

  it("has what a timer throws thrown by who advances, and goes on after it", async () => {
    const { clock, log, at } = scene()
    clock.after(1, () => {
      throw new Error("of the timer")
    })
    at(2, "next")
    await assert.rejects(clock.advance(2), /^Error: of the timer$/)
    await clock.advance(1)
    assert.deepEqual(log, ["next 2"])
  })

  it("does not go back, nor by what is no number", async () => {
    const { clock } = scene()
    await clock.advance(1)
    for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY, "5", undefined]) {
      const said = `TypeError: advance: ${String(ms)} is no number of milliseconds to go on by`
      await assert.rejects(clock.advance(ms as number), (error) => String(error) === said)
    }
    assert.equal(clock.now(), 1)
  })

  it("tells people the date that it is given", async () => {
    const clock = virtualClock({ wall: new Date("2026-02-28T23:59:59.500Z") })
    await clock.advance(500)
    assert.equal(new Date(clock.wallNow()).toISOString(), "2026-03-01T00:00:00.000Z")
    assert.throws(() => virtualClock({ wall: new Date("no") }), /^TypeError: virtualClock: wall is Invalid Date, and/)
  })
})
