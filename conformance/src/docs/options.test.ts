import assert from "node:assert/strict"
import { readdir, readFile } from "node:fs/promises"
import { describe, it } from "node:test"
import ts from "typescript"

const root = new URL("../../../", import.meta.url)
const sources = new URL("packages/farcall/src/", root)
const page = await readFile(new URL("docs/options.md", root), "utf8")

/** An option as its interface has it. */
interface Option {
  readonly type: string
  /** What its docstring says of the default, if it names a value. */
  readonly default: string | undefined
}

/** Every `KnownOptions<X>`, which the compiler holds to the interface `X`. */
const tables = (await sourceTexts()).flatMap((text) => [...text.matchAll(/KnownOptions<(\w+)/g)])
const interfaces = await optionInterfaces()

describe("docs/options.md", () => {
  const sections = page.split(/^## /m).filter((section) => /^\| option \|/m.test(section))
  const titles = sections.map((section) => section.split("\n")[0]!)

  it("has a table for each interface of options that programs are given", async () => {
    const settings = new Set<string>()
    for (const folder of [
      "",
      "testing/",
      "interceptors/",
      "logging/",
      "ambient/",
      "opentelemetry/",
      "health/",
      "reflection/",
    ]) {
      const index = await readFile(new URL(`${folder}index.ts`, sources), "utf8")
      for (const [, name] of index.matchAll(/\b(\w+Options)\b/g)) settings.add(name!)
    }
    // What an error carries is no setting, nor what a channel gives its balancing policy; what both ways to authenticate
    // have is in the table of each.
    settings.delete("StatusErrorOptions")
    settings.delete("BalancingPolicyOptions")
    settings.delete("AuthenticationOptions")
    assert.deepEqual(
      [...settings].filter((name) => !titles.includes(name)),
      [],
    )
  })

  it("tells of options that the functions themselves look at: names that there are not are refused", () => {
    const looked = new Set([...tables].map(([, name]) => name))
    // Of each message; of what stands on fast-check alone; of two, one table of what both have.
    for (const name of ["WriteOptions", "ArbitraryOptions", "BearerOptions", "MutualTlsOptions"]) looked.add(name)
    assert.deepEqual(
      titles.filter((title) => !looked.has(title)),
      [],
    )
  })

  for (const [index, title] of titles.entries()) {
    it(`${title}: every option, with its type and default`, () => {
      const options = interfaces.get(title)
      assert.ok(options !== undefined, `there is no interface ${title}`)
      const rows = [...sections[index]!.matchAll(/^\| `(\w+)` \| `((?:[^`])+)` \| (.+?) \| (.+) \|$/gm)]
      const told = rows.map(([, name, type]) => `${name}: ${type!.replaceAll("\\|", "|")}`)
      const inTheCode = [...options].map(([name, { type }]) => `${name}: ${type}`)
      assert.deepEqual(told.sort(), inTheCode.sort())
      for (const [, name, , value] of rows) {
        const wanted = options.get(name!)!.default
        assert.ok(wanted === undefined || value!.includes(wanted), `${name}: the source says the default is ${wanted}`)
      }
    })
  }
})

async function sourceTexts(): Promise<string[]> {
  const paths = (await readdir(sources, { recursive: true })).filter(
    (path) => path.endsWith(".ts") && !path.endsWith(".test.ts"),
  )
  return Promise.all(paths.map((path) => readFile(new URL(path, sources), "utf8")))
}

/** The interfaces of options of the package, each with what it inherits. */
async function optionInterfaces(): Promise<Map<string, Map<string, Option>>> {
  const declared = new Map<string, ts.InterfaceDeclaration>()
  for (const text of await sourceTexts()) {
    ts.createSourceFile("source.ts", text, ts.ScriptTarget.ESNext, true).forEachChild((node) => {
      if (ts.isInterfaceDeclaration(node)) declared.set(node.name.text, node)
    })
  }
  const optionsOf = (name: string): [string, Option][] => {
    const declaration = declared.get(name)
    if (declaration === undefined) throw new Error(`there is no interface ${name}`)
    const inherited = declaration.heritageClauses?.flatMap(({ types }) => types) ?? []
    return [
      // `extends Base` and `extends Partial<Base>`
      ...inherited.flatMap((base) => optionsOf((base.typeArguments?.[0] ?? base.expression).getText())),
      ...declaration.members.filter(ts.isPropertySignature).map((member): [string, Option] => {
        const type = member
          .type!.getText()
          .replace(/\s+/g, " ")
          .replace(/ \| undefined$/, "")
        const doc = ts
          .getJSDocCommentsAndTags(member)
          .map((comment) => comment.getText())
          .join(" ")
        return [member.name.getText(), { type, default: /\bDefault:? (`[^`]+`|[\d.,]*\d|true|false)/.exec(doc)?.[1] }]
      }),
    ]
  }
  return new Map(
    [...declared.keys()]
      .filter((name) => name.endsWith("Options") || name.endsWith("Limits") || name === "TlsIdentity")
      .map((name) => [name, new Map(optionsOf(name))]),
  )
}
