import { execFile } from "node:child_process"
import { readdir } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname } from "node:path"
import { promisify } from "node:util"
import { protocInclude, protocProgram } from "../peers/protoc.js"

/** Every .proto file of npm's google-proto-files, some seven thousand, in groups that can be compiled in one run. */
export interface Corpus {
  readonly folder: string
  readonly groups: readonly (readonly string[])[]
}

/** Files that define the same names cannot be compiled together: groups that protoc refuses are halved. */
export async function findCorpus(): Promise<Corpus> {
  const folder = dirname(createRequire(import.meta.url).resolve("google-proto-files/package.json"))
  const names = (await readdir(folder, { recursive: true }))
    .filter((name) => name.endsWith(".proto") && !name.startsWith("node_modules/"))
    .sort()
  const groups: string[][] = []
  for (let i = 0; i < names.length; i += GROUP) groups.push(...(await compilable(folder, names.slice(i, i + GROUP))))
  return { folder, groups }
}

/** What both compilers are told, but for the files: to write what they find, with all positions and comments. */
export function protocFlags(folder: string, out: string): string[] {
  const flags = ["--include_imports", "--include_source_info", `--descriptor_set_out=${out}`]
  return [`-I${folder}`, `-I${protocInclude}`, ...flags]
}

/** Enough that starting protoc does not count, few enough that names seldom meet. */
const GROUP = 250

async function compilable(folder: string, names: string[]): Promise<string[][]> {
  try {
    await promisify(execFile)(protocProgram, [...protocFlags(folder, "/dev/null"), ...names], { maxBuffer: 1e8 })
    return [names]
  } catch {
    if (names.length === 1) return [] // It is wrong by itself.
    const middle = names.length >> 1
    return [...(await compilable(folder, names.slice(0, middle))), ...(await compilable(folder, names.slice(middle)))]
  }
}
