import type { Diagnostic } from "../compile/index.js"
import type { Finding } from "./finding.js"
import { printable } from "./printable.js"
import { excerpt } from "./source-excerpt.js"

/** How much room there is, and whether colours are understood. */
interface TextStyle {
  readonly columns: number
  readonly colours: boolean
}

/**
 * The style for a stream. NO_COLOR (no-color.org) and FORCE_COLOR (force-color.org) decide when they are set and not
 * empty, the first before the second; `FORCE_COLOR=0` is a no as well, as in Node. Else colours are for terminals.
 */
export function terminalStyle(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  env: Readonly<Record<string, string | undefined>>,
): TextStyle {
  const { NO_COLOR, FORCE_COLOR, TERM } = env
  let colours = stream.isTTY === true && TERM !== "dumb"
  if (FORCE_COLOR) colours = FORCE_COLOR !== "0" && FORCE_COLOR !== "false"
  if (NO_COLOR) colours = false
  // A width of 0 is a terminal's that does not know its own.
  return { columns: stream.columns || DEFAULT_COLUMNS, colours }
}

const DEFAULT_COLUMNS = 120
const FEWEST_COLUMNS = 20

/**
 * `file:line:column: error: message`, the source line with the place marked below it, and the hint:
 *
 *     a.proto:3:7: error: "Aple" is not defined.
 *       3 |   Aple apple = 1;
 *         |   ^~~~
 *         hint: did you mean `Apple`?
 */
export function formatText(finding: Finding, { columns, colours }: TextStyle): string {
  const paint = colours ? painted : plain
  const { file, line, column, severity, message, hint } = finding
  const where = file === undefined ? "" : line === undefined ? `${file}: ` : `${file}:${line}:${column}: `
  const colour = severity === "error" ? "red" : "magenta"
  const lines = [`${paint("bold", printable(where))}${paint(colour, `${severity}:`)} ${printable(message)}`]
  const number = String(line ?? "")
  const gutter = " ".repeat(2 + number.length)
  const marked = line === undefined ? undefined : finding.lines()?.marked(finding as Diagnostic, 4 * columns)
  if (marked) {
    const { text, indent, width } = excerpt(marked, Math.max(FEWEST_COLUMNS, columns - gutter.length - 3))
    lines.push(`${paint("dim", `  ${number} |`)} ${text}`.trimEnd())
    lines.push(`${paint("dim", `${gutter} |`)} ${" ".repeat(indent)}${paint("green", `^${"~".repeat(width - 1)}`)}`)
  }
  if (hint !== undefined) lines.push(`${gutter} ${paint("cyan", "hint:")} ${printable(hint)}`)
  return lines.join("\n")
}

/** `2 errors and 1 warning in 2 files`. */
export function countOf(findings: readonly Finding[], { colours }: TextStyle): string {
  const count = (severity: Finding["severity"]): string[] => {
    const found = findings.filter((finding) => finding.severity === severity).length
    return found === 0 ? [] : [`${found} ${severity}${found === 1 ? "" : "s"}`]
  }
  const what = [...count("error"), ...count("warning")].join(" and ")
  const files = new Set(findings.flatMap(({ file }) => file ?? [])).size
  const where = files === 0 ? "" : files === 1 ? " in 1 file" : ` in ${files} files`
  return (colours ? painted : plain)("bold", what + where)
}

/** Select Graphic Rendition of ECMA-48, and what ends each. */
const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const

function painted(colour: keyof typeof CODES, text: string): string {
  const [on, off] = CODES[colour]
  return text === "" ? "" : `\x1b[${on}m${text}\x1b[${off}m`
}

function plain(_colour: keyof typeof CODES, text: string): string {
  return text
}
