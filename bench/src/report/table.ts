import type { Figure } from "../measure/figure.js"

/** The figures as lines of a table, one for each, for a terminal. */
export function formatTable(figures: readonly Figure[]): string {
  const rows = [
    ["workload", "figure", "farcall", "peer", "", "ratio", "goal", ""],
    ...figures.map((figure, index) => [
      figure.workload === figures[index - 1]?.workload ? "" : figure.workload,
      figure.what,
      formatNumber(figure.ours),
      formatNumber(figure.theirs),
      figure.peer,
      `${formatNumber(figure.ratio)}×`,
      figure.goal === undefined ? "" : `≥ ${figure.goal}×`,
      figure.goal === undefined ? "" : reached(figure) ? "✓" : "✗",
    ]),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lines = rows.map((row) => {
    const cells = row.map((cell, column) => {
      return numeric.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)
    })
    return cells.join("  ").trimEnd()
  })
  lines.splice(1, 0, widths.map((width) => "─".repeat(width)).join("  "))
  return lines.join("\n")
}

/** Whether a figure's goal is reached; true where there is none. */
export function reached(figure: Figure): boolean {
  return figure.goal === undefined || figure.ratio >= figure.goal
}

/** Columns that are aligned to the right. */
const numeric = new Set([2, 3, 5, 6])

/** Three significant digits, and thousands apart. */
function formatNumber(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
