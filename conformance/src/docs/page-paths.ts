import { existsSync } from "node:fs"
import { readdir } from "node:fs/promises"
import { join, posix } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../../", import.meta.url))

/** The pages of the documentation, from the repository's root: its own, those in docs, and the README of each workspace. */
export async function pagePaths(): Promise<string[]> {
  const paths = (await readdir(root)).filter((name) => name.endsWith(".md"))
  for (const name of await readdir(join(root, "docs"), { recursive: true })) {
    if (name.endsWith(".md")) paths.push(posix.join("docs", name))
  }
  paths.push("examples/README.md")
  for (const parent of ["packages", "examples"]) {
    for (const name of await readdir(join(root, parent))) {
      const path = posix.join(parent, name, "README.md")
      if (existsSync(join(root, path))) paths.push(path)
    }
  }
  return paths.sort()
}
