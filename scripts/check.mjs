import { build } from "./build.mjs"
import { generate } from "./generate.mjs"
import { ensureInstalled } from "./install.mjs"
import { CommandFailed, main, runNode, runNpm, step } from "./step.mjs"
import { runTests, scriptTests, testFiles } from "./test-files.mjs"

const usage = `npm run check

What must hold before every commit, in under two minutes: the lock file in order, the build, lint and format (Biome),
the house rules (import directions, no clocks outside clock.ts), generated files fresh, and the tests of packages and
examples. Goes through all of them and names those that failed.`

const checks = [
  ["lock file", () => step("checking package-lock.json", () => runNpm(["ci", "--dry-run"], { show: false }))],
  ["build", () => build()],
  ["lint and format", () => step("linting", () => runNode(["node_modules/@biomejs/biome/bin/biome", "check", "."]))],
  ["house rules", () => step("checking the house rules", () => runNode(["scripts/check-house.mjs"]))],
  ["generated files", () => generate({ check: true })],
  ["tests", () => step("testing packages and examples", unitTests)],
]

async function unitTests() {
  const files = [...(await testFiles(["packages", "examples"])), ...(await scriptTests())]
  await runTests(files, "dot")
}

await main(usage, {}, async () => {
  await ensureInstalled()
  const failed = []
  for (const [name, check] of checks) {
    try {
      await check()
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error
      console.error(`✗ ${error.message}`)
      failed.push(name)
      if (name === "build") break // The rest would only say the same, of the last build.
    }
  }
  if (failed.length > 0) throw new CommandFailed(`check failed: ${failed.join(", ")}`)
})
