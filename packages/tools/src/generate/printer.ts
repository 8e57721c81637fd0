import { relativeModule } from "./module-path.js"
import type { ImportExtension } from "./options.js"

/** What a generated file imports from one module: names as they are there, and as they are called here. */
interface ModuleImports {
  readonly types: Map<string, string>
  readonly values: Map<string, string>
}

/**
 * Builds the text of one generated file: lines with indentation, and the imports that they turn out to need. Names that
 * the file declares are reserved before anything is printed, so that an imported name never clashes: it gets an alias.
 */
export class Printer {
  readonly #modulePath: string
  readonly #extension: ImportExtension
  readonly #end: "" | ";"
  readonly #taken: Set<string> = new Set()
  readonly #imports: Map<string, ModuleImports> = new Map()
  readonly #lines: string[] = []
  #indentation = ""

  /**
   * @param modulePath where the file lies below the output folder, as an import sees it: `./helloworld/greeter_pb.js`
   * @param extension what its imports of other such files end in
   * @param end what statements of the file end with
   */
  constructor(modulePath: string, extension: ImportExtension = "js", end: "" | ";" = "") {
    this.#modulePath = modulePath
    this.#extension = extension
    this.#end = end
  }

  /** Reserves a name that the file declares. */
  declare(name: string): void {
    this.#taken.add(name)
  }

  /** Whether a name is declared by the file or imported into it. */
  isTaken(name: string): boolean {
    return this.#taken.has(name)
  }

  /** The identifier by which to speak of a value that `module` exports (a package, or a path below the output folder). */
  value(name: string, module: string): string {
    const imports = this.#importsOf(module)
    const alias = imports.values.get(name) ?? imports.types.get(name) ?? this.#chooseAlias(name)
    imports.types.delete(name)
    imports.values.set(name, alias)
    return alias
  }

  /** As `value`, where only the type is meant: the import is a type import when all uses are. */
  type(name: string, module: string): string {
    const imports = this.#importsOf(module)
    const known = imports.values.get(name) ?? imports.types.get(name)
    if (known !== undefined) return known
    const alias = this.#chooseAlias(name)
    imports.types.set(name, alias)
    return alias
  }

  /** How the file imports a module, in quotes: for imports that are made later than its own. */
  path(module: string): string {
    return JSON.stringify(relativeModule(this.#modulePath, module, this.#extension))
  }

  /** Prints one line. */
  line(...parts: readonly (string | number)[]): void {
    const text = parts.join("")
    this.#lines.push(text === "" ? "" : this.#indentation + text)
  }

  /** Prints what `body` prints one step further in, between two lines. */
  block(head: string, body: () => void, tail = "}"): void {
    this.line(head)
    this.indented(body)
    this.line(tail)
  }

  indented(body: () => void): void {
    const before = this.#indentation
    this.#indentation = `${before}  `
    body()
    this.#indentation = before
  }

  /** Prints a doc comment. Nothing in the text can end it early. */
  docComment(text: string): void {
    if (text.trim() === "") return
    this.line("/**")
    for (const line of text.split(lineBreak)) this.line(line === "" ? " *" : ` * ${line.replaceAll("*/", "*\\/")}`)
    this.line(" */")
  }

  /** The whole file: head, imports, and what was printed. */
  toString(head: string): string {
    const imports = this.#importLines()
    const parts = [head, ...(imports.length > 0 ? [imports.join("\n")] : []), this.#lines.join("\n").trimEnd()]
    return `${parts.join("\n\n")}\n`
  }

  #importsOf(module: string): ModuleImports {
    let imports = this.#imports.get(module)
    if (imports === undefined) {
      imports = { types: new Map(), values: new Map() }
      this.#imports.set(module, imports)
    }
    return imports
  }

  /** `$` stands in no protobuf name, so an alias with it is free unless another alias has it. */
  #chooseAlias(name: string): string {
    let alias = name
    for (let i = 1; this.#taken.has(alias); i++) alias = `${name}$${i}`
    this.#taken.add(alias)
    return alias
  }

  #importLines(): string[] {
    const lines: string[] = []
    for (const [module, { types, values }] of this.#imports) {
      const from = this.path(module)
      if (types.size > 0) lines.push(this.#importLine("import type", types, from))
      if (values.size > 0) lines.push(this.#importLine("import", values, from))
    }
    return lines
  }

  #importLine(keyword: string, imported: ReadonlyMap<string, string>, from: string): string {
    const names = importNames(imported)
    const line = `${keyword} { ${names.join(", ")} } from ${from}${this.#end}`
    if (line.length <= WIDTH || this.#end === ";") return line
    return `${keyword} {\n${names.map((name) => `  ${name},\n`).join("")}} from ${from}`
  }
}

/** A list of imported names that would be wider has a line for each, except in `_pb.ts`, which is as protoc-gen-es writes it. */
const WIDTH = 120

/** Everything that ends a line in TypeScript. */
const lineBreak = /\r\n|[\n\r\u2028\u2029]/

/** Line comments for the head of a file: text that stays inside them whatever it holds. */
export function lineComment(text: string): string {
  return text
    .split(lineBreak)
    .map((line) => `//${line}`)
    .join("\n")
}

function importNames(names: ReadonlyMap<string, string>): string[] {
  return [...names]
    .sort(([a], [b]) => compareNames(a, b))
    .map(([name, alias]) => (name === alias ? name : `${name} as ${alias}`))
}

/**
 * As a dictionary has them: underscores first, then digits, then letters, of which capitals come second where there is no
 * other difference. (`localeCompare` is slow to load, and goes by the user's language.)
 */
function compareNames(a: string, b: string): number {
  const [x, y] = [dictionaryKey(a), dictionaryKey(b)]
  if (x !== y) return x < y ? -1 : 1
  return a < b ? 1 : a > b ? -1 : 0
}

function dictionaryKey(name: string): string {
  return name.replaceAll("_", " ").toLowerCase()
}
