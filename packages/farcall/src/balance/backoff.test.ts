import assert from "node:assert/strict"
import { test } from "node:test"
import { Backoff } from "./backoff.js"

test("without chance: 1 s × 1.6 up to 120 s", () => {
  const backoff = new Backoff({}, () => 0.5)
  const lengths = Array.from({ length: 13 }, () => Math.round(backoff.next()))
  assert.deepEqual(lengths, [1000, 1600, 2560, 4096, 6554, 10486, 16777, 26844, 42950, 68719, 109951, 120000, 120000])
  backoff.reset()
  assert.equal(backoff.next(), 1000)
})

test("chance moves all but the first by a fifth at most, either way", () => {
  const low = new Backoff({}, () => 0)
  const high = new Backoff({}, () => 1)
  assert.deepEqual([low.next(), low.next()].map(Math.round), [1000, 1280])
  assert.deepEqual([high.next(), high.next()].map(Math.round), [1000, 1920])
})

test("parameters outside their range are refused", () => {
  assert.throws(() => new Backoff({ initialMs: -1 }), {
    name: "RangeError",
    message: "backoff.initialMs is -1, and must be at least 0",
  })
  assert.throws(() => new Backoff({ multiplier: 0.9 }), /backoff.multiplier is 0.9, and must be at least 1/)
  assert.throws(() => new Backoff({ jitter: 1.1 }), /backoff.jitter is 1.1, and must be at least 0, at most 1/)
  assert.throws(() => new Backoff({ maxMs: Number.NaN }), /backoff.maxMs is NaN/)
})
