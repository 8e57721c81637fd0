import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { Stream } from "./stream.js"
import { StreamTable } from "./stream-table.js"

const made = (id: number): Stream<undefined> => new Stream(id, undefined, 0, 0, 0)

test("it holds what a Map would, whatever comes and goes in whatever order", () => {
  // Ids that collide, beside those that follow one another as they do on a connection.
  const id = fc.oneof(
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 0, max: 40 }).map((n) => 1 + 64 * n),
  )
  const step = fc.record({ add: fc.boolean(), id })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const table = new StreamTable<undefined>()
      const map = new Map<number, Stream<undefined>>()
      for (const { add, id } of steps) {
        if (add && !map.has(id)) {
          const stream = made(id)
          map.set(id, stream)
          table.add(stream)
        } else if (!add) {
          map.delete(id)
          table.delete(id)
        }
        assert.equal(table.size, map.size)
        assert.equal(table.get(id), map.get(id))
      }
      for (const [id, stream] of map) assert.equal(table.get(id), stream)
      const expected = [...map.values()].sort((a, b) => a.id - b.id)
      assert.deepEqual(table.values(), expected)
    }),
    { numRuns: 300 },
  )
})

test("those that share a place are found whichever of them is taken out", () => {
  // Of sixteen places 1 and 33 belong to the first, 3 to the second, 31 and 63 to the last.
  for (const ids of permutations([1, 33, 3, 31, 63])) {
    for (const gone of ids) {
      const table = new StreamTable<undefined>()
      for (const id of ids) table.add(made(id))
      table.delete(gone)
      const found = ids.filter((id) => table.get(id)?.id === id)
      assert.deepEqual(
        found,
        ids.filter((id) => id !== gone),
        `${gone} of ${ids}`,
      )
    }
  }
})

function permutations(ids: readonly number[]): number[][] {
  if (ids.length === 0) return [[]]
  return ids.flatMap((first) => permutations(ids.filter((id) => id !== first)).map((rest) => [first, ...rest]))
}

test("a long-lived stream stays to be found while a hundred thousand pass by", () => {
  const table = new StreamTable<undefined>()
  const first = made(1)
  table.add(first)
  for (let id = 3; id < 200_000; id += 2) {
    table.add(made(id))
    if (id > 201) table.delete(id - 200)
  }
  assert.equal(table.get(1), first)
  assert.equal(table.get(3), undefined)
  assert.equal(table.values()[0], first)
})
