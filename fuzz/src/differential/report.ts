import { isDeepStrictEqual } from "node:util"
import type { Disagreement } from "./run.js"

/** For people: what was expected and what came, where they differ, and the script. */
export function reportOf({ conversation, pairing, right, expected, got }: Disagreement): string {
  const { exchanges, ...settings } = conversation
  const lines = [`seed ${conversation.seed}, ${pairing} (right were: ${right.join(", ") || "none"})`]
  for (const end of ["client", "server"] as const) {
    for (const part of ["fault", "goAway"] as const) {
      if (expected[end][part] === got[end][part]) continue
      lines.push(`  ${end}, ${part}: expected ${expected[end][part]}, got ${got[end][part]}`)
    }
    for (const [i, wanted] of expected[end].exchanges.entries()) {
      const heard = (got[end].exchanges[i] ?? {}) as Record<string, unknown>
      const different = Object.entries(wanted ?? {}).filter(([part, value]) => !isDeepStrictEqual(value, heard[part]))
      for (const [part, value] of different) {
        lines.push(
          `  ${end}, exchange ${i}, ${part}`,
          `    expected ${brief(value)}`,
          `    got      ${brief(heard[part])}`,
        )
      }
      if (different.length > 0) lines.push(`    of ${brief(exchanges[i])}`)
    }
  }
  lines.push(`  ${exchanges.length} exchanges; ${JSON.stringify(settings)}`)
  return lines.join("\n")
}

/** As JSON, its long strings cut: the seed brings all of it back. */
function brief(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner) =>
      typeof inner === "string" && inner.length > 50 ? `${inner.slice(0, 40)}… (${inner.length})` : inner,
    ) ?? "nothing"
  )
}
