import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import { build } from "./build.mjs"
import { ensureInstalled } from "./install.mjs"
import { CommandFailed, isMain, main, root, runNode, step } from "./step.mjs"

const usage = `npm run generate [-- --check]

Generates TypeScript from .proto files: in every workspace with a folder proto/ and a folder src/gen/, from the one
into the other. Files that would not change are left alone, those that no .proto makes are removed.

  --check   changes nothing, names what is stale, and ends with exit 1 when anything is`

/** What the generator makes; other files of a src/gen folder, such as its tsconfig.json, are kept by hand. */
const generatedName = /_(pb|codec|grpc)\.ts$/

/** Generates every src/gen folder anew; with `check`, only says what would change. */
export async function generate({ check = false } = {}) {
  await build("packages/tools")
  await step(check ? "checking generated files" : "generating from .proto files", async () => {
    const stale = []
    for (const workspace of await contractWorkspaces()) stale.push(...(await generateOne(workspace, check)))
    if (check && stale.length > 0) {
      throw new CommandFailed(`stale generated files, to be mended by npm run generate:\n  ${stale.join("\n  ")}`)
    }
    for (const path of stale) console.error(`  ${path}`)
  })
}

async function contractWorkspaces() {
  const folders = ["bench", "conformance"]
  for (const parent of ["packages", "examples"]) {
    for (const entry of await readdir(join(root, parent), { withFileTypes: true })) {
      if (entry.isDirectory()) folders.push(`${parent}/${entry.name}`)
    }
  }
  const withContract = []
  for (const folder of folders) {
    const [protos, generated] = await Promise.all([
      filesIn(join(root, folder, "proto")),
      filesIn(join(root, folder, "src/gen")),
    ])
    if (protos.some((name) => name.endsWith(".proto")) && generated.length > 0) withContract.push(folder)
  }
  return withContract
}

/** Generates into a temporary folder, and brings over what differs; returns the paths that differed. */
async function generateOne(workspace, check) {
  const protoFolder = join(root, workspace, "proto")
  const target = join(root, workspace, "src/gen")
  const protos = (await filesIn(protoFolder)).filter((name) => name.endsWith(".proto"))
  const fresh = await mkdtemp(join(tmpdir(), "farcall-generate-"))
  try {
    await runNode(["packages/tools/dist/cli/main.js", "generate", "-I", protoFolder, "--out", fresh, ...protos], {
      show: false,
    })
    const differing = []
    for (const name of new Set([...(await filesIn(fresh)), ...(await filesIn(target))])) {
      if (!generatedName.test(name)) continue
      const [made, kept] = await Promise.all([textOf(join(fresh, name)), textOf(join(target, name))])
      if (made === kept) continue
      differing.push(relative(root, join(target, name)))
      if (!check) await put(join(target, name), made)
    }
    return differing
  } finally {
    await rm(fresh, { recursive: true })
  }
}

async function put(path, text) {
  if (text === undefined) return rm(path)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

async function textOf(path) {
  try {
    return await readFile(path, "utf8")
  } catch (error) {
    if (error.code === "ENOENT") return undefined
    throw error
  }
}

/** The files in and below a folder, relative to it; none when there is no such folder. */
async function filesIn(folder) {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.path, entry.name)))
  } catch (error) {
    if (error.code === "ENOENT") return []
    throw error
  }
}

if (isMain(import.meta)) {
  await main(usage, { check: { type: "boolean" } }, async (flags) => {
    await ensureInstalled()
    await generate(flags)
  })
}
