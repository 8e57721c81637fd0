import { execFile } from "node:child_process"
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { type Figure, lessIsBetter } from "../measure/figure.js"
import { median } from "../measure/median.js"
import { runPinned } from "../measure/pinned-process.js"
import type { StartReport } from "../processes/start-report.js"
import { alternate } from "./alternate.js"
import type { Bench, Workload } from "./workload.js"

/** How soon a program can begin that has one generated service: from the packages as they are published, and from a clone. */
export const start: Workload = {
  name: "start",
  title: "start of a program",
  async run(bench) {
    const folder = await mkdtemp(join(tmpdir(), "farcall-bench-start-"))
    try {
      bench.progress(`${this.title}: packing`)
      await installPacked(folder)
      return await measure(bench, this.title, {
        published: join(folder, "start-farcall.js"),
        clone: processFile("start-farcall.js"),
        "grpc-js": processFile("start-grpc-js.js"),
        "nothing imported": processFile("start-nothing.js"),
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  },
}

const root: string = fileURLToPath(new URL("../../../", import.meta.url))

function processFile(name: string): string {
  return fileURLToPath(new URL(`../processes/${name}`, import.meta.url))
}

/** What `npm install` makes of our tarballs, beside the packages of others that there are. */
async function installPacked(folder: string): Promise<void> {
  const run = promisify(execFile)
  const modules = join(folder, "node_modules")
  await mkdir(join(modules, "@farcall"), { recursive: true })
  await mkdir(join(modules, "@bufbuild"))
  const { stdout } = await run(process.execPath, [join(root, "scripts/pack.mjs"), "--no-build", "--out", folder])
  for (const tarball of stdout.trim().split("\n")) {
    const [, name] = /farcall-(?:(\w+)-)?\d[^/]*\.tgz$/.exec(tarball)!
    const target = join(modules, name === undefined ? "farcall" : `@farcall/${name}`)
    await mkdir(target)
    await run("tar", ["-xzf", tarball, "-C", target, "--strip-components=1"])
  }
  await symlink(await realpath(join(root, "node_modules/@bufbuild/protobuf")), join(modules, "@bufbuild/protobuf"))
  // A copy: what is found behind a link looks for its packages in the clone.
  await cp(join(root, "examples/echo"), join(modules, "@farcall/example-echo"), {
    recursive: true,
    filter: (path) => !path.includes("node_modules"),
  })
  await cp(processFile("start-farcall.js"), join(folder, "start-farcall.js"))
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }))
}

type Program = "published" | "clone" | "grpc-js" | "nothing imported"

async function measure(bench: Bench, title: string, programs: Readonly<Record<Program, string>>): Promise<Figure[]> {
  const names = Object.keys(programs) as Program[]
  const samples = await alternate({ ...bench, runs: 3 * bench.runs }, title, names, async (name) => {
    const output = await runPinned(bench.cores.load, process.execPath, [programs[name]])
    return JSON.parse(output) as StartReport
  })
  const over = (name: Program, take: (report: StartReport) => number): number =>
    median(samples[name].map(take)) - median(samples["nothing imported"].map(take))
  const cpu = ({ cpuMicros }: StartReport): number => cpuMicros / 1000
  const called = ({ callingMicros }: StartReport): number => callingMicros / 1000
  const imported = ({ importedBytes }: StartReport): number => importedBytes / 2 ** 20
  const calling = ({ callingBytes }: StartReport): number => callingBytes / 2 ** 20
  const figures = [lessIsBetter(title, "CPU over node's own, ms", over("published", cpu), "goal", 40, 1)]
  for (const [what, take] of [
    ["CPU over node's own, ms", cpu],
    ["CPU over node's own until a call is answered, ms", called],
    ["MiB over node's own, imported", imported],
    ["MiB over node's own, server and client", calling],
  ] as const) {
    for (const peer of ["grpc-js", "clone"] as const) {
      figures.push(lessIsBetter(title, what, over("published", take), peer, over(peer, take)))
    }
  }
  return figures
}
