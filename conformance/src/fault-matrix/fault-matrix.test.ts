import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { memoryScene } from "./memory-scene.js"
import { runCell } from "./run-cell.js"
import { faultMatrix } from "./table.js"

const cells = await faultMatrix()

describe("the fault matrix, in memory", () => {
  for (const name of new Set(cells.map(({ row }) => row.name))) {
    it(`${name}: every call, at every point, ends as docs/faults.md has it`, async () => {
      const wrong: string[] = []
      for (const cell of cells.filter(({ row }) => row.name === name)) wrong.push(...(await runCell(cell, memoryScene)))
      assert.deepEqual(wrong, [])
    })
  }
})
