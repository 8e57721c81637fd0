import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { GeneratedFile } from "./generate.js"

/** Writes files below a folder, which is made when it is not there. Returns the paths of those whose text changed. */
export function writeFiles(folder: string, files: readonly GeneratedFile[]): string[] {
  const changed: string[] = []
  for (const { path, text } of files) {
    const target = join(folder, path)
    // A file that stays as it is keeps its time, so that builds and watchers do not start for nothing.
    if (readText(target) === text) continue
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text)
    changed.push(path)
  }
  return changed
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8")
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined
    throw error
  }
}
