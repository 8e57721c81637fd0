import { join, posix } from "node:path"
import { build } from "esbuild"

/** The file of what is the core of a package. */
const CORE = "dist/chunks/core.js"
/** What the others call it until they are written. */
const CORE_NAME = "core-of-this-package"

/**
 * The files that stand for modules of a package: an entry point for each of `entries`, one file for all that `roots`
 * import, and chunks for what else several entry points share. A module is in one of them only, so that a class is the
 * same one whichever entry point it is imported from. Other packages are imported as ever.
 *
 * The core is one file since each costs a program half a millisecond or more at its start, and esbuild by itself would
 * make a chunk of whatever has the same entry points around it: thirteen for `farcall`, at 12 ms.
 * @returns text by path, within the package
 */
export async function bundled(source, entries, roots) {
  const options = {
    absWorkingDir: source,
    bundle: true,
    write: false,
    metafile: true,
    packages: "external",
    platform: "node",
    target: "node20.19",
    format: "esm",
    logLevel: "warning",
  }
  const { metafile } = await build({ ...options, entryPoints: roots, outdir: "dist" })
  const modules = await exportsOf(Object.keys(metafile.inputs), options)
  const lines = [...modules].map(([path, names]) => `export { ${renamed(path, names, modules)} } from "./${path}"`)
  const whole = await build({ ...options, stdin: { contents: lines.join("\n"), resolveDir: source } })
  const files = new Map([[CORE, withNames(whole.outputFiles[0].text)]])
  const rest = await build({
    ...options,
    entryPoints: entries,
    outbase: "dist",
    outdir: "dist",
    chunkNames: "chunks/[hash]",
    splitting: true,
    plugins: [fromCore(source, modules)],
  })
  for (const { path, text } of rest.outputFiles) {
    const place = posix.relative(source, path)
    files.set(place, withNames(importingCore(text, place)))
  }
  return files
}

/** What each module exports, by its path. */
async function exportsOf(paths, options) {
  const { metafile } = await build({
    ...options,
    bundle: false,
    packages: undefined,
    entryPoints: paths,
    outdir: "out",
  })
  return new Map(Object.values(metafile.outputs).map(({ entryPoint, exports }) => [entryPoint, exports]))
}

/** The exports of a module under names that no other has. */
function renamed(path, names, modules) {
  const number = [...modules.keys()].indexOf(path)
  return names.map((name) => `${name} as ${name}_${number}`).join(", ")
}

/** Takes what is imported of the core's modules for imports of another package, and says which: `CORE_NAME:NUMBER`. */
function fromCore(source, modules) {
  const numbers = new Map([...modules.keys()].map((path, number) => [join(source, path), number]))
  return {
    name: "from-core",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, kind }) => {
        const number = numbers.get(join(resolveDir, path))
        if (number === undefined || kind === "entry-point") return undefined
        if (kind !== "import-statement") return { errors: [{ text: `${kind} of ${path}, which is in the core` }] }
        return { path: `${CORE_NAME}:${number}`, external: true, sideEffects: false }
      })
      onResolve({ filter: new RegExp(`^${CORE_NAME}:`) }, ({ path }) => ({ path, external: true, sideEffects: false }))
      // An entry point that is in the core itself exports all that is there of it.
      onLoad({ filter: /\.js$/ }, ({ path }) => {
        const number = numbers.get(path)
        if (number === undefined) return undefined
        const names = modules.get(posix.relative(source, path))
        return { contents: `export { ${names.join(", ")} } from "${CORE_NAME}:${number}"` }
      })
    },
  }
}

/** The text of a file with the core's own place and names in its imports. */
function importingCore(text, place) {
  const way = posix.relative(posix.dirname(place), CORE)
  const specifier = JSON.stringify(way.startsWith(".") ? way : `./${way}`)
  const pattern = new RegExp(`^(import|export) \\{([^}]*)\\} from "${CORE_NAME}:(\\d+)"`, "gm")
  const written = text.replace(pattern, (_, word, list, number) => {
    const names = list.split(",").map((item) => {
      const [name, as = name] = item.trim().split(" as ")
      return `${name}_${number} as ${as}`
    })
    return `${word} { ${names.join(", ")} } from ${specifier}`
  })
  if (written.includes(`"${CORE_NAME}:`)) throw new Error(`${place}: imports the core in a way that is not known`)
  return written
}

/**
 * The text with the names that classes have in the sources. Where one names itself, esbuild writes `var StatusError =
 * class _StatusError`: people would read that name in their errors.
 */
function withNames(text) {
  return text.replace(/^var (\w+) = class _(\w+)\b[\s\S]*?^\};/gm, (whole, outer, name) => {
    if (outer !== name && new RegExp(`\\b${name}\\b`).test(whole)) {
      throw new Error(`class ${name}: another of that name is spoken of in it`)
    }
    return whole.replace(new RegExp(`\\b_${name}\\b`, "g"), name)
  })
}
