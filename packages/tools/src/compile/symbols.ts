import type {
  DescriptorProto,
  DescriptorProto_ExtensionRange,
  EnumDescriptorProto,
  EnumValueDescriptorProto,
  ExtensionRangeOptions,
  FieldDescriptorProto,
  FileDescriptorProto,
  MethodDescriptorProto,
  OneofDescriptorProto,
  ServiceDescriptorProto,
} from "@bufbuild/protobuf/wkt"
import type { FileFeatures } from "./features.js"

/** A file of the compilation, linked or being linked. */
export interface SourceFile {
  readonly proto: FileDescriptorProto
  /** One for each of `proto.dependency`; undefined for one that could not be had. */
  readonly dependencies: readonly (SourceFile | undefined)[]
  /** The same for `proto.optionDependency`: files needed for nothing but their options. */
  readonly optionDependencies: readonly (SourceFile | undefined)[]
  /** Before the file's options have been interpreted, those of its edition. */
  features: FileFeatures
  /** The options of extension ranges, declarations included, which the descriptor leaves out. */
  readonly rangeOptions: Map<DescriptorProto_ExtensionRange, ExtensionRangeOptions>
}

interface Declared<Kind extends string, Node> {
  readonly kind: Kind
  /** Fully qualified, without a leading dot. */
  readonly name: string
  readonly node: Node
  /** Of a package, the first file that has it. */
  readonly file: SourceFile
}

export type MessageSymbol = Declared<"message", DescriptorProto>
export type EnumSymbol = Declared<"enum", EnumDescriptorProto>
type ExtensionSymbol = Declared<"extension", FieldDescriptorProto>

/** Whatever has a name that no other may have. */
export type DeclaredSymbol =
  | MessageSymbol
  | EnumSymbol
  | ExtensionSymbol
  | Declared<"package", FileDescriptorProto>
  | Declared<"value", EnumValueDescriptorProto>
  | Declared<"field", FieldDescriptorProto>
  | Declared<"oneof", OneofDescriptorProto>
  | Declared<"service", ServiceDescriptorProto>
  | Declared<"method", MethodDescriptorProto>

/** Whether names can be looked up within it. */
export function isScope(symbol: DeclaredSymbol): boolean {
  return symbol.kind === "message" || symbol.kind === "package" || symbol.kind === "enum" || symbol.kind === "service"
}

/** Whether a field may have it as its type. */
export function isType(symbol: DeclaredSymbol): symbol is MessageSymbol | EnumSymbol {
  return symbol.kind === "message" || symbol.kind === "enum"
}

/** All names of all files of a compilation. */
export class SymbolTable {
  private readonly symbols = new Map<string, DeclaredSymbol>()
  /** By what they extend and their number. */
  private readonly extensions = new Map<string, ExtensionSymbol>()
  /** Names and extensions added since the last checkpoint. */
  private added: string[] = []
  private addedExtensions: string[] = []

  get(name: string): DeclaredSymbol | undefined {
    return this.symbols.get(name)
  }

  all(): Iterable<DeclaredSymbol> {
    return this.symbols.values()
  }

  /** Returns the symbol that has the name already, if one does; then nothing is added. */
  add(symbol: DeclaredSymbol): DeclaredSymbol | undefined {
    const existing = this.symbols.get(symbol.name)
    if (existing) return existing
    this.symbols.set(symbol.name, symbol)
    this.added.push(symbol.name)
    return undefined
  }

  /** Returns the extension that has the number already, if one does; then nothing is added. */
  addExtension(symbol: ExtensionSymbol): ExtensionSymbol | undefined {
    const key = `${symbol.node.extendee} ${symbol.node.number}`
    const existing = this.extensions.get(key)
    if (existing) return existing
    this.extensions.set(key, symbol)
    this.addedExtensions.push(key)
    return undefined
  }

  /** What is added from here on can be taken back. */
  checkpoint(): void {
    this.added = []
    this.addedExtensions = []
  }

  /** Forgets what was added since the checkpoint: the names of a file with errors do not exist for the next. */
  rollback(): void {
    for (const name of this.added) this.symbols.delete(name)
    for (const key of this.addedExtensions) this.extensions.delete(key)
    this.checkpoint()
  }
}

/** Joins a scope's name, which may be empty, and the name of something in it. */
export function qualified(scope: string, name: string): string {
  return scope === "" ? name : `${scope}.${name}`
}

/** The name of the scope that has this name in it; empty at the top. */
export function enclosing(name: string): string {
  const dot = name.lastIndexOf(".")
  return dot < 0 ? "" : name.slice(0, dot)
}

/** All files that an import of this one makes visible: itself and what it imports publicly. */
export function publicClosure(file: SourceFile, into: Set<SourceFile> = new Set()): Set<SourceFile> {
  if (into.has(file)) return into
  into.add(file)
  for (const index of file.proto.publicDependency) {
    const dependency = file.dependencies[index]
    if (dependency) publicClosure(dependency, into)
  }
  return into
}
