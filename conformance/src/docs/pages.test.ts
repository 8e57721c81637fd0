import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { readdir, readFile } from "node:fs/promises"
import { dirname, join, posix } from "node:path"
import { before, describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { type Block, headingAnchors, type Page, readPage } from "./page.js"
import { pagePaths } from "./page-paths.js"
import { Workbench } from "./workbench.js"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const pages = await Promise.all((await pagePaths()).map(async (path) => readPage(path, await textOf(path))))

describe("the documentation", { concurrency: 2 }, () => {
  let scripts: Set<string>
  let sources: Set<string>
  let contract: Block
  before(async () => {
    scripts = new Set(Object.keys(JSON.parse(await textOf("package.json")).scripts))
    sources = await sourcePaths()
    const readme = pages.find(({ path }) => path === "README.md")!
    contract = readme.blocks.find(({ language }) => language === "proto")!
  })

  for (const page of pages) {
    it(`${page.path}: what it links to is there`, async () => {
      for (const link of page.links) await mustExist(page, link)
    })

    it(`${page.path}: the commands and files that it names exist`, () => {
      for (const words of [...page.codeSpans, ...page.blocks.flatMap(shellLines)]) {
        const script = /^npm (?:run )?(start|test|[a-z]+)\b/.exec(words)?.[1]
        const known = script === undefined || npmCommands.has(script) || scripts.has(script)
        assert.ok(known, `${words}: package.json has no script ${script}`)
        if (/^[\w./-]+\/[\w.-]+\.(ts|mjs|json)$/.test(words)) assert.ok(isSource(words, page), `there is no ${words}`)
      }
      for (const { language, text, line } of page.blocks.filter((block) => block.file === undefined)) {
        if (language !== "text") continue
        for (const [name] of text.matchAll(/[\w.-]+(?:\/[\w.-]+)+\.ts\b/g)) {
          assert.ok(isSource(name, page), `${page.path}:${line}: there is no ${name}`)
        }
      }
    })

    const hasCode = page.blocks.some(({ language }) => language === "ts" || language === "console")
    if (hasCode && !page.path.startsWith("examples/")) {
      it(`${page.path}: its code compiles and does what it says`, async () => {
        const workbench = await Workbench.make(root, page)
        try {
          await workbench.layOut(contract)
          await workbench.typeCommands()
          await workbench.typeCheck()
        } finally {
          await workbench.remove()
        }
      })
    }
  }

  /** A file by its path from the root, from its page's folder, from `packages`, or from the `src` of any workspace. */
  function isSource(name: string, page: Page): boolean {
    return (
      existsSync(join(root, name)) ||
      existsSync(join(root, dirname(page.path), name)) ||
      sources.has(`packages/${name}`) ||
      [...sources].some((path) => path.endsWith(`/src/${name}`))
    )
  }
})

/** Of npm itself, rather than of package.json. */
const npmCommands = new Set(["ci", "create", "exec", "init", "install", "pack", "pkg"])

async function sourcePaths(): Promise<Set<string>> {
  const paths = new Set<string>()
  for (const parent of ["packages", "examples", "bench", "conformance"]) {
    for (const entry of await readdir(join(root, parent), { recursive: true, withFileTypes: true })) {
      if (!entry.name.endsWith(".ts")) continue
      const path = join(entry.path, entry.name).slice(root.length).replaceAll("\\", "/")
      if (!/\/(dist|node_modules)\//.test(path)) paths.add(path)
    }
  }
  return paths
}

async function mustExist(page: Page, link: string): Promise<void> {
  if (/^https?:/.test(link)) return
  const [path, anchor] = link.split("#") as [string, string | undefined]
  const target = path === "" ? page.path : posix.join(dirname(page.path), path)
  assert.ok(existsSync(join(root, target)), `${page.path} links to ${link}, which is not there`)
  if (anchor !== undefined) {
    assert.ok(headingAnchors(await textOf(target)).has(anchor), `${page.path} links to ${link}: no such heading`)
  }
}

function shellLines({ language, text }: Block): string[] {
  return language === "sh" || language === "console" ? text.split("\n").map((line) => line.replace(/^\$ /, "")) : []
}

function textOf(path: string): Promise<string> {
  return readFile(join(root, path), "utf8")
}
