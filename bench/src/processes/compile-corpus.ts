import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { compile, encodeDescriptorSet } from "@farcall/tools/compile"
import { type Corpus, protocFlags } from "../compiler/corpus.js"
import { processCpuMicros } from "../measure/process-cpu.js"
import { protocInclude, protocProgram } from "../peers/protoc.js"

/** What this program prints, as JSON. */
export interface CorpusTime {
  readonly seconds: number
  /** Of this process and of those it started. */
  readonly cpuSeconds: number
}

/*
 * Compiles each group of a corpus from the disk, with imports and source info, and writes its descriptors; prints the
 * time that took. Starting protoc is part of its work, as starting this program is no part of ours: the whole of the
 * corpus takes a hundred times as long as either.
 */
const { values: flags } = parseArgs({ options: { corpus: { type: "string" }, by: { type: "string" } } })
const { folder, groups } = JSON.parse(readFileSync(flags.corpus!, "utf8")) as Corpus
const scratch = mkdtempSync(join(tmpdir(), "farcall-bench-"))
const out = join(scratch, "set")
const compileGroup = flags.by === "protoc" ? withProtoc : withFarcall

const begun = performance.now()
const cpuBefore = processCpuMicros(process.pid, { withChildren: true })
for (const names of groups) compileGroup(names)
const cpuSeconds = (processCpuMicros(process.pid, { withChildren: true }) - cpuBefore) / 1e6
const time: CorpusTime = { seconds: (performance.now() - begun) / 1000, cpuSeconds }
console.log(JSON.stringify(time))
rmSync(scratch, { recursive: true })

function withProtoc(names: readonly string[]): void {
  const { status } = spawnSync(protocProgram, [...protocFlags(folder, out), ...names], { stdio: "ignore" })
  if (status !== 0) throw new Error(`protoc ended with ${status} for ${names[0]} …`)
}

function withFarcall(files: readonly string[]): void {
  const result = compile({ files, read, includeSourceInfo: true })
  const wrong = result.diagnostics.find(({ severity }) => severity === "error")
  if (wrong) throw new Error(`${wrong.file}: ${wrong.message}`)
  writeFileSync(out, encodeDescriptorSet(result.files))
}

function read(name: string): Uint8Array | undefined {
  for (const root of [folder, protocInclude]) {
    try {
      return readFileSync(join(root, name))
    } catch {
      // It may be in the other.
    }
  }
  return undefined
}
