import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** A module as it is on the disk, with what each of its imports leads to. */
export interface Module {
  readonly url: string
  readonly text: string
  /** The URL of each specifier as it is written. */
  readonly imports: ReadonlyMap<string, string>
}

/**
 * A module and all that it imports, by their URLs.
 * @throws Error when one of them is Node's own: nothing but Node has these
 */
export function moduleGraph(entry: string): Map<string, Module> {
  const modules = new Map<string, Module>()
  const waiting = [entry]
  for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) {
    if (modules.has(url)) continue
    const text = readFileSync(fileURLToPath(url), "utf8")
    const imports = new Map<string, string>()
    for (const [, specifier] of text.matchAll(IMPORT)) {
      const target = specifier!.startsWith(".") ? new URL(specifier!, url).href : import.meta.resolve(specifier!)
      if (!target.startsWith("file:")) throw new Error(`${url} imports ${specifier}`)
      imports.set(specifier!, target)
      waiting.push(target)
    }
    modules.set(url, { url, text, imports })
  }
  return modules
}

/** Compiled modules: a declaration begins a line, or follows the brace that ends its names. */
const IMPORT = /^(?:import|export|\})(?:[^"'\n]*?\bfrom)?\s*["']([^"']+)["']/gm

/** The path under which a server shows a module: that from the root of the workspace. */
export function servedPath(url: string): string {
  const root = new URL("../../../", import.meta.url).href
  if (!url.startsWith(root)) throw new Error(`${url} is not below ${root}`)
  return `/${url.slice(root.length)}`
}

/** A module with its imports by the paths a server shows them under, for browsers do not know packages. */
export function servedText({ text, imports }: Module): string {
  return text.replace(IMPORT, (statement, specifier: string) => {
    const path = servedPath(imports.get(specifier)!)
    return statement.slice(0, statement.lastIndexOf(specifier)) + path + statement.at(-1)
  })
}
