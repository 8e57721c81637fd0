import { existsSync, readFileSync, statSync } from "node:fs"
import { delimiter, join, relative, resolve, sep } from "node:path"
import { Option } from "commander"
import { isVirtualPath } from "../compile/index.js"

/** A file on the command line cannot be compiled; the message is for the user. */
export class InputError extends Error {}

/** The folders in which imports are looked for, in order. */
export class SearchPath {
  private readonly folders: readonly string[]

  /** Without folders, the working directory. Says on stderr when a folder does not exist. */
  constructor(folders: readonly string[]) {
    this.folders = folders.length > 0 ? folders : ["."]
    for (const folder of this.folders) {
      if (!existsSync(folder)) console.error(`${folder}: warning: directory does not exist.`)
    }
  }

  /** The contents of the first file that an import of this name can mean. */
  read(name: string): Uint8Array | undefined {
    const path = this.find(name)
    return path === undefined ? undefined : readFileSync(path)
  }

  /** Where on the disk that file is. */
  find(name: string): string | undefined {
    if (!isVirtualPath(name)) return undefined
    return this.folders.map((folder) => join(folder, name)).find(isFile)
  }

  /**
   * The name by which a file given on the command line would be imported.
   * @throws InputError when it is not there, in none of the folders, or hidden by another of the same name.
   */
  nameOf(file: string): string {
    if (!existsSync(file)) {
      if (this.find(file) !== undefined) return file
      throw new InputError(`Could not make proto path relative: ${file}: No such file or directory`)
    }
    if (!isFile(file)) throw new InputError(`Could not map to virtual file: ${file}: Input file is a directory.`)
    const name = this.folders.map((folder) => relativeInside(folder, file)).find((inside) => inside !== undefined)
    if (name === undefined) {
      throw new InputError(
        `${file}: File does not reside within any path specified using --proto_path (or -I).  You must specify a ` +
          "--proto_path which encompasses this file.",
      )
    }
    const found = this.find(name)
    if (found !== undefined && resolve(found) !== resolve(file)) {
      throw new InputError(
        `${file}: Input is shadowed in the --proto_path by "${found}".  Either use the latter file as your input or ` +
          "reorder the --proto_path so that the former file's location comes first.",
      )
    }
    return name
  }
}

/** `-I DIR`, of every command that reads .proto files. */
export function searchPathOption(): Option {
  return new Option("-I, --proto_path <dir>", "where to look for imports; several are searched in order")
    .argParser(splitSearchPath)
    .default([], "the working directory")
}

/** Gathers the values of `-I`: each may name several folders, as PATH does. */
function splitSearchPath(value: string, before: readonly string[]): string[] {
  return [...before, ...value.split(delimiter)]
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

/** The path from the folder to the file, with forward slashes; undefined when the file is not below the folder. */
function relativeInside(folder: string, file: string): string | undefined {
  const path = relative(folder, file)
  return path === ".." || path.startsWith(`..${sep}`) || resolve(path) === path ? undefined : path.replaceAll(sep, "/")
}
