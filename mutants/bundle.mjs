import { writeFile } from "node:fs/promises"
import { build } from "esbuild"

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
  packages: "external",
  define: { "import.meta.url": "undefined" },
  metafile: true,
  logLevel: "error",
})
const imports = metafile.outputs["tests.cjs"].imports.map(({ path }) => path)
await writeFile("imports.json", JSON.stringify([...new Set(imports)]))
