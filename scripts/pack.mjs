import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join, posix, resolve } from "node:path"
import { build } from "./build.mjs"
import { bundled } from "./bundle.mjs"
import { ensureInstalled } from "./install.mjs"
import { isMain, main, root, runNpm, step } from "./step.mjs"

const usage = `npm run pack -- --out FOLDER

Packs the four packages as they are published, a .tgz each: to be published with \`npm publish FOLDER/NAME.tgz\`. What
programs import of http2, protobuf and farcall is bundled, since a program that reads 200 modules starts late for it.

  --out FOLDER   where to; it is made
  --no-build     of what was compiled last`

/**
 * The packages that are published. Of those that programs import at their start the modules are bundled, into one file
 * what the subpaths of `core` stand on; what has one subpath only is one file as it is.
 */
export const packages = [
  { name: "http2", core: [] },
  { name: "protobuf", core: [".", "./wire"] },
  { name: "farcall", core: ["."] },
  { name: "tools" },
]

/** Packs all packages into a folder, as they were compiled last. Returns the tarballs' paths, in the order of `packages`. */
export async function packAll(out) {
  await mkdir(out, { recursive: true })
  const staging = await mkdtemp(join(tmpdir(), "farcall-pack-"))
  try {
    const tarballs = []
    for (const { name, core } of packages) {
      const source = join(root, "packages", name)
      const folder = core === undefined ? source : await stage(source, join(staging, name), core)
      await runNpm(["pack", "--silent", "--pack-destination", out], { cwd: folder, show: false })
      tarballs.push(join(out, await tarballOf(source)))
    }
    return tarballs
  } finally {
    await rm(staging, { recursive: true })
  }
}

/**
 * Copies what is published of a package to `target`, and bundles what its `exports` name. It is done apart from `dist`,
 * where in a clone everything runs from what tsc wrote last.
 */
async function stage(source, target, core) {
  const { devDependencies: _, ...manifest } = await manifestOf(source)
  const paths = await publishedFiles(source)
  for (const path of paths.filter((path) => !path.endsWith(".js"))) await copyInto(target, source, path)
  await writeInto(target, "package.json", `${JSON.stringify(manifest, undefined, 2)}\n`)
  const entries = entryPoints(manifest.exports, paths)
  const roots = core.map((subpath) => posix.normalize(manifest.exports[subpath].default))
  for (const [path, text] of await bundled(source, entries, roots)) await writeInto(target, path, text)
  return target
}

async function copyInto(target, source, path) {
  await mkdir(dirname(join(target, path)), { recursive: true })
  await copyFile(join(source, path), join(target, path))
}

async function writeInto(target, path, text) {
  await mkdir(dirname(join(target, path)), { recursive: true })
  await writeFile(join(target, path), text)
}

/** The modules that `exports` let others import, of those that there are. */
function entryPoints(exports, paths) {
  const targets = Object.values(exports).flatMap((target) => target.default?.replace(/^\.\//, "") ?? [])
  return targets.flatMap((target) => {
    if (!target.includes("*")) return target
    const [before, after] = target.split("*")
    return paths.filter((path) => path.startsWith(before) && path.endsWith(after))
  })
}

/** The paths that `npm pack` takes by what the package says of itself. */
async function publishedFiles(folder) {
  const flags = ["--dry-run", "--ignore-scripts", "--json", "--loglevel=error"]
  const [{ files }] = JSON.parse(await runNpm(["pack", ...flags], { cwd: folder, show: false }))
  return files.map(({ path }) => path)
}

/** What `npm pack` calls its file. */
async function tarballOf(folder) {
  const { name, version } = await manifestOf(folder)
  return `${name.replace("@", "").replace("/", "-")}-${version}.tgz`
}

async function manifestOf(folder) {
  return JSON.parse(await readFile(join(folder, "package.json"), "utf8"))
}

if (isMain(import.meta)) {
  const flags = { out: { type: "string" }, "no-build": { type: "boolean" } }
  await main(usage, flags, async ({ out = "packed", "no-build": noBuild }) => {
    await ensureInstalled()
    if (!noBuild) await build()
    for (const tarball of await step("packing", () => packAll(resolve(out)))) console.log(tarball)
  })
}
