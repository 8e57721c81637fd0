import { diagnosticsChannel } from "../core/diagnostics.js"
import type { DiagnosticsEvents } from "../core/diagnostics-events.js"
import { isTold, type TraceArea, type TraceLevel, type TraceVerbosity } from "./areas.js"
import { type CallOf, type EventLine, eventLines } from "./event-lines.js"
import { NamedCalls } from "./named-calls.js"

/** Where the lines of a trace go. */
export type TracePrinter = (level: TraceLevel, line: string) => void

/** A frame of HTTP/2 that has passed. */
export interface PassingFrame {
  readonly role: "client" | "server"
  readonly connectionId: number
  /** 0: it is about the connection. */
  readonly streamId: number
  readonly peer: string
  /** `>`: it was sent. */
  readonly way: ">" | "<"
  readonly text: string
}

/** Those who want to be told of frames. Asked when a connection is made: frames of those before are not told. */
export const frameListeners: Set<(frame: PassingFrame) => void> = new Set()

/**
 * Tells in a line of each event in these areas, from now on; returns what ends it. An area's name begins its lines, and
 * what an event is about is named the same in all of them, so that one call, stream or connection can be searched for:
 *
 *     call       client call=3 attempt=1 connection=5 stream=1 goes to ipv4:127.0.0.1:50051
 *     http2      client call=3 connection=5 stream=1 > HEADERS 1 END_HEADERS :method=POST …
 */
export function startTrace(areas: ReadonlySet<TraceArea>, verbosity: TraceVerbosity, print: TracePrinter): () => void {
  if (areas.size === 0 || verbosity === "none") return () => {}
  const calls = areas.has("http2") || areas.has("connection") ? new NamedCalls() : undefined
  const callOf: CallOf = calls?.of ?? (() => undefined)
  const tell = (area: TraceArea, level: TraceLevel, words: string): void =>
    print(level, `${area.padEnd(longest)} ${words}`)
  const ends: (() => void)[] = []
  for (const name of Object.keys(eventLines) as (keyof DiagnosticsEvents)[]) {
    const line = eventLines[name] as EventLine<unknown>
    if (areas.has(line.area)) ends.push(follow(name, line, verbosity, callOf, tell))
  }
  if (areas.has("http2") && isTold("debug", verbosity)) {
    const listener = (frame: PassingFrame): void => tell("http2", "debug", wordsOf(frame, callOf))
    frameListeners.add(listener)
    ends.push(() => frameListeners.delete(listener))
  }
  return () => {
    calls?.stop()
    for (const end of ends) end()
  }
}

/** As wide as the longest area's name, so that lines stand under one another. */
const longest = "connection".length

function follow(
  name: keyof DiagnosticsEvents,
  { area, level, words }: EventLine<unknown>,
  verbosity: TraceVerbosity,
  callOf: CallOf,
  tell: (area: TraceArea, level: TraceLevel, words: string) => void,
): () => void {
  const channel = diagnosticsChannel(name)
  const listener = (message: unknown): void => {
    const importance = level(message)
    if (isTold(importance, verbosity)) tell(area, importance, words(message, callOf))
  }
  channel.subscribe(listener)
  return () => channel.unsubscribe(listener)
}

function wordsOf({ role, connectionId, streamId, peer, way, text }: PassingFrame, callOf: CallOf): string {
  const call = streamId === 0 ? undefined : callOf(connectionId, streamId)
  const stream = streamId === 0 ? "" : ` stream=${streamId}`
  return `${role} ${call === undefined ? "" : `call=${call} `}connection=${connectionId}${stream} ${peer} ${way} ${text}`
}
