import { readFile } from "node:fs/promises"
import { join, posix } from "node:path"
import { build, transform } from "esbuild"

/** What a module is called, by its number, in imports that do not know its file yet. */
const MODULE = "module-of-this-package"

/**
 * The files that stand for modules of a package: an entry point for each of `entries`, a few files for all that `roots`
 * import, and chunks for what else several entry points share. A module is in one of them only, so that a class is the
 * same one whichever entry point it is imported from. Other packages are imported as ever.
 *
 * What the roots import is in one file, the core, but for what they import by `import()`, when they come to need it: that
 * has a file each, the first of which holds what they share. Each file costs a program half a millisecond or more at its
 * start, the more the deeper its folder, for Node looks for a package.json in each; and esbuild by itself would make a
 * chunk of whatever has the same entry points around it: thirteen for `farcall`, at 12 ms.
 *
 * Comments are left out: they are in the sources and the declarations, and V8 reads every character of a module.
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
  const layers = layersOf(metafile.inputs, roots)
  const modules = await modulesOf(layers, options)
  const files = new Map()
  for (const { file, paths, late } of layers) {
    const lines = paths.map((path) => `export { ${renamed(path, modules)} } from "./${path}"`)
    if (late !== undefined) lines.push(`export * from "./${late}"`)
    const earlier = (module) => module.file !== file
    const { outputFiles } = await build({
      ...options,
      stdin: { contents: lines.join("\n"), resolveDir: source },
      plugins: [fromLayers(source, modules, earlier)],
    })
    files.set(file, outputFiles[0].text)
  }
  const rest = await build({
    ...options,
    entryPoints: entries,
    outbase: "dist",
    outdir: "dist",
    chunkNames: "chunks/[hash]",
    splitting: true,
    plugins: [fromLayers(source, modules, () => true)],
  })
  for (const { path, text } of rest.outputFiles) {
    const file = posix.relative(source, path)
    if (files.has(file)) throw new Error(`${file} is an entry point, and a layer too`)
    files.set(file, text)
  }
  for (const [file, text] of files) files.set(file, withNames(withFiles(text, file, modules)))
  return files
}

/** The files of what `roots` import, in an order in which each imports earlier ones only. */
function layersOf(inputs, roots) {
  const imports = (path, kind) => inputs[path].imports.filter((one) => one.kind === kind && !one.external)
  const reachOf = (paths) => {
    const reached = new Set(paths)
    // A set goes on to what is added to it meanwhile.
    for (const path of reached) for (const one of imports(path, "import-statement")) reached.add(one.path)
    return reached
  }
  const known = new Set()
  const layer = (name, from, late) => {
    const paths = [...reachOf(from)].filter((path) => !known.has(path))
    for (const path of paths) known.add(path)
    return { file: `dist/${name}.js`, paths, late }
  }
  const core = layer("core", roots)
  const late = new Set(core.paths.flatMap((path) => imports(path, "dynamic-import").map((one) => one.path)))
  const layers = [core, ...[...late].map((path) => layer(posix.basename(path, ".js"), [path], path))]
  return layers.filter(({ paths }) => paths.length > 0)
}

/** The modules of all layers by their path: the number of each, what it exports, and its file. */
async function modulesOf(layers, options) {
  const paths = layers.flatMap((layer) => layer.paths)
  const { metafile } = await build({
    ...options,
    bundle: false,
    packages: undefined,
    entryPoints: paths,
    outdir: "out",
  })
  const names = new Map(Object.values(metafile.outputs).map(({ entryPoint, exports }) => [entryPoint, exports]))
  const files = new Map(layers.flatMap(({ file, paths }) => paths.map((path) => [path, file])))
  const late = new Map(layers.map(({ file, late }) => [late, file]))
  return new Map(
    paths.map((path, number) => [
      path,
      { number, names: names.get(path), file: files.get(path), isLate: late.has(path) },
    ]),
  )
}

/** The exports of a module under names that no other has. */
function renamed(path, modules) {
  const { names, number } = modules.get(path)
  return names.map((name) => `${name} as ${name}_${number}`).join(", ")
}

/**
 * Takes what is imported of modules that are in other files for imports of another package, and says which:
 * `MODULE:NUMBER`. The others are read without their comments.
 */
function fromLayers(source, modules, isElsewhere) {
  const byPath = new Map([...modules].map(([path, module]) => [join(source, path), module]))
  return {
    name: "from-layers",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, kind }) => {
        const module = byPath.get(join(resolveDir, path))
        if (module === undefined || kind === "entry-point") return undefined
        const late = kind === "dynamic-import" && module.isLate
        if (!late && !isElsewhere(module)) return undefined
        if (!late && kind !== "import-statement")
          return { errors: [{ text: `${kind} of ${path}, which is in a layer` }] }
        return { path: `${MODULE}:${module.number}`, external: true, sideEffects: false }
      })
      onResolve({ filter: new RegExp(`^${MODULE}:`) }, ({ path }) => ({ path, external: true, sideEffects: false }))
      onLoad({ filter: /\.js$/ }, async ({ path }) => {
        const module = byPath.get(path)
        // An entry point that is in a layer exports all that is there of it.
        if (module !== undefined && isElsewhere(module)) {
          return { contents: `export { ${module.names.join(", ")} } from "${MODULE}:${module.number}"` }
        }
        const { code } = await transform(await readFile(path, "utf8"), { minifyWhitespace: true })
        return { contents: code }
      })
    },
  }
}

/** The text of a file with the files of others, and the names in them, in its imports. */
function withFiles(text, file, modules) {
  const byNumber = new Map([...modules.values()].map((module) => [module.number, module]))
  const specifierOf = (number) => {
    const way = posix.relative(posix.dirname(file), byNumber.get(Number(number)).file)
    return JSON.stringify(way.startsWith(".") ? way : `./${way}`)
  }
  const statement = new RegExp(`^(import|export) \\{([^}]*)\\} from "${MODULE}:(\\d+)"`, "gm")
  const written = text
    .replace(statement, (_, word, list, number) => {
      const names = list.split(",").map((item) => {
        const [name, as = name] = item.trim().split(" as ")
        return `${name}_${number} as ${as}`
      })
      return `${word} { ${names.join(", ")} } from ${specifierOf(number)}`
    })
    .replace(new RegExp(`\\bimport\\("${MODULE}:(\\d+)"\\)`, "g"), (_, number) => `import(${specifierOf(number)})`)
  if (written.includes(`"${MODULE}:`)) throw new Error(`${file}: imports another file in a way that is not known`)
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
