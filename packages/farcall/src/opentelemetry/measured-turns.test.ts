import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { type Clock, nextTurn, systemClock } from "../core/clock.js"
import { MeasuredTurns } from "./measured-turns.js"

/** A clock that stands still but for what is added, and counts how often it is read. */
class CountedClock implements Clock {
  time = 0
  readings = 0
  wallNow = systemClock.wallNow
  after = systemClock.after
  hold = systemClock.hold
  soon = systemClock.soon
  defer = systemClock.defer

  now(): number {
    this.readings++
    return this.time
  }
}

function unexpected(error: unknown): void {
  throw error
}

describe("turns by which calls are measured", () => {
  it("read the clock once, when their promise reactions are done", async () => {
    const clock = new CountedClock()
    const turns = new MeasuredTurns(unexpected)
    const measured: string[] = []
    const end = (call: string) => turns.current(clock).add({ measure: (at) => void measured.push(`${call} ${at}`) })
    const turn = turns.current(clock)
    end("a")
    clock.time = 5
    await Promise.resolve()
    end("b")
    clock.time = 7
    assert.equal(turn.endedAt, undefined)
    assert.deepEqual(measured, [])
    await nextTurn(systemClock)
    assert.equal(turn.endedAt, 7)
    assert.deepEqual(measured, ["a 7", "b 7"])
    assert.equal(clock.readings, 1)
    clock.time = 9
    end("c")
    await nextTurn(systemClock)
    assert.deepEqual(measured, ["a 7", "b 7", "c 9"])
    assert.equal(turn.endedAt, 7)
    assert.equal(clock.readings, 2)
  })

  it("are told apart by their clocks", async () => {
    const [one, other] = [new CountedClock(), new CountedClock()]
    other.time = 100
    const turns = new MeasuredTurns(unexpected)
    const began = [one, other, one].map((clock) => turns.current(clock))
    await nextTurn(systemClock)
    assert.deepEqual(
      began.map(({ endedAt }) => endedAt),
      [0, 100, 0],
    )
  })

  it("go on behind what throws", async () => {
    const errors: unknown[] = []
    const turns = new MeasuredTurns((error) => errors.push(error))
    const turn = turns.current(new CountedClock())
    let measured = 0
    const fault = new Error("this instrument fails")
    turn.add({
      measure() {
        throw fault
      },
    })
    turn.add({ measure: () => void measured++ })
    await nextTurn(systemClock)
    assert.deepEqual(errors, [fault])
    assert.equal(measured, 1)
  })
})
