import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { CountedClock } from "../test-support/counted-clock.js"
import { nextTurn, systemClock } from "./clock.js"
import { currentTurn } from "./turn.js"

describe("turns by which calls are timed", () => {
  it("read the clock when they are first asked for, and when their promise reactions are done", async () => {
    const clock = new CountedClock()
    const turn = currentTurn(clock)
    clock.time = 5
    await Promise.resolve()
    assert.equal(currentTurn(clock), turn)
    clock.time = 7
    assert.equal(turn.endedAt, undefined)
    await nextTurn(systemClock)
    assert.deepEqual([turn.begunAt, turn.endedAt], [0, 7])
    assert.equal(clock.readings, 2)
    clock.time = 9
    const next = currentTurn(clock)
    await nextTurn(systemClock)
    assert.deepEqual([next.begunAt, next.endedAt, turn.endedAt], [9, 9, 7])
    assert.equal(clock.readings, 4)
  })

  it("are told apart by their clocks", async () => {
    const [one, other] = [new CountedClock(), new CountedClock()]
    other.time = 100
    const turns = [one, other, one].map((clock) => currentTurn(clock))
    await nextTurn(systemClock)
    assert.deepEqual(
      turns.map(({ endedAt }) => endedAt),
      [0, 100, 0],
    )
  })

  it("run what waits for their end, once, in order", async () => {
    const clock = new CountedClock()
    const turn = currentTurn(clock)
    const told: string[] = []
    turn.whenOver((at) => told.push(`a ${at}`))
    clock.time = 3
    turn.whenOver((at) => told.push(`b ${at}`))
    assert.deepEqual(told, [])
    await nextTurn(systemClock)
    await nextTurn(systemClock)
    assert.deepEqual(told, ["a 3", "b 3"])
  })
})
