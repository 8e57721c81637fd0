import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join, relative, resolve } from "node:path"
import { build } from "./build.mjs"
import { ensureInstalled } from "./install.mjs"
import { CommandFailed, isMain, main, root, runNode, step, twoAtATime } from "./step.mjs"

const usage = `npm run generate [-- --check]

Generates TypeScript from .proto files: in every workspace with a folder proto/ and a folder src/gen/, from the one
into the other; and the codecs of the well-known types. Files that would not change are left alone, those that nothing
makes any more are removed. Then writes docs/public-face.md, the names that the packages export, and the pictures of
docs/ways.

  --check   changes nothing, names what is stale, and ends with exit 1 when anything is`

/** What generators make; other files of a src/gen folder, such as its tsconfig.json, are kept by hand. */
const generatedName = /_(pb|codec|grpc)\.ts$/

/** Generates every src/gen folder anew; with `check`, only says what would change. */
export async function generate({ check = false } = {}) {
  await build("packages/tools")
  await step(check ? "checking generated files" : "generating from .proto files", async () => {
    const stale = []
    await twoAtATime(await generators(), async (generator) => stale.push(...(await bringUpToDate(generator, check))))
    stale.sort()
    if (check && stale.length > 0) {
      throw new CommandFailed(`stale generated files, to be mended by npm run generate:\n  ${stale.join("\n  ")}`)
    }
    for (const path of stale) console.error(`  ${path}`)
  })
}

/** Held by tests, so that a change of what is exported shows in review, and one of names in the pictures. */
async function writePages() {
  await build()
  await step("listing the public names", () => runNode(["conformance/dist/docs/write-public-face.js"]))
  await step("drawing the ways", () => runNode(["conformance/dist/docs/ways/write-ways.js"]))
}

/** What there is to generate: the folder that is kept, and the command that makes it anew in another one. */
async function generators() {
  const found = [{ target: "packages/protobuf/src/gen", command: (out) => ["packages/protobuf/generate.mjs", out] }]
  for (const workspace of await workspaces()) {
    const target = `${workspace}/src/gen`
    const protoFolder = `${workspace}/proto`
    const protos = (await filesIn(protoFolder)).filter((name) => name.endsWith(".proto"))
    if (protos.length === 0 || (await filesIn(target)).length === 0) continue
    // `enum` is not erasable: what is compiled with a workspace's own code has objects instead.
    const enums = (await filesIn(target)).includes("tsconfig.json") ? "enum" : "object"
    const flags = ["-I", protoFolder, "--enums", enums]
    const command = (out) => ["packages/tools/dist/cli/main.js", "generate", ...flags, "--out", out, ...protos]
    found.push({ target, command })
  }
  return found
}

async function workspaces() {
  const folders = ["bench", "conformance", "conformance/connect", "conformance/interop"]
  for (const parent of ["packages", "examples"]) {
    for (const entry of await readdir(join(root, parent), { withFileTypes: true })) {
      if (entry.isDirectory()) folders.push(`${parent}/${entry.name}`)
    }
  }
  return folders
}

/** Generates into a temporary folder, and brings over what differs; returns the paths that differed. */
async function bringUpToDate({ target, command }, check) {
  const fresh = await mkdtemp(join(tmpdir(), "farcall-generate-"))
  try {
    await runNode(command(fresh), { show: false })
    const differing = []
    for (const name of new Set([...(await filesIn(fresh)), ...(await filesIn(target))])) {
      if (!generatedName.test(name)) continue
      const [made, kept] = await Promise.all([textOf(join(fresh, name)), textOf(join(root, target, name))])
      if (made === kept) continue
      differing.push(`${target}/${name}`)
      if (!check) await put(join(root, target, name), made)
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

/** The files in and below a folder (from the root, or absolute), relative to it; none when there is no such folder. */
async function filesIn(folder) {
  const absolute = resolve(root, folder)
  try {
    const entries = await readdir(absolute, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => relative(absolute, join(entry.path, entry.name)))
  } catch (error) {
    if (error.code === "ENOENT") return []
    throw error
  }
}

if (isMain(import.meta)) {
  await main(usage, { check: { type: "boolean" } }, async (flags) => {
    await ensureInstalled()
    await generate(flags)
    if (!flags.check) await writePages()
  })
}
