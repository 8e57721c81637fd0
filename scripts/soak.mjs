import { build } from "./build.mjs"
import { ensureInstalled } from "./install.mjs"
import { main, runNode } from "./step.mjs"

const usage = `npm run soak [-- --minutes N --seed S]

Mixed calls of all four kinds over sockets, with random cancels, deadlines, resets, lost connections, GOAWAYs and
reconnects. Checks that every call ends in exactly one status, that what was sent was received, and that at the end no
object, timer or listener is left. Exit 1 when anything is.

  --minutes N   how long (default 2)
  --seed S      of the chance (default: another each time, printed)`

const flags = { minutes: { type: "string", default: "2" }, seed: { type: "string" } }
await main(usage, flags, async ({ minutes, seed }) => {
  await ensureInstalled()
  await build("fuzz")
  const args = ["--minutes", minutes, ...(seed === undefined ? [] : ["--seed", seed])]
  await runNode(["--expose-gc", "--no-warnings", "fuzz/dist/soak/main.js", ...args])
})
