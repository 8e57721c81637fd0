import { build } from "./build.mjs"
import { ensureInstalled } from "./install.mjs"
import { main, runNode } from "./step.mjs"

const usage = `npm run bench [-- NAME … --quick]

Measures us and our peers side by side, in turns: servers on one core, load on another, replies checked. Prints a table
of medians beside the goals, and writes them to bench/results/. Exit 1 only when something broke: figures are no tests.

  NAME          one workload, or several, in place of all: unary-4x100, unary-100x1, unary-client, sequential,
                server-stream, echo-4mib, prices, overhead, idle-streams, start, test-pairs, codec, compiler …
  --only NAME   the same
  --quick       short runs, for a first look (about two minutes)

Needs Linux with two cores, taskset (util-linux) and h2load (Debian and Ubuntu: apt-get install nghttp2-client).`

const options = { only: { type: "string", multiple: true }, quick: { type: "boolean" } }
const bench = async (flags, names) => {
  await ensureInstalled()
  await build("bench")
  const only = [...names, ...(flags.only ?? [])].flatMap((name) => ["--only", name])
  await runNode(["bench/dist/main.js", ...only, ...(flags.quick ? ["--quick"] : [])])
}
await main(usage, options, bench, { allowPositionals: true })
