import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { build as bundle } from "esbuild"
import { build } from "./build.mjs"
import { ensureInstalled } from "./install.mjs"
import { isMain, main, root, runNpm, step } from "./step.mjs"

const usage = `npm run pack -- --out FOLDER

Packs the four packages as they are published, a .tgz each: to be published with \`npm publish FOLDER/NAME.tgz\`. What
programs import of http2, protobuf and farcall is bundled, since a program that reads 200 modules starts late for it.

  --out FOLDER   where to; it is made
  --no-build     of what was compiled last`

/** The packages that are published; of those that are imported when programs start, the modules are bundled. */
export const packages = [
  { name: "http2", bundled: true },
  { name: "protobuf", bundled: true },
  { name: "farcall", bundled: true },
  { name: "tools", bundled: false },
]

/** Packs all packages into a folder, as they were compiled last. Returns the tarballs' paths, in the order of `packages`. */
export async function packAll(out) {
  await mkdir(out, { recursive: true })
  const staging = await mkdtemp(join(tmpdir(), "farcall-pack-"))
  try {
    const tarballs = []
    for (const { name, bundled } of packages) {
      const source = join(root, "packages", name)
      const folder = bundled ? await stage(source, join(staging, name)) : source
      await runNpm(["pack", "--silent", "--pack-destination", out], { cwd: folder, show: false })
      tarballs.push(join(out, await tarballOf(source)))
    }
    return tarballs
  } finally {
    await rm(staging, { recursive: true })
  }
}

/**
 * Copies what is published of a package to `target`, and bundles what its `exports` name: an entry point each, and what
 * several of them share in chunks, so that a class is the same one whichever of them it is imported from. Other packages
 * are imported as ever. It is done apart from `dist`, where in a clone everything runs from what tsc wrote last.
 */
async function stage(source, target) {
  const { devDependencies: _, ...manifest } = await manifestOf(source)
  const paths = await publishedFiles(source)
  for (const path of paths.filter((path) => !path.endsWith(".js"))) {
    await mkdir(dirname(join(target, path)), { recursive: true })
    await copyFile(join(source, path), join(target, path))
  }
  await writeFile(join(target, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`)
  await bundle({
    entryPoints: entryPoints(manifest.exports, paths).map((path) => join(source, path)),
    outbase: join(source, "dist"),
    outdir: join(target, "dist"),
    chunkNames: "chunks/[hash]",
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    target: "node20.19",
    format: "esm",
    logLevel: "warning",
  })
  return target
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
