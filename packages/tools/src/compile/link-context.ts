import type { DiagnosticList, Position } from "./diagnostics.js"
import type { Hint } from "./did-you-mean.js"
import type { DynamicMessage } from "./dynamic-message.js"
import { FieldNumbers } from "./field-numbers.js"
import type { OptionOwner, ParsedFile } from "./parsed-file.js"
import type { Scope } from "./scope.js"
import type { Aspect, DescriptorNode } from "./source-info.js"
import type { DeclaredSymbol, EnumSymbol, MessageSymbol, SourceFile, SymbolTable } from "./symbols.js"

// Field numbers of FileDescriptorProto.
const PACKAGE = 2
const SYNTAX = 12

/** What the steps of linking one file share. */
export class LinkContext {
  readonly file: SourceFile
  readonly parsed: ParsedFile
  readonly symbols: SymbolTable
  readonly scope: Scope
  /** descriptor.proto's own names, for files that do not import it: made when they are first asked for. */
  readonly builtIn: () => SymbolTable
  /** The options of each declaration, those left out of descriptors among them; filled as they are interpreted. */
  readonly interpreted: Map<OptionOwner, DynamicMessage> = new Map()
  readonly numbers: FieldNumbers = new FieldNumbers()
  private readonly diagnostics: DiagnosticList
  private errorCount = 0

  constructor(
    file: SourceFile,
    parsed: ParsedFile,
    symbols: SymbolTable,
    builtIn: () => SymbolTable,
    scope: Scope,
    diagnostics: DiagnosticList,
  ) {
    this.file = file
    this.parsed = parsed
    this.symbols = symbols
    this.builtIn = builtIn
    this.scope = scope
    this.diagnostics = diagnostics
  }

  /** Where the file says which edition, or syntax, it is written in. */
  get editionPosition(): Position | undefined {
    return this.parsed.source.find([SYNTAX])
  }

  /** Where the file says which package it belongs to. */
  get packagePosition(): Position | undefined {
    return this.parsed.source.find([PACKAGE])
  }

  /** Where a declaration stands, or else what it is in. */
  nearest(node: DescriptorNode | OptionOwner): Position | undefined {
    if (node.$typeName === "google.protobuf.FileDescriptorProto") return this.editionPosition ?? this.packagePosition
    return this.parsed.source.nearest(node)
  }

  /** The message of this name, as types of fields are written: `.a.b.Message`. */
  messageNamed(typeName: string): MessageSymbol | undefined {
    const symbol = this.typeNamed(typeName)
    return symbol?.kind === "message" ? symbol : undefined
  }

  /** The enum of this name. */
  enumNamed(typeName: string): EnumSymbol | undefined {
    const symbol = this.typeNamed(typeName)
    return symbol?.kind === "enum" ? symbol : undefined
  }

  private typeNamed(typeName: string): DeclaredSymbol | undefined {
    const name = typeName.slice(1)
    return this.symbols.get(name) ?? this.builtIn().get(name)
  }

  /** Whether anything was wrong with the file. */
  get failed(): boolean {
    return this.errorCount > 0
  }

  /** Reports what is wrong with an aspect of a declaration. */
  error(node: DescriptorNode, aspect: Aspect, message: string, hint?: Hint): void {
    this.errorAt(this.parsed.source.position(node, aspect), message, hint, node)
  }

  /** Reports what is wrong with a declaration when protoc gives no place for it. */
  errorAbout(node: DescriptorNode | OptionOwner, message: string): void {
    this.errorAt(undefined, message, undefined, node)
  }

  warning(node: DescriptorNode, aspect: Aspect, message: string): void {
    this.warningAt(this.parsed.source.position(node, aspect), message)
  }

  /** @param about what to show when there is no position */
  errorAt(
    position: Position | undefined,
    message: string,
    hint?: Hint,
    about: DescriptorNode | OptionOwner = this.file.proto,
  ): void {
    this.errorCount++
    const near = position ? undefined : this.nearest(about)
    this.diagnostics.error(this.file.proto.name, position, message, hint, near)
  }

  warningAt(position: Position | undefined, message: string): void {
    this.diagnostics.warning(this.file.proto.name, position, message)
  }
}
