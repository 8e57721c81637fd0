import { type Finding, rangeOf } from "./finding.js"
import { printable } from "./printable.js"

/** `::error file=…,line=…,col=…::message`: a workflow command of GitHub Actions, which shows it beside the line. */
export function formatGithub(finding: Finding): string {
  const { severity, file, line, message, hint } = finding
  const properties: string[] = []
  if (file !== undefined) properties.push(`file=${property(file)}`)
  if (line !== undefined) properties.push(`line=${line}`)
  const range = rangeOf(finding)
  // GitHub counts characters, from 1.
  if (range) properties.push(`col=${range.start.character + 1}`)
  const command = properties.length > 0 ? `${severity} ${properties.join(",")}` : severity
  const words = [message, ...(hint === undefined ? [] : [hint])].map((text) => data(printable(text)))
  return `::${command}::${words.join("%0A")}`
}

/** What would end or begin something else in a message (actions/toolkit, command.ts, escapeData). */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A")
}

/** The same of a property, which a comma or colon would end as well. */
function property(text: string): string {
  return data(printable(text)).replaceAll(":", "%3A").replaceAll(",", "%2C")
}
