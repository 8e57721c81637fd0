import assert from "node:assert/strict"
import { readdir, readFile } from "node:fs/promises"
import { describe, it } from "node:test"

const root = new URL("../../../", import.meta.url)
const page = await readFile(new URL("docs/mutants.md", root), "utf8")
const parts = (await readdir(new URL("mutants/parts/", root))).map((name) => name.replace(/\.json$/, ""))

describe("docs/mutants.md", () => {
  const rows = new Map([...page.matchAll(/^\| ([\w-]+) \| (\d.*) \|$/gm)].map(([, part, cells]) => [part!, cells!]))

  it("has the totals of every part", () => {
    assert.deepEqual([...rows.keys()].sort(), parts.sort())
  })

  for (const [part, cells] of rows) {
    it(`${part}: its totals add up, and the tests notice 80 % of its mutants`, () => {
      const [mutants, killed, timedOut, survived, noCoverage, equal, score] = cells.split(" | ").map(Number.parseFloat)
      assert.equal(killed! + timedOut! + survived! + noCoverage! + equal!, mutants)
      assert.equal(Math.floor((1000 * (killed! + timedOut!)) / (mutants! - equal!)) / 10, score)
      assert.ok(score! >= 80)
    })
  }
})
