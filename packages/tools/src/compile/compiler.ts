import { create } from "@bufbuild/protobuf"
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt"
import { SourceCodeInfoSchema } from "@bufbuild/protobuf/wkt"
import { builtInSymbols, bundledFile, bundledNames } from "./bundled.js"
import { toByteString } from "./byte-string.js"
import { declarePrecompiled } from "./declare-precompiled.js"
import { type Diagnostic, DiagnosticList, TooManyErrors } from "./diagnostics.js"
import { FileFeatures } from "./features.js"
import { CommandLineChecks, checkLifetimes } from "./final-checks.js"
import { importPosition } from "./import-position.js"
import type { LinkContext } from "./link-context.js"
import { linkFile } from "./linker.js"
import { OutputOrder } from "./output-order.js"
import type { ParsedFile } from "./parsed-file.js"
import { parseFile } from "./parser.js"
import { suggestImport } from "./suggest-import.js"
import { type SourceFile, SymbolTable } from "./symbols.js"
import { isVirtualPath } from "./virtual-path.js"

/** What is compiled, and how files are read. */
export interface CompileInput {
  /** Names of the files to compile, as imports would write them: relative to a search path, with forward slashes. */
  readonly files: readonly string[]
  /**
   * The contents of a file, or undefined when there is none of this name. The bundled files need not be there. What it
   * throws becomes an error of the file, with the message of what was thrown.
   */
  readonly read: (name: string) => string | Uint8Array | undefined
  /**
   * The names of the files there are, as far as they are known: asked only when a file is not there, to suggest one in its
   * place.
   */
  readonly list?: () => Iterable<string>
  /** Whether the descriptors carry comments and positions (`--include_source_info`). Default: false. */
  readonly includeSourceInfo?: boolean
}

/** What came of it: descriptors, or what is wrong. */
export interface CompileResult {
  /**
   * The files asked for and all they import, each after what it imports, as protoc orders them with `--include_imports`.
   * Files with errors, and those that import such files, are not among them. The bundled files are the same objects in
   * every result, without source info: do not change them.
   */
  readonly files: FileDescriptorProto[]
  /** In the order in which protoc reports them. */
  readonly diagnostics: Diagnostic[]
}

/**
 * Compiles .proto files to descriptors that are byte for byte protoc's. Never throws on what a file contains: what is
 * wrong is in `diagnostics`, and the result is of use only if none of them is an error.
 */
export function compile(input: CompileInput): CompileResult {
  const compilation = new Compilation(input)
  try {
    return compilation.run()
  } catch (error) {
    if (!(error instanceof TooManyErrors)) throw error
    return { files: [], diagnostics: compilation.diagnostics.all }
  }
}

class Compilation {
  private readonly input: CompileInput
  private readonly asked: ReadonlySet<string>
  readonly diagnostics: DiagnosticList = new DiagnosticList()
  private readonly symbols = new SymbolTable()
  /** undefined: could not be had, or has errors. */
  private readonly loaded = new Map<string, SourceFile | undefined>()
  /** The files being loaded, each imported by the one before. */
  private readonly importing: ParsedFile[] = []
  private readonly commandLine = new CommandLineChecks()
  /** Files that turned out wrong after they were linked. */
  private readonly failed = new Set<SourceFile>()
  /** Files linked since the one asked for was begun. */
  private linked: LinkContext[] = []

  constructor(input: CompileInput) {
    this.input = input
    this.asked = new Set(input.files)
  }

  run(): CompileResult {
    for (const name of this.input.files) {
      this.load(name)
      this.finishLinked()
    }
    const asked = [...this.asked].flatMap((name) => this.loaded.get(name) ?? [])
    if (this.diagnostics.errorCount === 0) {
      for (const file of this.commandLine.report(this.diagnostics)) this.failed.add(file)
    }
    return { files: new OutputOrder(this.failed).of(asked), diagnostics: this.diagnostics.all }
  }

  private finishLinked(): void {
    for (const context of this.linked) {
      const { file } = context
      const isAsked = this.asked.has(file.proto.name)
      checkLifetimes(context, isAsked)
      if (context.failed) this.failed.add(file)
      else if (isAsked) this.commandLine.add(context)
    }
    this.linked = []
  }

  private load(name: string): SourceFile | undefined {
    if (this.loaded.has(name)) return this.loaded.get(name)
    const file = this.isCircular(name) ? undefined : this.compileFile(name)
    this.loaded.set(name, file)
    return file
  }

  private compileFile(name: string): SourceFile | undefined {
    const isValid = isVirtualPath(name)
    if (!isValid && name !== "" && !name.startsWith("/")) {
      const rule = 'Backslashes, consecutive slashes, ".", or ".." are not allowed in the virtual path'
      this.diagnostics.error(name, undefined, rule)
      return undefined
    }
    let source: string | Uint8Array | undefined
    try {
      if (isValid) source = this.input.read(name)
    } catch (error) {
      this.diagnostics.error(name, undefined, error instanceof Error ? error.message : String(error))
      return undefined
    }
    if (source === undefined) {
      const bundled = bundledFile(name)
      if (bundled) return this.loadBundled(bundled)
      this.diagnostics.error(name, undefined, "File not found.", () => suggestImport(name, this.knownFiles()))
      return undefined
    }
    const errorsBefore = this.diagnostics.errorCount
    const parsed = parseFile(name, toByteString(source), this.diagnostics)
    if (this.diagnostics.errorCount > errorsBefore) return undefined
    const { proto } = parsed
    this.importing.push(parsed)
    const dependencies = proto.dependency.map((dependency) => this.load(dependency))
    const optionDependencies = proto.optionDependency.map((dependency) => this.load(dependency))
    this.importing.pop()
    // An import of itself has been reported as such; the rest would only be said of a file that is not there.
    if (proto.dependency.includes(name) || proto.optionDependency.includes(name)) return undefined
    const features = new FileFeatures(proto, () => undefined)
    const file: SourceFile = { proto, dependencies, optionDependencies, features, rangeOptions: new Map() }
    return this.link(file, parsed) ? file : undefined
  }

  private link(file: SourceFile, parsed: ParsedFile): boolean {
    const isAsked = this.asked.has(file.proto.name)
    const context = linkFile(file, parsed, this.symbols, builtInSymbols, this.diagnostics, isAsked)
    if (!context) return false
    this.linked.push(context)
    if (this.input.includeSourceInfo) {
      file.proto.sourceCodeInfo = create(SourceCodeInfoSchema)
      file.proto.sourceCodeInfo.location = parsed.source.kept
    }
    return true
  }

  /** Whether the file is being loaded already: an import of it leads round to itself. */
  private isCircular(name: string): boolean {
    const start = this.importing.findIndex(({ proto }) => proto.name === name)
    if (start < 0) return false
    const [first, next] = this.importing.slice(start) as [ParsedFile, ParsedFile?]
    const round = [...this.importing.slice(start).map(({ proto }) => proto.name), name].join(" -> ")
    const dependency = next?.proto.name ?? name
    this.diagnostics.error(name, importPosition(first, dependency), `File recursively imports itself: ${round}`)
    return true
  }

  private *knownFiles(): Iterable<string> {
    for (const [name, file] of this.loaded) if (file) yield name
    yield* bundledNames()
    if (this.input.list) yield* this.input.list()
  }

  private loadBundled(file: SourceFile): SourceFile {
    for (const dependency of [...file.proto.dependency, ...file.proto.optionDependency]) this.load(dependency)
    declarePrecompiled(this.symbols, file)
    return file
  }
}
