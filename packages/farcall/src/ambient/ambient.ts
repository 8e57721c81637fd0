import { AsyncLocalStorage } from "node:async_hooks"
import { type Clock, systemClock } from "../core/clock.js"
import type { ParentContext } from "../core/context.js"
import type { Call, Interceptor, Response } from "../core/interceptor.js"
import { checkOptions, type KnownOptions } from "../core/known-options.js"
import { streamsResponses } from "../core/service.js"

/** Whatever runs on behalf of a call, however many awaits away. It costs nothing before `run` is first called. */
const parents = new AsyncLocalStorage<ParentContext>()

/** What follows a handler of itself. */
export interface AmbientOptions {
  /** The server's clock. Default: real time. */
  readonly clock?: Clock | undefined
}

const ambientOptions: KnownOptions<AmbientOptions> = { clock: "object" }

/**
 * Deadline and cancellation go from a server's handlers to the calls that they make, without `{ parent: context }`:
 *
 *     const server = createServer({ interceptors: [ambient()] })
 *     const backend = createClient(Backend, channel, { parent: ambientParent })
 *
 * Every await of the process costs a little more from then on (AsyncLocalStorage). Handlers on worker threads are on a
 * thread of their own: there, `withParent`.
 */
export function ambient(options: AmbientOptions = {}): Interceptor {
  checkOptions("ambient", options, ambientOptions)
  const { clock = systemClock } = options
  return (next) => async (call) => {
    const parent = new AmbientContext(call, clock)
    const response = await parents.run(parent, next, call)
    return streamsResponses(call.method.kind) ? within(parent, response) : response
  }
}

/** The handler that the running code belongs to, for `createClient(…, { parent: ambientParent })`; undefined outside of one. */
export function ambientParent(): ParentContext | undefined {
  return parents.getStore()
}

/** Runs `action` as part of a handler, for code that has its context but was not called by it. */
export function withParent<Result>(parent: ParentContext, action: () => Result): Result {
  return parents.run(parent, action)
}

/** Runs `action` as part of no handler: calls made in it may go on when the handler has ended. */
export function detached<Result>(action: () => Result): Result {
  return parents.exit(action)
}

class AmbientContext implements ParentContext {
  private readonly call: Call
  private readonly clock: Clock

  constructor(call: Call, clock: Clock) {
    this.call = call
    this.clock = clock
  }

  get remainingMs(): number {
    return Math.max(0, this.call.deadline - this.clock.now())
  }

  get signal(): AbortSignal {
    return this.call.signal
  }
}

/** A generator runs in the context of whoever asks it for its next value, which is not that in which it was made. */
function within(parent: ParentContext, response: Response): Response {
  const open = opener(response.messages)
  // What is no iterable is for the server to refuse.
  if (open === undefined) return response
  return response.with({
    messages: { [Symbol.asyncIterator]: () => inContext(parent, parents.run(parent, open)) },
  })
}

/** How to begin to read what a handler has returned, which may be a plain iterable too. */
function opener(messages: unknown): (() => Messages) | undefined {
  if (typeof messages !== "object" || messages === null) return undefined
  if (Symbol.asyncIterator in messages) return () => (messages as AsyncIterable<unknown>)[Symbol.asyncIterator]()
  if (Symbol.iterator in messages)
    return () => (messages as Iterable<unknown>)[Symbol.iterator]() as unknown as Messages
  return undefined
}

/** What a plain iterator gives at once is awaited by whoever reads it, and so as good as a promise. */
type Messages = AsyncIterator<unknown>

function inContext(parent: ParentContext, inner: Messages): Messages {
  return {
    next: () => parents.run(parent, () => inner.next()),
    // One that cannot be told to stop is not asked to.
    ...(inner.return && { return: () => parents.run(parent, () => inner.return!()) }),
  }
}
