import { readdir } from "node:fs/promises"
import { join, relative, sep } from "node:path"
import { CommandFailed, root, runNode, testEnvironment } from "./step.mjs"

/**
 * The compiled test files of the workspaces in `parents` (`packages`, `examples`, `bench`, `conformance`), in that
 * order. They are found by their sources, so that a test whose source is gone does not run, and one that did not compile
 * is missed. Tests stand beside the code in `src`, or apart from it in `test`.
 */
export async function testFiles(parents) {
  const files = []
  for (const workspace of await workspacesIn(parents)) {
    for (const [sources, compiled] of [
      ["src", "dist"],
      ["test", "dist/test"],
    ]) {
      for (const path of (await testsBelow(join(root, workspace, sources))).sort()) {
        files.push(join(workspace, compiled, path.replace(/\.ts$/, ".js")))
      }
    }
  }
  return files
}

/** How long a file of tests may take: far more than any needs, so that what hangs is a failure. */
const testTimeoutMs = 180_000

/** Runs test files, two at a time. @throws CommandFailed when any test failed. */
export async function runTests(files, reporter, env) {
  try {
    const flags = ["--test", `--test-reporter=${reporter}`, "--test-concurrency=2", `--test-timeout=${testTimeoutMs}`]
    await runNode([...flags, ...files], { env: { ...testEnvironment, ...env } })
  } catch (error) {
    throw error instanceof CommandFailed ? new CommandFailed("tests failed", error.exitCode) : error
  }
}

/** The tests of these scripts themselves. */
export async function scriptTests() {
  const names = await readdir(join(root, "scripts"))
  return names.filter((name) => name.endsWith(".test.mjs")).map((name) => join("scripts", name))
}

async function workspacesIn(parents) {
  const workspaces = []
  for (const parent of parents) {
    const names = await readdir(join(root, parent)).catch(() => [])
    if (names.includes("package.json")) workspaces.push(parent)
    else workspaces.push(...names.map((name) => join(parent, name)))
  }
  return workspaces
}

async function testsBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))
    .map((entry) => relative(folder, join(entry.path, entry.name)))
    .filter((path) => !path.split(sep).includes("node_modules"))
}
