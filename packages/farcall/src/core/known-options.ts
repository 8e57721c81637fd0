import { nearestName } from "./nearest-name.js"
import { badOption } from "./reason.js"

/**
 * What an interface of options has: for each name the kind of its value, a list of kinds, or the table of the options
 * within. It stands beside the interface; the compiler sees to it that the two have the same names.
 */
export type KnownOptions<Options> = {
  readonly [Name in keyof Options]-?: OptionKind | readonly OptionKind[] | AnyKnownOptions
}

type OptionKind = "number" | "string" | "boolean" | "function" | "object" | "array" | "any"

interface AnyKnownOptions {
  readonly [name: string]: OptionKind | readonly OptionKind[] | AnyKnownOptions
}

/**
 * Sees to it that options have the names and kinds that they are to have: what is misspelt would count for nothing, and
 * nobody would know. What is `undefined` is as if left out.
 * @param where the function that the user called, for the error
 * @throws TypeError that names what was meant, if it can be told
 */
export function checkOptions<Options extends object>(
  where: string,
  options: Options,
  known: KnownOptions<Options>,
): void {
  check(where, options, known as AnyKnownOptions)
}

/**
 * What is wrong with the options of a call, `undefined`: nothing. As `checkOptions`, for whoever does not throw.
 */
export function unknownOption<Options extends object>(
  where: string,
  options: Options,
  known: KnownOptions<Options>,
): TypeError | undefined {
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(known, name)) return misspelt(where, name, options, known as AnyKnownOptions)
  }
  return undefined
}

/** @param what what stands where options belong */
export function noOptions(where: string, what: unknown): TypeError {
  return badOption(`${where}: the options must be an object, not ${shown(what)}`)
}

function check(where: string, options: object, known: AnyKnownOptions): void {
  if (kindOf(options) !== "object") throw noOptions(where, options)
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(known, name)) throw misspelt(where, name, options, known)
    if (value === undefined) continue
    const wanted = known[name]!
    if (typeof wanted !== "object" || isList(wanted)) checkKind(where, name, value, isList(wanted) ? wanted : [wanted])
    else if (kindOf(value) !== "object") checkKind(where, name, value, ["object"])
    else check(`${where}: ${name}`, value as object, wanted)
  }
}

function checkKind(where: string, name: string, value: unknown, kinds: readonly OptionKind[]): void {
  if (kinds.includes("any") || (kinds as readonly Kind[]).includes(kindOf(value))) return
  throw badOption(`${where}: ${name} must be ${kinds.map((kind) => article[kind]).join(" or ")}, not ${shown(value)}`)
}

function misspelt(where: string, name: string, options: object, known: AnyKnownOptions): TypeError {
  const names = Object.keys(known)
  // What stands in a place of its own elsewhere: createChannel(target, insecure()).
  const isCredentials = name === "kind" && names.includes("credentials")
  if (isCredentials) return badOption(`${where}: credentials are an option: { credentials: ${callOf(options)} }`)
  if (name === "credentials") return badOption(`${where}: credentials are an option of listen and of createChannel`)
  const nearest = nearestName(name, names)
  const hint = nearest === undefined ? `there are ${names.join(", ")}` : `did you mean ${JSON.stringify(nearest)}?`
  return badOption(`${where}: there is no option ${JSON.stringify(name)}; ${hint}`)
}

/** How the credentials that came were made. */
function callOf(credentials: object): string {
  return (credentials as { readonly kind?: unknown }).kind === "insecure" ? "insecure()" : "tls()"
}

type Kind = OptionKind | "null" | "undefined" | "bigint" | "symbol"

function kindOf(value: unknown): Kind {
  if (value === null) return "null"
  return Array.isArray(value) ? "array" : typeof value
}

function shown(value: unknown): string {
  const kind = kindOf(value)
  if (kind === "string") return JSON.stringify(value)
  return kind === "number" || kind === "boolean" ? String(value) : `${article[kind] ?? kind}`
}

const article: Readonly<Record<string, string>> = {
  number: "a number",
  string: "a string",
  boolean: "true or false",
  function: "a function",
  object: "an object",
  array: "an array",
  bigint: "a bigint",
  symbol: "a symbol",
}

function isList(wanted: OptionKind | readonly OptionKind[] | AnyKnownOptions): wanted is readonly OptionKind[] {
  return Array.isArray(wanted)
}
