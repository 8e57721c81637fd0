import { statSync } from "node:fs"
import { join } from "node:path"
import { globExpression, posix } from "./glob.js"
import { InputError } from "./input-error.js"
import { protosBelow } from "./proto-folder.js"

/** The .proto files that a command line or a configuration names. */
interface ProtoFiles {
  /** Their paths, each once. */
  readonly files: readonly string[]
  /** The folders that were looked through for them, where others may appear. */
  readonly folders: readonly string[]
  /** The folders that were named themselves, when nothing else was. */
  readonly roots: readonly string[]
}

/**
 * Finds the files that are meant: by their paths, by folders (every .proto file below), or by patterns, in which `*` and
 * `?` stand for anything but a slash, `**` for any folders, `[a-c]` for one of some characters, `{a,b}` for one of some
 * texts. What begins with `!` takes away again. Folders called `node_modules` and those that begin with a dot are left
 * out unless they are named.
 * @throws InputError when a folder or a pattern has no file
 */
export function findProtoFiles(inputs: readonly string[]): ProtoFiles {
  const excluded = inputs.filter((input) => input.startsWith("!")).map((input) => globExpression(input.slice(1)))
  const named = inputs.filter((input) => !input.startsWith("!"))
  const files = new Set<string>()
  const folders = new Set<string>()
  for (const input of named) {
    const found = filesOf(input, folders)
    if (found.length === 0) throw new InputError(`${input}: no .proto file is there`)
    for (const file of found) if (!excluded.some((pattern) => pattern.test(posix(file)))) files.add(file)
  }
  const roots = named.every(isFolder) ? named : []
  return { files: [...files], folders: [...folders], roots }
}

function filesOf(input: string, folders: Set<string>): string[] {
  if (isFolder(input)) return filesBelow(input, folders)
  if (!/[*?[{]/.test(input) || statSync(input, { throwIfNoEntry: false }) !== undefined) return [input]
  const pattern = posix(input)
  const base = pattern.slice(0, pattern.search(/[^/]*[*?[{]/))
  const expression = globExpression(pattern)
  return filesBelow(base === "" ? "." : base, folders).filter((file) => expression.test(posix(file)))
}

function filesBelow(folder: string, folders: Set<string>): string[] {
  return [...protosBelow(folder, (below) => folders.add(join(folder, below)))].map((name) => join(folder, name))
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
