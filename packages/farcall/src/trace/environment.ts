import { systemClock } from "../core/clock.js"
import { isVerbosity, readAreas, type TraceVerbosity, traceAreas } from "./areas.js"
import { startTrace } from "./trace.js"

/**
 * Starts the trace that the process was asked for by its environment, on stderr: `FARCALL_TRACE` lists areas,
 * `FARCALL_VERBOSITY` says how much is told, and by itself asks for all areas but frames. Without them nothing is done;
 * nor is it a second time, for clients and servers both ask for it as they are loaded.
 */
export function traceByEnvironment(environment: Readonly<Record<string, string | undefined>>): void {
  const { FARCALL_TRACE: list = "", FARCALL_VERBOSITY: word = "" } = environment
  if (started || (list === "" && word === "")) return
  started = true
  const { areas, unknown } = readAreas(list === "" ? "-http2" : list)
  const { isMainThread, threadId } = process.getBuiltinModule("node:worker_threads")
  // The main thread has said it for all.
  for (const name of isMainThread ? new Set(unknown) : []) {
    const known = Object.keys(traceAreas).join(", ")
    tell(`FARCALL_TRACE names ${JSON.stringify(name)}, which is no area: there are ${known}, and all`)
  }
  const begun = systemClock.now()
  const thread = isMainThread ? "" : `thread=${threadId} `
  startTrace(areas, verbosityOf(word, isMainThread), (_level, line) => {
    const time = (systemClock.now() - begun).toFixed(3).padStart(8)
    process.stderr.write(`[${time}] ${thread}${line}\n`)
  })
}

let started = false

function verbosityOf(word: string, aloud: boolean): TraceVerbosity {
  if (word === "") return "debug"
  if (isVerbosity(word)) return word
  if (aloud) tell(`FARCALL_VERBOSITY is ${JSON.stringify(word)}, and must be debug, info, error or none`)
  return "debug"
}

function tell(what: string): void {
  process.stderr.write(`[FARCALL_BAD_TRACE] ${what}\n`)
}
