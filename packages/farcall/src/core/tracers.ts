import { clientDiagnostics, serverDiagnostics } from "./call-diagnostics.js"
import type { CallTracer, MessageEvents, ServerCallTrace } from "./call-tracer.js"
import { badOption } from "./reason.js"

/** The tracers of all channels and servers of the process, in addition to those that each was given. */
export class GlobalTracers {
  private added: readonly CallTracer[] | undefined = undefined
  private clients: readonly CallTracer[] = [clientDiagnostics]
  private servers: readonly CallTracer[] = [serverDiagnostics]

  /**
   * Those of calls that clients make; `undefined` when there are none, which is all that a call looks at then. What
   * publishes on diagnostics channels is one of them while those of its side have subscribers.
   */
  get forClients(): Tracers {
    return clientDiagnostics.enabled ? this.clients : this.added
  }

  /** The same for calls that servers take. */
  get forServers(): Tracers {
    return serverDiagnostics.enabled ? this.servers : this.added
  }

  /** Adds a tracer, for calls that begin from now on. Returns what takes it away again. */
  add(tracer: CallTracer): () => void {
    this.keep([...(this.added ?? []), tracer])
    return () => this.keep((this.added ?? []).filter((other) => other !== tracer))
  }

  private keep(tracers: readonly CallTracer[]): void {
    this.added = tracers.length === 0 ? undefined : tracers
    this.clients = [...tracers, clientDiagnostics]
    this.servers = [...tracers, serverDiagnostics]
  }
}

/** Those that watch all calls of the process, on both sides. */
export const globalTracers: GlobalTracers = new GlobalTracers()

/** `undefined`: none. */
export type Tracers = readonly CallTracer[] | undefined

/**
 * The option `tracers`, as it is kept.
 * @throws TypeError when it is no list of objects
 */
export function tracersOption(caller: string, tracers: readonly CallTracer[] | undefined): Tracers {
  if (tracers === undefined) return undefined
  if (!Array.isArray(tracers) || tracers.some((tracer) => typeof tracer !== "object" || tracer === null)) {
    throw badOption(`${caller}: tracers must be a list of tracers`)
  }
  return tracers.length === 0 ? undefined : [...tracers]
}

/** A channel's or server's own tracers, and those of the process. */
export function tracersWith(own: Tracers, others: Tracers): Tracers {
  if (own === undefined) return others
  return others === undefined ? own : own.concat(others)
}

/** Whether a tracer is to be asked about a call. */
export function isEnabled(tracer: CallTracer): boolean {
  try {
    return tracer.enabled !== false
  } catch (error) {
    tracerFailed(tracer, error)
    return false
  }
}

/**
 * What one tracer watches a call or an attempt with, and the next one. What is watched is itself the first of the list:
 * mostly there is no other.
 */
export interface Watch<Trace> {
  tracer: CallTracer
  trace: Trace
  next: Watch<Trace> | undefined
}

/** Adds one to the list that begins with `first`. @param empty there is nobody on the list yet */
export function watchBy<Trace>(first: Watch<Trace>, tracer: CallTracer, trace: Trace, empty: boolean): void {
  if (empty) {
    first.tracer = tracer
    first.trace = trace
  } else append(first, { tracer, trace, next: undefined })
}

function append<Trace>(first: Watch<Trace>, watch: Watch<Trace>): void {
  let last = first
  while (last.next !== undefined) last = last.next
  last.next = watch
}

/** What `tracer` watches with. */
export function traceOf<Trace>(first: Watch<Trace>, tracer: CallTracer): Trace | undefined {
  for (let watch: Watch<Trace> | undefined = first; watch !== undefined; watch = watch.next)
    if (watch.tracer === tracer) return watch.trace
  return undefined
}

/** Runs interceptors and handler within what those on the list set up, the first one's outermost. */
export function runWithin(first: Watch<ServerCallTrace> | undefined, call: () => void): void {
  let setting = first
  while (setting !== undefined && setting.trace.run === undefined) setting = setting.next
  if (setting === undefined) {
    call()
    return
  }
  const { tracer, trace, next } = setting
  let called = false
  const once = (): void => {
    if (called) return
    called = true
    runWithin(next, call)
  }
  try {
    trace.run!(once)
  } catch (error) {
    tracerFailed(tracer, error)
  }
  once()
}

/** Tells all on the list that a message went, the `sequence`th. */
export function tellSent(
  first: Watch<MessageEvents>,
  sequence: number,
  size: number,
  wireSize: number,
  compressed: boolean,
): void {
  for (let watch: Watch<MessageEvents> | undefined = first; watch !== undefined; watch = watch.next) {
    try {
      watch.trace.onMessageSent?.(sequence, size, wireSize, compressed)
    } catch (error) {
      tracerFailed(watch.tracer, error)
    }
  }
}

/** Tells all on the list that a message came, the `sequence`th. */
export function tellReceived(
  first: Watch<MessageEvents>,
  sequence: number,
  size: number,
  wireSize: number,
  compressed: boolean,
): void {
  for (let watch: Watch<MessageEvents> | undefined = first; watch !== undefined; watch = watch.next) {
    try {
      watch.trace.onMessageReceived?.(sequence, size, wireSize, compressed)
    } catch (error) {
      tracerFailed(watch.tracer, error)
    }
  }
}

/** Before anybody watches. */
export const noTracer: CallTracer = {}
export const noTrace: Readonly<Record<string, never>> = {}

let calls = 0

/** The number of a call that is traced. */
export function nextCallId(): number {
  return ++calls
}

const host = globalThis as unknown as { readonly console: { error(...what: unknown[]): void } }

/** Those that have been told of on stderr, which is once for each. */
const printed = new WeakSet<CallTracer>()

/** A tracer has thrown: that concerns no call. */
export function tracerFailed(tracer: CallTracer, error: unknown): void {
  try {
    if (tracer.onError !== undefined) {
      tracer.onError(error)
      return
    }
  } catch {
    // It has said enough.
  }
  if (printed.has(tracer)) return
  printed.add(tracer)
  host.console.error("[FARCALL_CALLBACK_FAILED] a tracer failed; of what else it throws nothing is said:", error)
}
