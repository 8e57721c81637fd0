import type { Finding } from "./finding.js"
import { printable } from "./printable.js"

/** `file:line:column: message`: how protoc spells diagnostics unless told otherwise, and GCC does. */
export function formatGcc({ file, line, column, severity, message }: Finding): string {
  const where = file === undefined ? "" : line === undefined ? `${file}: ` : `${file}:${line}:${column}: `
  return printable(`${where}${severity === "warning" ? "warning: " : ""}${message}`)
}

/** `file(line) : error in column=column: message`: protoc's `--error_format=msvs`, which Visual Studio understands. */
export function formatMsvs({ file, line, column, severity, message }: Finding): string {
  const where =
    file === undefined ? "" : line === undefined ? `${file}: ` : `${file}(${line}) : ${severity} in column=${column}: `
  return printable(`${where}${severity === "warning" ? "warning: " : ""}${message}`)
}
