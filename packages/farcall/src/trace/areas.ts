/** What can be traced, each with what it is about. */
export const traceAreas = {
  channel: "states of channels",
  resolver: "what names stand for",
  subchannel: "states of addresses",
  connection: "connections and streams, on both sides",
  call: "calls, on both sides",
  retry: "attempts of a client's calls",
  server: "servers that listen, drain and close",
  health: "health as servers say it and clients hear it",
  workers: "worker threads",
  http2: "frames of HTTP/2, in and out",
} as const

/** One of them. */
export type TraceArea = keyof typeof traceAreas

/** How much is told: all; what goes as it should, too; what fails; nothing. */
export type TraceVerbosity = "debug" | "info" | "error" | "none"

/** How much a line matters. */
export type TraceLevel = Exclude<TraceVerbosity, "none">

/** What a list of areas says. */
export interface ChosenAreas {
  readonly areas: ReadonlySet<TraceArea>
  /** Words of it that are no areas. */
  readonly unknown: readonly string[]
}

/**
 * Reads a list like `call,retry` or `all,-http2`: `all` is every area, a `-` takes one away again. A list that begins with
 * a `-` is what it takes away from all.
 */
export function readAreas(list: string): ChosenAreas {
  const areas = new Set<TraceArea>()
  const unknown: string[] = []
  const words = list
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "")
  if (words[0]?.startsWith("-")) words.unshift("all")
  for (const word of words) {
    const away = word.startsWith("-")
    const name = away ? word.slice(1) : word
    const meant = name === "all" ? everyArea : isArea(name) ? [name] : undefined
    if (meant === undefined) unknown.push(name)
    else for (const area of meant) away ? areas.delete(area) : areas.add(area)
  }
  return { areas, unknown }
}

export function isVerbosity(word: string): word is TraceVerbosity {
  return word === "none" || word in ranks
}

/** Whether a line of this level is told. */
export function isTold(level: TraceLevel, verbosity: TraceVerbosity): boolean {
  return verbosity !== "none" && ranks[level] >= ranks[verbosity]
}

const ranks: Readonly<Record<TraceLevel, number>> = { debug: 0, info: 1, error: 2 }
const everyArea = Object.keys(traceAreas) as TraceArea[]

function isArea(name: string): name is TraceArea {
  return Object.hasOwn(traceAreas, name)
}
