import { existsSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join, relative } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { build } from "esbuild"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const sandbox = process.cwd()

/** A test of another workspace meets the sandbox's sources where it imports the package, and its own files by its URL. */
const sandboxed = {
  name: "sandboxed",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(@farcall\/|farcall)/ }, ({ path }) => {
      const built = relative(root, createRequire(join(root, "package.json")).resolve(path))
      const source = join(sandbox, built.replace("/dist/", "/src/").replace(/\.js$/, ".ts"))
      return existsSync(source) ? { path: source } : undefined
    })
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const url = JSON.stringify(pathToFileURL(join(root, relative(sandbox, path))).href)
      return { contents: (await readFile(path, "utf8")).replaceAll("import.meta.url", url), loader: "ts" }
    })
  },
}

/**
 * `node bundle.mjs FILE …`, in Stryker's sandbox: puts the test files and what they import together in `tests.cjs`, and
 * writes the names of the packages that stay outside of it to `imports.json`. Types are nobody's concern here.
 */
const { metafile } = await build({
  stdin: {
    contents: process.argv
      .slice(2)
      .map((file) => `import ${JSON.stringify(`./${file}`)}`)
      .join("\n"),
    resolveDir: process.cwd(),
  },
  outfile: "tests.cjs",
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node20",
  // As modules are, which a script is not.
  banner: { js: '"use strict"' },
  packages: "external",
  plugins: [sandboxed],
  metafile: true,
  logLevel: "error",
})
const imports = metafile.outputs["tests.cjs"].imports.map(({ path }) => path)
await writeFile("imports.json", JSON.stringify([...new Set(imports)]))
