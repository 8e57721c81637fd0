import type { SourceRange } from "../compile/index.js"
import { type Finding, rangeOf } from "./finding.js"

/** What `--format=json` prints: one document, on one line. */
interface JsonReport {
  /** Goes up when a program that reads the document would have to change. */
  readonly version: 1
  readonly errorCount: number
  readonly warningCount: number
  readonly diagnostics: readonly JsonDiagnostic[]
}

interface JsonDiagnostic {
  readonly severity: "error" | "warning"
  /** As found from the working directory; null when the command line is at fault. */
  readonly file: string | null
  /** From 1, as protoc counts: columns in bytes, tabs up to eight of them. Null for the file as a whole. */
  readonly line: number | null
  readonly column: number | null
  /** The token meant, as the language server protocol counts: lines and UTF-16 characters, both from 0. */
  readonly range: SourceRange | null
  /** In protoc's words. */
  readonly message: string
  readonly hint: string | null
}

export function formatJson(findings: readonly Finding[]): string {
  const count = (severity: Finding["severity"]): number => findings.filter((one) => one.severity === severity).length
  const report: JsonReport = {
    version: 1,
    errorCount: count("error"),
    warningCount: count("warning"),
    diagnostics: findings.map((finding) => ({
      severity: finding.severity,
      file: finding.file ?? null,
      line: finding.line ?? null,
      column: finding.column ?? null,
      range: rangeOf(finding) ?? null,
      message: finding.message,
      hint: finding.hint ?? null,
    })),
  }
  // What a terminal would act on is escaped as well: JSON itself asks that only of the first 32 characters.
  return JSON.stringify(report).replace(HARMFUL, escaped)
}

const HARMFUL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("")
}
