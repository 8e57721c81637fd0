import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { findCorpus } from "../compiler/corpus.js"
import { HELLO_PROTO } from "../compiler/hello.js"
import { type Figure, lessIsBetter } from "../measure/figure.js"
import { median } from "../measure/median.js"
import { runPinned } from "../measure/pinned-process.js"
import { protocProgram } from "../peers/protoc.js"
import type { CorpusTime } from "../processes/compile-corpus.js"
import { alternate } from "./alternate.js"
import { programs } from "./programs.js"
import type { Bench, Workload } from "./workload.js"

/** From .proto to descriptors and TypeScript: a hello world, and seven thousand files beside protoc. */
export const compiler: Workload = {
  name: "compiler",
  title: "compiler",
  async run(bench) {
    const folder = await mkdtemp(join(tmpdir(), "farcall-bench-compiler-"))
    try {
      return [
        await helloInProcess(bench),
        ...(await helloAsProcess(bench, folder)),
        ...(await wholeCorpus(bench, folder)),
      ]
    } finally {
      await rm(folder, { recursive: true })
    }
  },
}

const HELLO = "compiler, hello world"

async function helloInProcess({ cores, runs, progress }: Bench): Promise<Figure> {
  progress("compiler: hello world in process")
  const times: number[] = []
  for (let run = 0; run < runs; run++)
    times.push(Number(await runPinned(cores.load, process.execPath, [programs.compileHello])))
  return lessIsBetter(HELLO, "compile(), warm, ms", median(times), "goal", 10, 1)
}

/** A process each time, from its start to its end, with nothing there yet of what it writes. */
async function helloAsProcess(bench: Bench, folder: string): Promise<Figure[]> {
  const { load } = bench.cores
  await writeFile(join(folder, "hello.proto"), HELLO_PROTO)
  await runPinned(load, process.execPath, [programs.bundleCommands, dirname(programs.farcall)])
  const input = [`-I${folder}`, "hello.proto"]
  let count = 0
  const commands = {
    generate: () => [process.execPath, programs.farcall, "generate", "--out", join(folder, `gen${count++}`), ...input],
    compile: () => [process.execPath, programs.farcall, "compile", "-o", join(folder, "ours"), ...input],
    node: () => [process.execPath, "-e", "0"],
    protoc: () => [protocProgram, "-o", join(folder, "theirs"), ...input],
  }
  const names = Object.keys(commands) as (keyof typeof commands)[]
  const samples = await alternate(
    { ...bench, runs: 3 * bench.runs },
    "compiler, hello world as a process",
    names,
    async (name) => {
      const [command, ...args] = commands[name]() as [string, ...string[]]
      const begun = performance.now()
      await runPinned(load, command, args)
      return performance.now() - begun
    },
  )
  const of = (name: keyof typeof commands): number => median(samples[name])
  return [
    lessIsBetter(HELLO, "farcall generate, whole process, ms", of("generate"), "goal", 200, 1),
    lessIsBetter(HELLO, "farcall generate, whole process, ms", of("generate"), "node -e 0", of("node")),
    lessIsBetter(HELLO, "farcall compile, whole process, ms", of("compile"), "protoc", of("protoc")),
  ]
}

async function wholeCorpus(bench: Bench, folder: string): Promise<Figure[]> {
  bench.progress("compiler: grouping google-proto-files")
  const corpus = await findCorpus()
  const path = join(folder, "corpus.json")
  await writeFile(path, JSON.stringify(corpus))
  const { farcall, protoc } = await alternate(
    bench,
    "compiler, google-proto-files",
    ["farcall", "protoc"],
    async (by): Promise<CorpusTime> => {
      const args = [programs.compileCorpus, "--corpus", path, "--by", by]
      return JSON.parse(await runPinned(bench.cores.load, process.execPath, args))
    },
  )
  const workload = `compiler, google-proto-files (${corpus.groups.flat().length} files)`
  const figure = (what: string, of: (time: CorpusTime) => number): Figure =>
    lessIsBetter(workload, what, median(farcall.map(of)), "protoc", median(protoc.map(of)), 0.5)
  return [figure("s", ({ seconds }) => seconds), figure("CPU s", ({ cpuSeconds }) => cpuSeconds)]
}
