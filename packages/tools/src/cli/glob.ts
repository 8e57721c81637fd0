import { sep } from "node:path"

/** The pattern as a regular expression on paths with forward slashes. */
export function globExpression(pattern: string): RegExp {
  const parts = posix(pattern).match(/\*\*\/|\*\*|\*|\?|\[[^\]/]+\]|[{},]|[^*?[{},]+|./gs) ?? []
  let depth = 0
  const source = parts.map((part) => {
    if (part === "**/") return "(?:[^/]+/)*"
    if (part === "**") return ".*"
    if (part === "*") return "[^/]*"
    if (part === "?") return "[^/]"
    if (part.length > 2 && part.startsWith("[")) return part.replace(/^\[!/, "[^").replaceAll("\\", "\\\\")
    if (part === "{") {
      depth++
      return "(?:"
    }
    if (depth > 0 && part === ",") return "|"
    if (depth > 0 && part === "}") {
      depth--
      return ")"
    }
    return part.replace(/[.+^${}()|[\]\\]/g, "\\$&")
  })
  return new RegExp(`^${source.join("")}${")".repeat(depth)}$`)
}

/** With forward slashes, and nothing before it that means the working directory. */
export function posix(path: string): string {
  return path.replaceAll(sep, "/").replace(/^(?:\.\/)+/, "")
}
