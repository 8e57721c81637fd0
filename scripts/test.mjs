import { build } from "./build.mjs"
import { ensureInstalled } from "./install.mjs"
import { ensurePython } from "./python.mjs"
import { CommandFailed, main, runNode } from "./step.mjs"
import { testFiles } from "./test-files.mjs"

const usage = `npm test [-- --only TEXT]

Installs what is missing, builds, and runs every test: of the packages, the examples, and against Python's grpcio. What
is skipped for want of a tool is said at the end; with CI=true it is a failure.

  --only TEXT   only the test files whose path contains the text`

await main(usage, { only: { type: "string", default: "" } }, async ({ only }) => {
  await ensureInstalled()
  await build()
  const skipped = []
  const python = await ensurePython().catch((error) => {
    if (!(error instanceof CommandFailed)) throw error
    skipped.push(`the rows against Python (conformance/src/python-rows.test.ts): ${error.message}`)
    return ""
  })
  const files = (await testFiles(["packages", "examples", "bench", "conformance"])).filter((path) =>
    path.includes(only),
  )
  if (files.length === 0) throw new CommandFailed(`no test file's path contains ${JSON.stringify(only)}`)
  try {
    await runNode(["--test", "--test-reporter=spec", "--test-concurrency=2", ...files], {
      env: { FARCALL_PYTHON: python },
    })
  } finally {
    for (const what of skipped) console.log(`\nSKIPPED: ${what}`)
  }
  if (skipped.length > 0 && process.env.CI === "true") throw new CommandFailed("with CI=true nothing may be skipped")
})
