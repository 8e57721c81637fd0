import { readFileSync } from "node:fs"
import { InputError } from "./input-error.js"

/** An object in a file of JSON, in which comments may stand. */
interface CommentedJson {
  readonly value: Record<string, unknown>
  /** `path:line:column` of a key of the object; of the beginning when it has no such key. */
  placeOf(key: string): string
}

/** Reads such a file. @throws InputError that says what is wrong, and where */
export function readCommentedJson(path: string): CommentedJson {
  let text: string
  try {
    text = withoutComments(readFileSync(path, "utf8"))
  } catch (error) {
    throw new InputError(`${path}: ${(error as Error).message}`)
  }
  const value = parse(path, text)
  const keys = keyPositions(text)
  return { value, placeOf: (key) => `${path}:${lineAndColumn(text, keys.get(key) ?? 0)}` }
}

/** The text with its comments blanked, so that what follows them keeps its place. */
function withoutComments(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|\/\/.*|\/\*[\s\S]*?\*\//g, (token) =>
    token.startsWith('"') ? token : token.replace(/[^\n]/g, " "),
  )
}

/** @throws InputError with the place of what is no JSON, or no object */
function parse(path: string, text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const { message } = error as Error
    const position = /\bposition (\d+)/.exec(message)?.[1]
    const place = position === undefined ? lineAndColumn(text, text.length) : lineAndColumn(text, Number(position))
    throw new InputError(`${path}:${place}: ${message.replace(/ in JSON at position .*$/s, "")}`)
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InputError(`${path}:1:1: a configuration is an object of keys and values`)
  }
  return value as Record<string, unknown>
}

/** Where each key of the outermost object stands, in a text that is JSON. */
function keyPositions(text: string): Map<string, number> {
  const positions = new Map<string, number>()
  let depth = 0
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    const [token] = match
    if (token === "{" || token === "[") depth++
    else if (token === "}" || token === "]") depth--
    else if (depth === 1 && /^\s*:/.test(text.slice(match.index + token.length))) {
      positions.set(JSON.parse(token) as string, match.index)
    }
  }
  return positions
}

function lineAndColumn(text: string, position: number): string {
  const before = text.slice(0, position).split("\n")
  return `${before.length}:${before.at(-1)!.length + 1}`
}
