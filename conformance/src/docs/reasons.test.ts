import assert from "node:assert/strict"
import { readdir, readFile } from "node:fs/promises"
import { describe, it } from "node:test"

const sources = new URL("../../../packages/farcall/src/", import.meta.url)
const page = await readFile(new URL("../../../docs/reasons.md", import.meta.url), "utf8")
const reasons = namesIn(await readFile(new URL("core/reason.ts", sources), "utf8"), /\| "(\w+)"/g)
const sections = page.split(/^### /m).slice(1)

describe("docs/reasons.md", () => {
  it("tells each reason that there is, and no other, in the order of the code", () => {
    assert.deepEqual(
      sections.map((section) => section.split("\n")[0]),
      reasons,
    )
    assert.equal(new Set(reasons).size, reasons.length)
  })

  for (const section of sections) {
    const name = section.split("\n")[0]!
    it(`${name}: what happened, why, and what to do`, () => {
      const [text] = section.slice(name.length).trim().split(/^## /m)
      const [what, why, advice] = text!.replace(/\s+/g, " ").split(/\*\*Why:\*\*|\*\*What to do:\*\*/)
      for (const part of [what, why, advice]) assert.ok(part !== undefined && part.trim().length > 8, text)
    })
  }

  it("tells only what the code says somewhere, and all of that", async () => {
    const said = new Set<string>()
    for (const path of await readdir(sources, { recursive: true })) {
      if (!path.endsWith(".ts") || path.endsWith(".test.ts")) continue
      // The list of them says none.
      const saying =
        path === "core/reason.ts" ? /withReason\("(FARCALL_[A-Z0-9_]+)"/g : /["`[](FARCALL_[A-Z0-9_]+)["\]]/g
      for (const name of namesIn(await readFile(new URL(path, sources), "utf8"), saying)) said.add(name)
    }
    // Variables of the environment are none.
    for (const name of said)
      if (name.startsWith("FARCALL_T") && /_(TRACE|TEST_TRANSPORT)$/.test(name)) said.delete(name)
    assert.deepEqual([...said].sort(), [...reasons].sort())
  })
})

function namesIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name]) => name!)
}
