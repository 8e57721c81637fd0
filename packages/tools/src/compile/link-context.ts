import type { DiagnosticList, Position } from "./diagnostics.js"
import type { ParsedFile } from "./parsed-file.js"
import type { Scope } from "./scope.js"
import type { Aspect, DescriptorNode } from "./source-info.js"
import type { SourceFile, SymbolTable } from "./symbols.js"

/** What the steps of linking one file share. */
export class LinkContext {
  readonly file: SourceFile
  readonly parsed: ParsedFile
  readonly symbols: SymbolTable
  readonly scope: Scope
  private readonly diagnostics: DiagnosticList
  private readonly errorsBefore: number

  constructor(file: SourceFile, parsed: ParsedFile, symbols: SymbolTable, scope: Scope, diagnostics: DiagnosticList) {
    this.file = file
    this.parsed = parsed
    this.symbols = symbols
    this.scope = scope
    this.diagnostics = diagnostics
    this.errorsBefore = diagnostics.errorCount
  }

  get failed(): boolean {
    return this.diagnostics.errorCount > this.errorsBefore
  }

  /** Reports what is wrong with an aspect of a declaration. */
  error(node: DescriptorNode, aspect: Aspect, message: string): void {
    this.errorAt(this.parsed.source.position(node, aspect), message)
  }

  errorAt(position: Position | undefined, message: string): void {
    this.diagnostics.error(this.file.proto.name, position, message)
  }

  warningAt(position: Position | undefined, message: string): void {
    this.diagnostics.warning(this.file.proto.name, position, message)
  }
}
