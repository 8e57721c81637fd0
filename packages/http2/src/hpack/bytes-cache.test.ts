import assert from "node:assert/strict"
import { test } from "node:test"
import { BytesCache } from "./bytes-cache.js"

function keep(cache: BytesCache<string>, bytes: Uint8Array, value: string, weight = 0): void {
  for (let sight = 0; sight < 2; sight++) {
    if (cache.find(bytes, 0, bytes.length) === undefined) cache.offer(bytes, 0, bytes.length, value, weight)
  }
}

test("kept at the second sight, found wherever the bytes stand, changed or longer or shorter ones not", () => {
  const cache = new BytesCache<string>({ sets: 1, maxKeyLength: 10, maxWeight: 100 })
  const bytes = Uint8Array.of(1, 2, 3)
  assert.equal(cache.find(bytes, 0, 3), undefined)
  cache.offer(bytes, 0, 3, "first", 0)
  assert.equal(cache.size, 0)
  assert.equal(cache.find(bytes, 0, 3), undefined)
  cache.offer(bytes, 0, 3, "second", 0)
  bytes[0] = 9 // the key is a copy
  const moved = Uint8Array.of(0, 1, 2, 3, 4)
  assert.equal(cache.find(moved, 1, 4), "second")
  // With one set, only the keys can tell these from it.
  assert.equal(cache.find(moved, 1, 5), undefined)
  assert.equal(cache.find(moved, 1, 3), undefined)
  assert.equal(cache.find(moved, 0, 3), undefined)
  assert.equal(cache.find(moved, 1, 1), undefined)
})

test("a set keeps the two newest", () => {
  const cache = new BytesCache<string>({ sets: 1, maxKeyLength: 10, maxWeight: 100 })
  for (const byte of [1, 2, 3]) keep(cache, Uint8Array.of(byte), String(byte))
  assert.equal(cache.size, 2)
  assert.deepEqual(
    [1, 2, 3].map((byte) => cache.find(Uint8Array.of(byte), 0, 1)),
    [undefined, "2", "3"],
  )
})

test("keys above the length are not kept; above the weight everything is dropped", () => {
  const cache = new BytesCache<string>({ sets: 8, maxKeyLength: 3, maxWeight: 100 })
  keep(cache, new Uint8Array(4), "long")
  assert.equal(cache.size, 0)
  keep(cache, Uint8Array.of(1), "a", 60)
  assert.equal(cache.size, 1)
  keep(cache, Uint8Array.of(2), "b", 60)
  assert.equal(cache.size, 1)
  assert.equal(cache.find(Uint8Array.of(2), 0, 1), "b")
  cache.clear()
  assert.equal(cache.size, 0)
  assert.equal(cache.find(Uint8Array.of(2), 0, 1), undefined)
})

test("what gives way to newer ones no longer weighs", () => {
  const cache = new BytesCache<string>({ sets: 1, maxKeyLength: 3, maxWeight: 100 })
  for (let byte = 0; byte < 50; byte++) {
    keep(cache, Uint8Array.of(byte), String(byte), 30)
    assert.equal(cache.size, Math.min(byte + 1, 2))
  }
})
