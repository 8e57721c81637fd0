import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { build } from "./build.mjs"
import { ensureInstalled } from "./install.mjs"
import { ensurePython } from "./python.mjs"
import { CommandFailed, main, root } from "./step.mjs"
import { runTests, scriptTests, testFiles } from "./test-files.mjs"

const usage = `npm test [-- --only TEXT]

Installs what is missing, builds, and runs every test: of the packages, the examples, against hostile peers, and against
Python's grpcio. What is skipped for want of a tool is said at the end; with CI=true it is a failure.

  --only TEXT   only the test files whose path contains the text`

await main(usage, { only: { type: "string", default: "" } }, async ({ only }) => {
  await ensureInstalled()
  await build()
  let wanting = ""
  const python = await ensurePython().catch((error) => {
    if (!(error instanceof CommandFailed)) throw error
    wanting = error.message
    return ""
  })
  const all = [...(await testFiles(["packages", "examples", "bench", "conformance", "fuzz"])), ...(await scriptTests())]
  const files = all.filter((path) => path.includes(only))
  if (files.length === 0) throw new CommandFailed(`no test file's path contains ${JSON.stringify(only)}`)
  try {
    await runTests(files, "spec", { FARCALL_PYTHON: python })
  } finally {
    if (wanting !== "") {
      console.log(`\nSKIPPED, all or in part: ${wanting}`)
      for (const path of await filesThatName("FARCALL_PYTHON", files)) console.log(`  ${path}`)
    }
  }
  if (wanting !== "" && process.env.CI === "true") throw new CommandFailed("with CI=true nothing may be skipped")
})

/** The tests that are told by an environment variable of a tool that they need. */
async function filesThatName(variable, files) {
  const texts = await Promise.all(files.map((path) => readFile(join(root, path), "utf8")))
  return files.filter((_, i) => texts[i].includes(variable))
}
