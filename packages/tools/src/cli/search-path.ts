import { existsSync, readFileSync, statSync } from "node:fs"
import { basename, delimiter, dirname, join, relative, resolve, sep } from "node:path"
import { Option } from "commander"
import { closest } from "../compile/did-you-mean.js"
import { isVirtualPath } from "../compile/virtual-path.js"
import { InputError } from "./input-error.js"
import { protosBelow } from "./proto-folder.js"
import type { Report } from "./report.js"

/** The folders in which imports are looked for, in order. */
export class SearchPath {
  private readonly folders: readonly string[]

  /** Without folders, the working directory. The report is told of folders that do not exist. */
  constructor(folders: readonly string[], report: Report) {
    this.folders = folders.length > 0 ? folders : ["."]
    for (const folder of this.folders) {
      if (!existsSync(folder)) report.problem("warning", `${folder}: directory does not exist.`)
    }
  }

  /**
   * The contents of the first file that an import of this name can mean.
   * @throws Error for the user when it is there and cannot be read
   */
  read(name: string): Uint8Array | undefined {
    const path = this.find(name)
    if (path === undefined) return undefined
    try {
      return readFileSync(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EACCES") throw new Error(`Read access is denied for file: ${path}`)
      throw error
    }
  }

  /** The names of the .proto files there are in the folders, some thousands at most. */
  list(): string[] {
    const names: string[] = []
    for (const folder of this.folders) {
      for (const name of protosBelow(folder, undefined, MOST_FOLDERS)) {
        if (names.length === MOST_FILES) return names
        names.push(name)
      }
    }
    return names
  }

  /** Where on the disk that file is. */
  find(name: string): string | undefined {
    return isVirtualPath(name) ? this.pathsOf(name).find(isFile) : undefined
  }

  /** Where on the disk it is looked for. */
  pathsOf(name: string): string[] {
    return this.folders.map((folder) => join(folder, name))
  }

  /** The names of all these files; the report is told of those that have none. */
  namesOf(files: readonly string[], report: Report): string[] {
    return files.flatMap((file) => {
      try {
        return [this.nameOf(file)]
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        report.problem("error", error.message, error.hint)
        return []
      }
    })
  }

  /**
   * The name by which a file given on the command line would be imported.
   * @throws InputError when it is not there, in none of the folders, or hidden by another of the same name.
   */
  nameOf(file: string): string {
    if (!existsSync(file)) {
      if (this.find(file) !== undefined) return file
      throw new InputError(
        `Could not make proto path relative: ${file}: No such file or directory`,
        suggestFile(file, this.list()),
      )
    }
    if (!isFile(file)) {
      const files = `say its files: \`${join(file, "*.proto")}\``
      throw new InputError(`Could not map to virtual file: ${file}: Input file is a directory.`, files)
    }
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

/** A file called the same in another folder, or one whose name is like it: beside it, or among those that can be imported. */
function suggestFile(file: string, names: readonly string[]): string | undefined {
  const folder = dirname(file)
  const beside = [...protosBelow(folder, undefined, 1)].map((name) => join(folder, name))
  const elsewhere = names.find((name) => basename(name) === basename(file))
  const found = elsewhere ?? closest(file, [...beside, ...names])
  return found && `did you mean \`${found}\`?`
}

const MOST_FILES = 20_000
const MOST_FOLDERS = 16
