import { type Diagnostic, formatDiagnostic } from "../compile/index.js"
import type { SearchPath } from "./search-path.js"

/** Prints what a compilation had to say, with files named as they are on the disk; returns whether there were errors. */
export function printDiagnostics(diagnostics: readonly Diagnostic[], searchPath: SearchPath): boolean {
  let hasErrors = false
  for (const diagnostic of diagnostics) {
    if (diagnostic.severity === "error") hasErrors = true
    console.error(formatDiagnostic({ ...diagnostic, file: searchPath.find(diagnostic.file) ?? diagnostic.file }))
  }
  return hasErrors
}
