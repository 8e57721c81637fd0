import { inspect } from "node:util"

/** A message, or several, in one line for people: without what every message has (`$typeName`), long values cut. */
export function showMessage(value: unknown): string {
  if (typeof value === "function") return value.name === "" ? "(a function)" : `(the function ${value.name})`
  return inspect(plain(value), {
    depth: 6,
    breakLength: Number.POSITIVE_INFINITY,
    compact: true,
    maxArrayLength: 10,
    maxStringLength: 100,
  })
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  // Of its own kind, a Date for instance: it shows itself best.
  if (prototype !== null && prototype !== Object.prototype && !("$typeName" in value)) return value
  const shown = Object.entries(value).filter(([name]) => !name.startsWith("$"))
  return Object.fromEntries(shown.map(([name, field]) => [name, plain(field)]))
}
