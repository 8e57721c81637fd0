import assert from "node:assert/strict"
import { readdir, readFile } from "node:fs/promises"
import { relative, resolve } from "node:path"
import { describe, it } from "node:test"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const page = await readFile(`${root}docs/checklist.md`, "utf8")

interface Row {
  readonly point: number
  /** The test files that it names. */
  readonly files: readonly string[]
}

const rows: readonly Row[] = [...page.matchAll(/^\| (\d+) \| (.+) \| ([^|]*) \|$/gm)].map(([, point, , tests]) => ({
  point: Number(point),
  files: [...tests!.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => relative(root, resolve(root, "docs", link!))),
}))

/** For each point, the files that have a test whose name begins with its number. */
const tested = await testedPoints()

describe("docs/checklist.md", () => {
  it("has the sixty points, in order", () => {
    assert.deepEqual(
      rows.map(({ point }) => point),
      Array.from({ length: 60 }, (_, i) => i + 1),
    )
  })

  for (const { point, files } of rows) {
    it(`${point}. is shown by tests that are named by its number, in the files that the page names`, () => {
      assert.deepEqual([...files].sort(), [...(tested.get(point) ?? [])].sort())
      assert.ok(files.length > 0, "there is none")
    })
  }

  it("has every number that a test is named by", () => {
    assert.deepEqual(
      [...tested.keys()].filter((point) => point < 1 || point > 60),
      [],
    )
  })
})

async function testedPoints(): Promise<Map<number, Set<string>>> {
  const found = new Map<number, Set<string>>()
  const sources = (await readdir(`${root}packages/farcall/src`, { recursive: true })).filter((name) =>
    name.endsWith(".test.ts"),
  )
  for (const source of sources) {
    const path = `packages/farcall/src/${source}`
    const text = await readFile(root + path, "utf8")
    for (const [, from, word, to] of text.matchAll(/\b(?:it|test|describe)\(\s*["'`](\d+)(?: (and|to) (\d+))?\. /g)) {
      const last = Number(to ?? from)
      for (let point = Number(from); point <= last; point += word === "and" ? Math.max(1, last - point) : 1) {
        const files = found.get(point) ?? new Set()
        found.set(point, files.add(path))
      }
    }
  }
  return found
}
