import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import { describe, it } from "node:test"
import ts from "typescript"

const root = new URL("../../../", import.meta.url)
const page = await readFile(new URL("docs/diagnostics-channels.md", root), "utf8")
const source = ts.createSourceFile(
  "diagnostics-events.ts",
  await readFile(new URL("packages/farcall/src/core/diagnostics-events.ts", root), "utf8"),
  ts.ScriptTarget.ES2023,
)
const interfaces = new Map(source.statements.filter(ts.isInterfaceDeclaration).map((one) => [one.name.text, one]))

describe("docs/diagnostics-channels.md", () => {
  it("has a row for each event, with its type and all that its message says", () => {
    const rows = page.matchAll(/^\| `(farcall:[a-z:]+)` \| [^|]+ \| `(\w+)` \| (.+) \|$/gm)
    const told = [...rows].map(([, name, type, fields]) => [
      name!,
      type!,
      [...fields!.matchAll(/`(\w+)`/g)].map(([, field]) => field!).sort(),
    ])
    const published = membersOf("DiagnosticsEvents").map(({ name, type }) => [name, type, fieldsOf(type).sort()])
    assert.deepEqual(told, published)
  })
})

describe("docs/tracing.md", () => {
  it("has a row for each area", async () => {
    const told = await readFile(new URL("docs/tracing.md", root), "utf8")
    const areas = await readFile(new URL("packages/farcall/src/trace/areas.ts", root), "utf8")
    const table = areas.slice(areas.indexOf("traceAreas = {"), areas.indexOf("} as const"))
    assert.deepEqual(
      [...told.matchAll(/^\| `(\w+)` \|/gm)].map(([, area]) => area!).sort(),
      [...table.matchAll(/^ {2}(\w+):/gm)].map(([, area]) => area!).sort(),
    )
  })
})

interface Member {
  readonly name: string
  readonly type: string
}

function membersOf(name: string): Member[] {
  return interfaces
    .get(name)!
    .members.filter(ts.isPropertySignature)
    .map((member) => ({ name: (member.name as ts.StringLiteral).text, type: member.type!.getText(source) }))
}

/** An interface's own, and those that it inherits. */
function fieldsOf(name: string): string[] {
  const bases = (interfaces.get(name)!.heritageClauses ?? []).flatMap(({ types }) => types)
  const inherited = bases.flatMap(({ expression }) => fieldsOf((expression as ts.Identifier).text))
  return [...inherited, ...membersOf(name).map((member) => member.name)]
}
