/** The rows under their headings, columns aligned, with a rule between. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(...[heading, ...rows.map((row) => row[column]!)].map(width)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell + " ".repeat(widths[column]! - width(cell)))
      .join("  ")
      .trimEnd()
  return [line(headings), line(widths.map((columns) => "─".repeat(columns))), ...rows.map(line)].join("\n")
}

/** How many columns of a terminal a text takes: two for an emoji. */
function width(text: string): number {
  let columns = 0
  for (const character of text) columns += character.codePointAt(0)! >= 0x1f300 ? 2 : 1
  return columns
}
