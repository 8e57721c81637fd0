import type { Hint } from "./did-you-mean.js"
import { MAX_ERRORS, MAX_HINTS } from "./limits.js"

/** What the compiler has to say about a file. */
export interface Diagnostic {
  readonly severity: "error" | "warning"
  /** The file's name as it was asked for or imported. */
  readonly file: string
  /** Counted from 1; undefined when the message concerns the file as a whole. */
  readonly line: number | undefined
  /** Counted from 1, in bytes of UTF-8, a tab reaching to the next multiple of eight: protoc's way. */
  readonly column: number | undefined
  /**
   * Where what the message is about begins, when protoc gives no place, and so line and column are undefined: an option that
   * stands where it may not, a field number that is kept for others. Counted the same way.
   */
  readonly near?: { readonly line: number; readonly column: number } | undefined
  /** In protoc's words. */
  readonly message: string
  /** What may help, where there is something: "did you mean `X`?". protoc has no such lines. */
  readonly hint: string | undefined
}

/** Where something stands in a source file; line and column count from 0. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** `file.proto:line:column: message`, as protoc prints it by default (`--error_format=gcc`). */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, message } = diagnostic
  const where = line === undefined ? file : `${file}:${line}:${column}`
  return `${where}: ${diagnostic.severity === "warning" ? "warning: " : ""}${message}`
}

/** Thrown when there are so many errors that nobody would read more. */
export class TooManyErrors extends Error {}

/** Gathers diagnostics in the order in which they are found. */
export class DiagnosticList {
  readonly all: Diagnostic[] = []
  errorCount = 0
  private hintsSought = 0

  error(file: string, position: Position | undefined, message: string, hint?: Hint, near?: Position): void {
    this.errorCount++
    this.add("error", file, position, message, hint, position ? undefined : near)
    if (this.errorCount < MAX_ERRORS) return
    this.add("error", file, position, `These are ${MAX_ERRORS} errors; the others are not told.`, undefined)
    throw new TooManyErrors()
  }

  warning(file: string, position: Position | undefined, message: string): void {
    this.add("warning", file, position, message, undefined)
  }

  private add(
    severity: "error" | "warning",
    file: string,
    position: Position | undefined,
    message: string,
    hint: Hint | undefined,
    near?: Position,
  ): void {
    this.all.push({
      severity,
      file,
      line: position && position.line + 1,
      column: position && position.column + 1,
      near: near && { line: near.line + 1, column: near.column + 1 },
      message,
      hint: hint && this.hintsSought++ < MAX_HINTS ? hint() : undefined,
    })
  }
}
