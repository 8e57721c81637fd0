import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { readPage } from "./page.js"
import { pagePaths } from "./page-paths.js"

const root = fileURLToPath(new URL("../../../", import.meta.url))

/**
 * What the documentation and the examples speak of: the words of their code and of headings that are one word, and in prose
 * those that are no word of a language, having a capital within. Left out are the list of the names itself, and pages that
 * tell how things came to be.
 */
export async function spokenNames(): Promise<ReadonlySet<string>> {
  const spoken = new Set<string>()
  const hear = (text: string): void => {
    for (const [word] of text.matchAll(/[A-Za-z_$][\w$]*/g)) spoken.add(word)
  }
  for (const path of await pagePaths()) {
    if (/^docs\/(?:public-face\.md|roadmap\.md|decisions\/)|^CHANGELOG/.test(path)) continue
    const markdown = await readFile(join(root, path), "utf8")
    const { blocks, codeSpans } = readPage(path, markdown)
    for (const { text } of blocks) hear(text)
    for (const span of codeSpans) hear(span)
    for (const [word] of markdown.matchAll(/\b[A-Za-z]*[a-z0-9][A-Z]\w*/g)) spoken.add(word)
    for (const [, heading] of markdown.matchAll(/^#+ (\w+)$/gm)) spoken.add(heading!)
  }
  for (const path of await exampleSources()) hear(await readFile(join(root, path), "utf8"))
  return spoken
}

/** The programs of the examples that are written by hand. */
async function exampleSources(): Promise<string[]> {
  const paths = await readdir(join(root, "examples"), { recursive: true })
  return paths
    .map((path) => join("examples", path))
    .filter((path) => path.endsWith(".ts") && !/[\\/](?:node_modules|dist|gen)[\\/]/.test(path))
}
