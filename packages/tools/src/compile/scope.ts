import {
  type DeclaredSymbol,
  enclosing,
  isScope,
  isType,
  publicClosure,
  type SourceFile,
  type SymbolTable,
} from "./symbols.js"

/**
 * Looks names up as one file may: in itself, in what it imports, and in what those import publicly. Remembers why the last
 * lookup failed.
 */
export class Scope {
  private readonly file: SourceFile
  private readonly symbols: SymbolTable
  private readonly visible: Set<SourceFile>
  /** Of these only the extensions can be seen. */
  private readonly visibleForOptions = new Set<SourceFile>()
  private readonly packages = new Set<string>()
  /** The files that a lookup has found something in. */
  readonly used: Set<SourceFile> = new Set()

  /** A symbol of this name exists, in a file that is not imported. */
  private undeclared: DeclaredSymbol | undefined = undefined
  /** Where the first part of the name was found, without the rest being there. */
  private shadowed = ""

  constructor(file: SourceFile, symbols: SymbolTable) {
    this.file = file
    this.symbols = symbols
    this.visible = new Set([file])
    for (const dependency of file.dependencies) if (dependency) publicClosure(dependency, this.visible)
    for (const dependency of file.optionDependencies) if (dependency) publicClosure(dependency, this.visibleForOptions)
    for (const { proto } of [...this.visible, ...this.visibleForOptions]) {
      for (let name = proto.package; name !== "" && !this.packages.has(name); name = enclosing(name)) {
        this.packages.add(name)
      }
    }
  }

  /**
   * Finds what `name` means where it stands: C++'s rules, the innermost scope first (descriptor.proto, `type_name`).
   * `from` is the full name of the declaration that uses it. With `typesOnly`, what is no type is looked past.
   */
  lookup(name: string, from: string, typesOnly: boolean): DeclaredSymbol | undefined {
    this.undeclared = undefined
    this.shadowed = ""
    if (name.startsWith(".")) return this.find(name.slice(1))
    const dot = name.indexOf(".")
    const first = dot < 0 ? name : name.slice(0, dot)
    for (let scope = from; scope.includes("."); ) {
      scope = enclosing(scope)
      const found = this.find(`${scope}.${first}`)
      if (!found) continue
      if (dot < 0) {
        if (!typesOnly || isType(found)) return found
      } else if (isScope(found)) {
        // The rest must be here: outer scopes are not searched any more.
        const whole = this.find(`${scope}.${name}`)
        if (!whole) this.shadowed = `${scope}.${name}`
        return whole
      }
    }
    return this.find(name)
  }

  /** Counts the file that has this full name as used, if it is imported. */
  use(name: string): DeclaredSymbol | undefined {
    const symbol = this.symbols.get(name)
    if (symbol && symbol.kind !== "package") this.used.add(symbol.file)
    return symbol
  }

  /** What to say about a name that `lookup` has just not found. */
  explainMissing(name: string): string[] {
    if (!this.undeclared && this.shadowed === "") return [`"${name}" is not defined.`]
    const reasons: string[] = []
    if (this.undeclared) {
      reasons.push(
        `"${this.undeclared.name}" seems to be defined in "${this.undeclared.file.proto.name}", which is not imported by ` +
          `"${this.file.proto.name}".  To use it here, please add the necessary import.`,
      )
    }
    if (this.shadowed !== "") {
      reasons.push(
        `"${name}" is resolved to "${this.shadowed}", which is not defined. The innermost scope is searched first in name ` +
          `resolution. Consider using a leading '.'(i.e., ".${name}") to start from the outermost scope.`,
      )
    }
    return reasons
  }

  /** All symbols that names can mean here, for suggesting one of them. */
  *visibleSymbols(): Iterable<DeclaredSymbol> {
    for (const symbol of this.symbols.all()) {
      const isOption = symbol.kind === "extension" && this.visibleForOptions.has(symbol.file)
      if (symbol.kind !== "package" && (isOption || this.visible.has(symbol.file))) yield symbol
    }
  }

  /** Whether the name exists, in a file that is not imported. */
  get isElsewhere(): boolean {
    return this.undeclared !== undefined
  }

  /** Where the first part of the name led, when the rest was not there; else empty. */
  get shadowedName(): string {
    return this.shadowed
  }

  private find(name: string): DeclaredSymbol | undefined {
    const symbol = this.symbols.get(name)
    if (!symbol) return undefined
    if (symbol.kind === "package") {
      if (this.packages.has(name)) return symbol
    } else if (this.visible.has(symbol.file)) {
      this.used.add(symbol.file)
      return symbol
    } else if (this.visibleForOptions.has(symbol.file)) {
      this.used.add(symbol.file)
      if (symbol.kind === "extension" || symbol.kind === "field") return symbol
    }
    this.undeclared = symbol
    return undefined
  }
}
