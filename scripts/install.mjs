import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { root, runNpm, step } from "./step.mjs"

/** Installs the npm packages when one that package-lock.json names is not there, or not in its version. */
export async function ensureInstalled() {
  if (await isInstalled()) return
  await step("installing packages: npm ci", () => runNpm(["ci", "--no-fund", "--no-audit", "--loglevel=error"]))
}

async function isInstalled() {
  const wanted = (await readLock("package-lock.json"))?.packages
  const present = (await readLock("node_modules/.package-lock.json"))?.packages
  if (wanted === undefined || present === undefined) return false
  for (const [path, entry] of Object.entries(wanted)) {
    // An optional package may be one for another machine.
    if (!path.includes("node_modules/") || (entry.optional && present[path] === undefined)) continue
    const found = present[path]
    if (found === undefined || found.version !== entry.version) return false
    if (entry.link && found.resolved !== entry.resolved) return false
  }
  return true
}

async function readLock(path) {
  try {
    return JSON.parse(await readFile(join(root, path), "utf8"))
  } catch {
    return undefined
  }
}
