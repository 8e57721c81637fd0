import { type Diagnostic, SourceLines } from "../compile/index.js"
import type { Finding } from "./finding.js"
import { formatGcc, formatMsvs } from "./format-gcc.js"
import { formatGithub } from "./format-github.js"
import { formatJson } from "./format-json.js"
import { countOf, formatText, terminalStyle } from "./format-text.js"
import type { SearchPath } from "./search-path.js"

/** How diagnostics are printed: for people, for programs, for GitHub's annotations, or as protoc spells them. */
export type DiagnosticFormat = (typeof DIAGNOSTIC_FORMATS)[number]

export const DIAGNOSTIC_FORMATS = ["text", "json", "github", "gcc", "msvs"] as const

/** All that one run of a command has to say about its files and its command line, printed at its end. */
export class Report {
  readonly #format: DiagnosticFormat
  readonly #findings: Finding[] = []
  readonly #places: Map<string, Place> = new Map()

  constructor(format: DiagnosticFormat = "text") {
    this.#format = format
  }

  /** Adds what a compilation said, with files named as they are on the disk. */
  add(diagnostics: readonly Diagnostic[], searchPath: SearchPath): void {
    for (const diagnostic of diagnostics) {
      const place = this.#placeOf(diagnostic.file, searchPath)
      // In protoc's own spelling no place is told that protoc does not tell.
      const near = this.#format === "gcc" || this.#format === "msvs" ? undefined : diagnostic.near
      this.#findings.push({ ...diagnostic, ...near, file: place.file, lines: place.lines })
    }
  }

  /** Adds something that no file is to blame for. */
  problem(severity: "error" | "warning", message: string, hint?: string): void {
    const nowhere = { file: undefined, line: undefined, column: undefined, lines: () => undefined }
    this.#findings.push({ severity, message, hint, ...nowhere })
  }

  get hasErrors(): boolean {
    return this.#findings.some(({ severity }) => severity === "error")
  }

  get hasWarnings(): boolean {
    return this.#findings.some(({ severity }) => severity === "warning")
  }

  /** Prints all there is: what programs read to stdout, the rest to stderr. Returns `hasErrors`. */
  print(): boolean {
    const findings = this.#findings
    if (this.#format === "json") console.log(formatJson(findings))
    else if (this.#format === "github") writeLines(process.stdout, findings.map(formatGithub))
    else if (this.#format === "gcc") writeLines(process.stderr, findings.map(formatGcc))
    else if (this.#format === "msvs") writeLines(process.stderr, findings.map(formatMsvs))
    else if (findings.length > 0) {
      const style = terminalStyle(process.stderr, process.env)
      writeLines(process.stderr, [...findings.map((finding) => formatText(finding, style)), countOf(findings, style)])
    }
    return this.hasErrors
  }

  #placeOf(name: string, searchPath: SearchPath): Place {
    const known = this.#places.get(name)
    if (known) return known
    let lines: SourceLines | undefined
    let wasRead = false
    const readLines = (): SourceLines | undefined => {
      if (!wasRead) lines = linesOf(name, searchPath)
      wasRead = true
      return lines
    }
    const place = { file: searchPath.find(name) ?? name, lines: readLines }
    this.#places.set(name, place)
    return place
  }
}

/** One write for all: a file that is nothing but mistakes has hundreds of thousands. */
function writeLines(stream: NodeJS.WriteStream, lines: readonly string[]): void {
  if (lines.length > 0) stream.write(`${lines.join("\n")}\n`)
}

/** Where a file is on the disk, and what is in it. */
interface Place {
  readonly file: string
  readonly lines: () => SourceLines | undefined
}

function linesOf(name: string, searchPath: SearchPath): SourceLines | undefined {
  try {
    const source = searchPath.read(name)
    return source && new SourceLines(source)
  } catch {
    return undefined // It cannot be read, which has been said.
  }
}
