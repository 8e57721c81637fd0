import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { memoryScene } from "./memory-scene.js"
import { oneOfEach, runMatrix } from "./run-matrix.js"
import { socketScene } from "./socket-scene.js"
import { faultMatrix } from "./table.js"

const cells = await faultMatrix()

describe("the fault matrix of docs/faults.md, in memory", () => {
  for (const name of new Set(cells.map(({ row }) => row.name))) {
    it(`${name}: each call, struck at each point`, async () => {
      const row = cells.filter((cell) => cell.row.name === name)
      assert.deepEqual(await runMatrix(row, memoryScene, 1), [])
    })
  }
})

describe("the fault matrix, over sockets, one cell of each fault", () => {
  it("in plaintext", async () => {
    assert.deepEqual(await runMatrix(oneOfEach(cells, 0), (options) => socketScene(options, false), 20), [])
  })

  it("over TLS", async () => {
    assert.deepEqual(await runMatrix(oneOfEach(cells, 1), (options) => socketScene(options, true), 20), [])
  })
})
