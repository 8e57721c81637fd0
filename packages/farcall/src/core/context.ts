/**
 * What calls made on behalf of another inherit: pass a handler's context as `{ parent: context }` and they end when it
 * ends, and not later than its deadline (checklist point 40).
 */
export interface ParentContext {
  /** Milliseconds left until the deadline, `Infinity` without one; 0 once it has passed. */
  readonly remainingMs: number
  /** Aborted when the parent is cancelled, its deadline passes, or it ends before its children. */
  readonly signal: AbortSignal
}
