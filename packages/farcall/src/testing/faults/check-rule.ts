import { ErrorCode } from "@farcall/http2"
import type { AnyMethod } from "../../core/service.js"
import { callPhases, type FaultName, type FaultRule, ruleText, subjectOf } from "./fault-rule.js"

/** How a rule is taken that has been read from somewhere. */
type Loose = Readonly<Record<string, unknown>>

const frequency = ["nth", "probability", "seed", "times"]
const ofCalls = ["method", ...frequency]
const moment = ["at", "after", ...ofCalls]

/** What each rule may say beside `fault`. */
const keys: Readonly<Record<FaultName, readonly string[]>> = {
  refuse: frequency,
  latency: ["ms", "jitterMs", "direction", ...ofCalls],
  bandwidth: ["bytesPerSecond", "direction", ...ofCalls],
  cut: moment,
  close: ["towards", ...moment],
  stall: ["ms", "direction", ...moment],
  block: ["ms", "direction", ...moment],
  split: ["bytes", "direction", ...moment],
  join: ["ms", "direction", ...moment],
  reset: ["code", ...moment],
  goAway: ["seen", "close", ...moment],
  endStream: moment,
  trailers: moment,
}

/** What each value must be, and in words. */
const values: Readonly<Record<string, readonly [holds: (value: unknown) => boolean, words: string]>> = {
  ms: [(value) => isNumber(value) && value >= 0, "a number of milliseconds from 0 on"],
  jitterMs: [(value) => isNumber(value) && value >= 0, "a number of milliseconds from 0 on"],
  bytesPerSecond: [(value) => isNumber(value) && value > 0, "a number above 0"],
  bytes: [isCount, "an integer above 0"],
  times: [isCount, "an integer above 0"],
  nth: [
    (value) => isCount(value) || (Array.isArray(value) && value.length > 0 && value.every(isCount)),
    "an integer above 0, or a list of such",
  ],
  probability: [(value) => isNumber(value) && value > 0 && value <= 1, "a number above 0 and up to 1"],
  seed: [(value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 32, "an integer below 2³²"],
  direction: [(value) => value === "requests" || value === "responses", '"requests" or "responses"'],
  towards: [(value) => value === "client" || value === "server", '"client" or "server"'],
  code: [
    (value) => typeof value === "string" && Object.hasOwn(ErrorCode, value),
    "the name of an error code of HTTP/2",
  ],
  seen: [(value) => typeof value === "boolean", "true or false"],
  close: [(value) => typeof value === "boolean", "true or false"],
  at: [(value) => callPhases.includes(value as never), `one of ${callPhases.join(", ")}`],
  after: [isAfter, "{ requests: … } or { responses: … }, with an integer from 0 on"],
  method: [isMethod, "a method's name or definition"],
}

const needed: Readonly<Partial<Record<FaultName, string>>> = {
  latency: "ms",
  bandwidth: "bytesPerSecond",
  reset: "code",
}

/** What is known of those between whom rules stand. */
export interface RuleScope {
  /** The methods that are served; `undefined`: nobody knows. */
  readonly methods: readonly AnyMethod[] | undefined
  /** Whether calls can be seen: what passes is HTTP/2 in the clear. */
  readonly seesCalls: boolean
}

/**
 * Sees to it that a rule can match something.
 * @returns whether a path is that of a method that it is about
 * @throws TypeError when it says what nothing can be, or names a method that there is not
 */
export function checkRule(rule: FaultRule, scope: RuleScope): (path: string) => boolean {
  const loose = rule as unknown as Loose
  const text = ruleText(rule)
  const refuse = (why: string): never => {
    throw new TypeError(`the fault rule ${text} ${why}`)
  }
  const allowed = Object.hasOwn(keys, String(loose["fault"])) ? keys[rule.fault] : undefined
  if (allowed === undefined) return refuse(`must have a fault, one of ${Object.keys(keys).join(", ")}`)
  for (const [key, value] of Object.entries(loose)) {
    if (key === "fault" || value === undefined) continue
    if (!allowed.includes(key)) refuse(`says ${key}, which ${rule.fault} has not: it may say ${allowed.join(", ")}`)
    const [holds, words] = values[key]!
    if (!holds(value)) refuse(`can match nothing: ${key} must be ${words}`)
  }
  const must = needed[rule.fault]
  if (must !== undefined && loose[must] === undefined) refuse(`must say ${must}`)
  if (loose["at"] !== undefined && loose["after"] !== undefined) refuse("says both at and after: one moment is enough")
  if (!scope.seesCalls && subjectOf(rule) === "calls") {
    refuse("is about calls, and nothing can be seen of them here: what passes is not HTTP/2 in the clear")
  }
  return concernsOf(loose, scope.methods, refuse)
}

function concernsOf(
  loose: Loose,
  methods: readonly AnyMethod[] | undefined,
  refuse: (why: string) => never,
): (path: string) => boolean {
  const method = loose["method"] as string | { path: string } | undefined
  const name = typeof method === "object" ? method.path : method
  const concerns = name === undefined ? () => true : (path: string) => isNamed(path, name)
  if (methods === undefined) return concerns
  const concerned = methods.filter(({ path }) => concerns(path))
  if (concerned.length === 0) {
    const known = methods.map(({ path }) => path).join(", ")
    return refuse(`can match nothing: there is no method ${name}; there are ${known}`)
  }
  const at = loose["at"]
  const single = at === "between requests" ? requestOnce : at === "between responses" ? responseOnce : undefined
  if (single !== undefined && concerned.every(({ kind }) => single.includes(kind))) {
    refuse(`can match nothing: ${concerned.map(({ path }) => path).join(", ")} has one message in that direction`)
  }
  return concerns
}

const requestOnce: readonly string[] = ["unary", "serverStreaming"]
const responseOnce: readonly string[] = ["unary", "clientStreaming"]

/** A path is named by itself, without its first slash, or by its last part, as the contract or as the client has it. */
function isNamed(path: string, name: string): boolean {
  const last = path.slice(path.lastIndexOf("/") + 1)
  return path === name || path === `/${name}` || last === name || last.charAt(0).toLowerCase() + last.slice(1) === name
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value)
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) > 0
}

function isAfter(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false
  const [[direction, bytes] = [], ...more] = Object.entries(value)
  return (
    more.length === 0 &&
    (direction === "requests" || direction === "responses") &&
    Number.isInteger(bytes) &&
    Number(bytes) >= 0
  )
}

function isMethod(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return typeof (value as { path?: unknown }).path === "string"
  return typeof value === "string" && value !== ""
}
