import { closest } from "../compile/did-you-mean.js"
import { enumStyles, type GenerateOptions, importExtensions, outputs, parseMapping } from "./options.js"

/**
 * Reads what stands in `--farcall_opt`, or in buf's `opt`: `key=value` with commas between, a flag's value being `true`.
 * Keys are the flags of `farcall generate` with underscores, and those of protoc-gen-es that mean something here.
 * @throws Error that names the option
 */
export function parsePluginOptions(parameter: string): GenerateOptions {
  const options: Mutable<GenerateOptions> = {}
  for (const part of parameter.split(",").map((text) => text.trim())) {
    if (part === "") continue
    const at = part.indexOf("=")
    const key = (at < 0 ? part : part.slice(0, at)).replaceAll("-", "_")
    const value = at < 0 ? "true" : part.slice(at + 1)
    const read = readers.get(key)
    if (read === undefined) {
      const near = closest(key, readers.keys())
      throw new Error(`there is no option "${key}"${near === undefined ? "" : `; did you mean "${near}"?`}`)
    }
    read(value, options, key)
  }
  return options
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
type OptionReader = (value: string, options: Mutable<GenerateOptions>, key: string) => void

const readers: ReadonlyMap<string, OptionReader> = new Map<string, OptionReader>([
  ["import_extension", (value, options, key) => (options.importExtension = choice(key, value, importExtensions))],
  ["enums", (value, options, key) => (options.enums = choice(key, value, enumStyles))],
  ["json_types", (value, options, key) => (options.jsonTypes = flag(key, value))],
  ["index", (value, options, key) => (options.index = flag(key, value))],
  // A comma would end the option, so that "+" stands between, as in protoc-gen-es's target.
  ["only", (value, options, key) => (options.only = value.split("+").map((text) => choice(key, text, outputs)))],
  ["map", (value, options) => (options.map = new Map([...(options.map ?? []), parseMapping(value)]))],
  // What follows has protoc-gen-es's names, so that a buf.gen.yaml can be kept.
  ["keep_empty_files", (value, options, key) => (options.keepEmptyFiles = flag(key, value))],
  ["erasable_syntax", (value, options, key) => (options.enums = flag(key, value) ? "object" : "enum")],
  ["target", only("ts", "TypeScript is what is written")],
  ["js_import_style", only("module", "generated code consists of ECMAScript modules")],
  ["ts_nocheck", only("false", "generated code type-checks")],
  ["rewrite_imports", refuse('say map=PREFIX=PACKAGE, for instance "map=google/=@example/google"')],
  ["valid_types", refuse("such types are not written")],
])

function choice<Choice extends string>(key: string, value: string, choices: readonly Choice[]): Choice {
  const found = choices.find((known) => known === value)
  if (found === undefined) throw new Error(`"${key}=${value}": ${choices.join(", ")} are possible`)
  return found
}

function flag(key: string, value: string): boolean {
  if (value !== "true" && value !== "false" && value !== "1" && value !== "0") {
    throw new Error(`"${key}=${value}": true and false are possible`)
  }
  return value === "true" || value === "1"
}

/** An option of which one value says what is so anyway. */
function only(accepted: string, why: string): OptionReader {
  return (value, _options, key) => {
    if (value !== accepted) throw new Error(`"${key}=${value}" is not possible: ${why}`)
  }
}

function refuse(what: string): OptionReader {
  return (_value, _options, key) => {
    throw new Error(`"${key}" is not possible: ${what}`)
  }
}
