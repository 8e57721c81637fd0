import { ensureInstalled } from "./install.mjs"
import { isMain, main, runNode, step } from "./step.mjs"

const usage = `npm run build

Compiles every package, example and test into its dist folder: tsc -b, so only what changed.`

/** Compiles the whole repository, or only the projects given and what they stand on. */
export function build(...projects) {
  const title = projects.length === 0 ? "building" : `building ${projects.join(", ")}`
  return step(title, () => runNode(["node_modules/typescript/bin/tsc", "-b", ...projects]))
}

if (isMain(import.meta)) {
  await main(usage, {}, async () => {
    await ensureInstalled()
    await build()
  })
}
