import { isDeepStrictEqual } from "node:util"

/**
 * Whether a message has what a pattern says: every field that the pattern names, nested messages likewise; lists as long
 * as the pattern's, element by element; bytes and scalars equal. What the pattern leaves out may be anything.
 */
export function hasFields(message: unknown, pattern: unknown): boolean {
  if (pattern === undefined) return true
  if (!isContainer(pattern) || !isContainer(message)) return isDeepStrictEqual(message, pattern)
  if (ArrayBuffer.isView(pattern) || ArrayBuffer.isView(message))
    return isDeepStrictEqual(bytesOf(message), bytesOf(pattern))
  if (Array.isArray(pattern)) return Array.isArray(message) && haveFields(message, pattern)
  return Object.entries(pattern).every(([name, value]) => hasFields((message as Record<string, unknown>)[name], value))
}

/** The same for a list of messages. */
export function haveFields(messages: readonly unknown[], patterns: readonly unknown[]): boolean {
  return messages.length === patterns.length && patterns.every((pattern, i) => hasFields(messages[i], pattern))
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null
}

/** A Buffer and a Uint8Array with the same bytes are the same. */
function bytesOf(value: object): object {
  return value instanceof Uint8Array ? new Uint8Array(value) : value
}
