// Joins each command and all that it imports into one file, in the folder given or in dist/commands: what is published.
// Run by npm before it packs. Beside it go the licences of the packages that are in it.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const dist = fileURLToPath(new URL("../dist/", import.meta.url))
const outdir = process.argv[2] ?? `${dist}commands`

// The names of shared files come from what is in them: those of the last time would stay.
rmSync(outdir, { recursive: true, force: true })
const { metafile } = await build({
  entryPoints: { farcall: `${dist}cli/main.js`, "protoc-gen-farcall": `${dist}cli/protoc-gen-farcall.js` },
  outdir,
  bundle: true,
  splitting: true,
  metafile: true,
  platform: "node",
  target: "node20.19",
  format: "esm",
  // Commander is CommonJS, which asks for Node's own modules by `require`.
  banner: { js: 'import { createRequire } from "node:module"\nconst require = createRequire(import.meta.url)' },
  logLevel: "warning",
})

/** The packages in the bundle: their folders, and the files of each. */
const packages = new Map()
for (const input of Object.keys(metafile.inputs)) {
  const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]
  if (folder !== undefined) packages.set(folder, [...(packages.get(folder) ?? []), input])
}
writeFileSync(join(outdir, "LICENSES.txt"), [...packages].map(([folder, files]) => licence(folder, files)).join("\n\n"))

/** What a package says of its licence: its file LICENSE, or the comments at the head of its modules. */
function licence(folder, files) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  const path = join(folder, "LICENSE")
  const heads = new Set(files.map((file) => /^(?:\/\/.*\n)*/.exec(readFileSync(file, "utf8"))[0].trim()))
  const text = existsSync(path) ? readFileSync(path, "utf8").trim() : [...heads].join("\n\n")
  return `${name} ${version}, ${license}\n\n${text}\n`
}
