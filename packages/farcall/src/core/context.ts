import type { AbortListeners } from "./abort-listeners.js"
import type { CallTracer, ServerCallTrace } from "./call-tracer.js"

/**
 * What calls made on behalf of another inherit: pass a handler's context as `{ parent: context }` and they end when it
 * ends, and not later than its deadline (checklist point 40).
 */
export interface ParentContext {
  /** Milliseconds left until the deadline, `Infinity` without one; 0 once it has passed. */
  readonly remainingMs: number
  /** Aborted when the parent is cancelled, its deadline passes, or it ends before its children. */
  readonly signal: AbortSignal
  /** What `signal` tells, for less: those who are told of the end. A handler's context has it. */
  readonly end?: AbortListeners | undefined
  /** The parent's own traces, for the tracers of its children. A handler's context has it where its call is traced. */
  readonly tracing?: ParentTracing | undefined
}

/** What watches a call that others are made for. */
export interface ParentTracing {
  /** What a tracer watches it with. */
  traceBy(tracer: CallTracer): ServerCallTrace | undefined
}
