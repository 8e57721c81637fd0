import { checkOptions, type KnownOptions } from "../core/known-options.js"
import { badOption } from "../core/reason.js"
import { isVerbosity, readAreas, type TraceVerbosity, traceAreas } from "../trace/areas.js"
import { startTrace } from "../trace/trace.js"
import type { Logger } from "./logger.js"

/** What is traced, how much of it, and where it goes. */
export interface TraceOptions {
  /** What is traced, as in `FARCALL_TRACE`: `"call,retry"`, `"all,-http2"`. */
  readonly areas: string
  /** How much of it: all, what goes as it should too, what fails, or nothing. Default `"debug"`. */
  readonly verbosity?: TraceVerbosity | undefined
  /** Where lines go, by their level. Default: to stderr. */
  readonly log?: Logger | undefined
}

const traceOptions: KnownOptions<TraceOptions> = { areas: "string", verbosity: "string", log: "object" }

/**
 * What `FARCALL_TRACE` and `FARCALL_VERBOSITY` do, from now on and until the function is called that it returns. Frames are
 * told of connections that are made meanwhile.
 * @throws TypeError for an area or a verbosity that is none
 */
export function trace(options: TraceOptions): () => void {
  checkOptions("trace", options, traceOptions)
  const { areas: list, verbosity = "debug", log } = options
  const { areas, unknown } = readAreas(list)
  if (unknown.length > 0) throw wrong(`areas names ${unknown.map(quoted).join(", ")}; there are ${everything}`)
  if (!isVerbosity(verbosity)) {
    throw wrong(`verbosity is ${quoted(verbosity)}, and must be debug, info, error or none`)
  }
  let failed = false
  return startTrace(areas, verbosity, (level, line) => {
    try {
      if (log === undefined) console.error(line)
      else log[level](line)
    } catch (error) {
      // It concerns neither the call nor the connection that the line is about.
      if (!failed) console.error("[FARCALL_CALLBACK_FAILED] a trace's log failed; it is told of once:", error)
      failed = true
    }
  })
}

const everything = [...Object.keys(traceAreas), "all"].join(", ")

function quoted(word: string): string {
  return JSON.stringify(word)
}

function wrong(what: string): TypeError {
  return badOption(`trace: ${what}`)
}
