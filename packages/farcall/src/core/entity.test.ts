import assert from "node:assert/strict"
import { test } from "node:test"
import { virtualClock } from "../testing/virtual-clock.js"
import { Entity } from "./entity.js"
import { limits } from "./limits.js"
import { observe } from "./observation.js"

test("entities are numbered, and remember the last of what happened once somebody may look", () => {
  const clock = virtualClock()
  const [first, second] = [new Entity(clock), new Entity(clock)]
  assert.ok(second.id > first.id)
  first.record("info", "unseen")
  assert.deepEqual([first.eventCount, first.events], [0, []])

  observe()
  for (let i = 0; i < limits.traceEvents + 3; i++) first.record("info", `event ${i}`)
  assert.equal(first.eventCount, limits.traceEvents + 3)
  assert.equal(first.events.length, limits.traceEvents)
  assert.equal(first.events[0]!.text, "event 3")
  first.record("warning", "x".repeat(10 * limits.traceTextLength))
  assert.equal(first.events.at(-1)!.text.length, limits.traceTextLength)
  assert.deepEqual(second.events, [])
})
