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

// One cell of each fault is run by `npm run conformance`.
describe("the fault matrix, over sockets, some cells", () => {
  const some = oneOfEach(cells, 0).filter((_, i) => i % 4 === 0)

  it("in plaintext", async () => {
    assert.deepEqual(await runMatrix(some, (options) => socketScene(options, false), some.length), [])
  })

  it("over TLS", async () => {
    assert.deepEqual(await runMatrix(some, (options) => socketScene(options, true), some.length), [])
  })
})
