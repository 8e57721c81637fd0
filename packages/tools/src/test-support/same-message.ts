import assert from "node:assert/strict"
import { clone, type DescMessage, equals, isMessage, type Message, toJsonString } from "@bufbuild/protobuf"

/** Asserts that two messages are one to everything that could look at them, defaults on their prototypes included. */
export function assertSameMessage(schema: DescMessage, actual: Message, expected: Message): void {
  assert.deepEqual(visible(actual), visible(expected))
  assert.ok(isMessage(actual, schema))
  if (equalsItself(schema, expected)) assert.ok(equals(schema, actual, expected), "equals() tells them apart")
  assert.equal(jsonOf(schema, actual), jsonOf(schema, expected))
}

/** equals() holds a NaN unequal to itself, and throws at a map or list with a value that its closed enum does not have. */
function equalsItself(schema: DescMessage, message: Message): boolean {
  try {
    return equals(schema, clone(schema, message), message)
  } catch {
    return false
  }
}

/** Not every message has a JSON form: an Any of an unknown type, a Timestamp out of range, an unknown closed enum. */
function jsonOf(schema: DescMessage, message: Message): string {
  try {
    return toJsonString(schema, message)
  } catch (error) {
    return `no JSON: ${(error as Error).message}`
  }
}

/**
 * A value with each object's prototype as a property: messages of proto2 have one of their own, whose identity is
 * nobody's business, but what it holds is.
 */
export function visible(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(visible)
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value
  const prototype = Object.getPrototypeOf(value)
  const seen = new Map<string, unknown>()
  for (const key of Object.keys(value).sort()) seen.set(key, visible((value as Record<string, unknown>)[key]))
  if (prototype === Object.prototype) return seen
  return { own: seen, inherited: prototype === null ? "nothing" : visible(prototype) }
}
