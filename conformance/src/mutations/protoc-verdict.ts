import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { BinaryReader } from "@bufbuild/protobuf/wire"
import { protocProgram } from "../protoc.js"

/** What protoc, or we, make of a file. */
export interface Verdict {
  /** Of the file alone, with source info; undefined: it is refused. */
  readonly descriptor: Uint8Array | undefined
  /** Whether the program broke down over it, as protoc's assertions make it do on some files: no verdict then. */
  readonly crashed: boolean
  /** Errors and warnings, one each. */
  readonly lines: readonly string[]
}

/** The .proto files that come with protoc. */
export const INCLUDE: string = join(dirname(createRequire(import.meta.url).resolve("protoc/package.json")), "include")

/** Asks protoc about one file at a time; several of these may ask at the same time. */
export class Protoc {
  readonly #scratch = mkdtempSync(join(tmpdir(), "farcall-mutations-"))

  /** @param source what stands in for the file `name` below `root`, as a byte string */
  async verdictOn(name: string, source: string, root: string): Promise<Verdict> {
    const folder = join(this.#scratch, "mutant")
    const out = join(this.#scratch, "descriptor")
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), source, "latin1")
    // In the folder itself, for protoc names a file by the path that it has on the disk.
    const paths = ["-I.", `-I${resolve(root)}`, `-I${INCLUDE}`]
    const { code, crashed, stderr } = await run(
      [...paths, "--include_source_info", `--descriptor_set_out=${out}`, name],
      folder,
    )
    const lines = stderr
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => withoutPath(line, [root, INCLUDE]))
    const descriptor = code === 0 ? onlyFileOf(readFileSync(out)) : undefined
    rmSync(folder, { recursive: true })
    return { descriptor, crashed, lines }
  }

  close(): void {
    rmSync(this.#scratch, { recursive: true })
  }
}

function withoutPath(line: string, roots: readonly string[]): string {
  const begin = roots.map((root) => join(root, "/")).find((path) => line.startsWith(path))
  return line.slice(begin?.length ?? 0)
}

interface Run {
  readonly code: number | null
  readonly crashed: boolean
  readonly stderr: string
}

async function run(args: readonly string[], cwd: string): Promise<Run> {
  const child = spawn(protocProgram(), args, { cwd, stdio: ["ignore", "ignore", "pipe"] })
  let stderr = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
  return await new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (code, signal) => resolve({ code, crashed: signal !== null, stderr }))
  })
}

/** The one file of a FileDescriptorSet. */
function onlyFileOf(set: Uint8Array): Uint8Array {
  const reader = new BinaryReader(set)
  reader.tag()
  return reader.bytes()
}
