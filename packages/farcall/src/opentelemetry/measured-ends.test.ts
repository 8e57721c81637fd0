import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { ServerCallStart } from "../core/call-tracer.js"
import { nextTurn, systemClock } from "../core/clock.js"
import { okStatus } from "../core/status.js"
import { CountedClock } from "../test-support/counted-clock.js"
import { type EndMeasure, MeasuredEnds } from "./measured-ends.js"

function callOf(path: string, clock: CountedClock): ServerCallStart {
  const call: Partial<ServerCallStart> = { path, clock }
  return call as ServerCallStart
}

describe("the ends of a server's calls", () => {
  it("are measured when the turn is over in which they were, by one reading of the clock", async () => {
    const clock = new CountedClock()
    const ends = new MeasuredEnds((error) => assert.fail(String(error)))
    const measured: string[] = []
    const by: EndMeasure = { measure: ({ path }, { code }, at) => void measured.push(`${path} ${code} ${at}`) }
    ends.add(callOf("a", clock), okStatus, by)
    const { readings } = clock
    clock.time = 5
    await Promise.resolve()
    ends.add(callOf("b", clock), okStatus, by)
    assert.deepEqual(measured, [])
    await nextTurn(systemClock)
    assert.deepEqual(measured, ["a OK 5", "b OK 5"])
    assert.equal(clock.readings, readings + 1)
    clock.time = 9
    ends.add(callOf("c", clock), okStatus, by)
    await nextTurn(systemClock)
    assert.deepEqual(measured, ["a OK 5", "b OK 5", "c OK 9"])
  })

  it("are measured by the clock of their call", async () => {
    const [one, other] = [new CountedClock(), new CountedClock()]
    other.time = 100
    const ends = new MeasuredEnds((error) => assert.fail(String(error)))
    const measured: string[] = []
    const by: EndMeasure = { measure: ({ path }, _status, at) => void measured.push(`${path} ${at}`) }
    for (const [path, clock] of [
      ["a", one],
      ["b", other],
      ["c", one],
    ] as const)
      ends.add(callOf(path, clock), okStatus, by)
    await nextTurn(systemClock)
    assert.deepEqual(measured.sort(), ["a 0", "b 100", "c 0"])
  })

  it("are all measured, though one cannot be", async () => {
    const errors: unknown[] = []
    const ends = new MeasuredEnds((error) => errors.push(error))
    const call = callOf("a", new CountedClock())
    const fault = new Error("this instrument fails")
    let measured = 0
    const fails: EndMeasure = {
      measure() {
        throw fault
      },
    }
    ends.add(call, okStatus, fails)
    ends.add(call, okStatus, { measure: () => void measured++ })
    await nextTurn(systemClock)
    assert.deepEqual(errors, [fault])
    assert.equal(measured, 1)
  })
})
