import { existsSync } from "node:fs"
import { dirname, isAbsolute, join, relative, resolve } from "node:path"
import { closest } from "../compile/did-you-mean.js"
import { checkMapping, enumStyles, importExtensions, type Output, outputs } from "../generate/options.js"
import { readCommentedJson } from "./commented-json.js"
import { InputError } from "./input-error.js"

/** What a `farcall.json` may say: the flags of `farcall generate`, in camel case. Paths are made those from the working directory. */
export interface GenerateConfig {
  readonly files?: readonly string[]
  readonly protoPath?: readonly string[]
  readonly out?: string
  readonly clean?: boolean
  readonly importExtension?: (typeof importExtensions)[number]
  readonly enums?: (typeof enumStyles)[number]
  readonly jsonTypes?: boolean
  readonly index?: boolean
  readonly only?: readonly Output[]
  readonly imports?: boolean
  readonly map?: Readonly<Record<string, string>>
}

export const CONFIG_FILE = "farcall.json"

/** The nearest `farcall.json`: in the folder or in those above it. */
export function findConfig(folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const path = join(at, CONFIG_FILE)
    if (existsSync(path)) return relative(folder, path)
    if (dirname(at) === at) return undefined
  }
}

/**
 * Reads a configuration file.
 * @throws InputError that says what is wrong in which line
 */
export function readConfig(path: string): GenerateConfig {
  const { value: config, placeOf } = readCommentedJson(path)
  const complain = (key: string, what: string): never => {
    throw new InputError(`${placeOf(key)}: ${what}`)
  }
  for (const [key, value] of Object.entries(config)) {
    const expected = Object.hasOwn(expectations, key) ? expectations[key as keyof GenerateConfig] : undefined
    if (key === "$schema") continue
    if (expected === undefined) complain(key, `there is no key "${key}"${suggestion(key)}`)
    else if (!expected.accepts(value)) complain(key, `"${key}" must be ${expected.words}`)
  }
  const valid = config as GenerateConfig
  for (const [prefix, target] of Object.entries(valid.map ?? {})) {
    try {
      checkMapping(prefix, target)
    } catch (error) {
      complain("map", (error as Error).message)
    }
  }
  return withPathsFrom(dirname(path), valid)
}

interface Expectation {
  readonly words: string
  accepts(value: unknown): boolean
}

const isText = (value: unknown): boolean => typeof value === "string" && value !== ""
const texts: Expectation = {
  words: "a list of texts",
  accepts: (value) => Array.isArray(value) && value.length > 0 && value.every(isText),
}
const flag: Expectation = { words: "true or false", accepts: (value) => typeof value === "boolean" }
const oneOf = (choices: readonly string[]): Expectation => ({
  words: `one of ${choices.map((choice) => `"${choice}"`).join(", ")}`,
  accepts: (value) => choices.includes(value as string),
})

const expectations: { readonly [Key in keyof Required<GenerateConfig>]: Expectation } = {
  files: texts,
  protoPath: texts,
  out: { words: "the path of a folder", accepts: isText },
  clean: flag,
  importExtension: oneOf(importExtensions),
  enums: oneOf(enumStyles),
  jsonTypes: flag,
  index: flag,
  only: {
    words: `a list of some of ${outputs.map((output) => `"${output}"`).join(", ")}`,
    accepts: (value) => texts.accepts(value) && (value as Output[]).every((output) => outputs.includes(output)),
  },
  imports: flag,
  map: {
    words: "an object of prefixes of file names and packages",
    accepts: (value) =>
      typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(isText),
  },
}

function suggestion(key: string): string {
  const known = Object.keys(expectations)
  const near = closest(key.replace(/[-_]/g, ""), known) ?? closest(key, known)
  return near === undefined ? `; there are ${known.join(", ")}` : `; did you mean "${near}"?`
}

/** The paths in a configuration are those from its folder. */
function withPathsFrom(folder: string, config: GenerateConfig): GenerateConfig {
  const path = (name: string): string => (isAbsolute(name) ? name : join(folder, name))
  const input = (name: string): string => (name.startsWith("!") ? `!${path(name.slice(1))}` : path(name))
  return {
    ...config,
    ...(config.files && { files: config.files.map(input) }),
    ...(config.protoPath && { protoPath: config.protoPath.map(path) }),
    ...(config.out !== undefined && { out: path(config.out) }),
  }
}
