import type { Call, CallChanges } from "../core/interceptor.js"
import { Metadata } from "../core/metadata.js"
import type { AnyMethod } from "../core/service.js"
import { showAs } from "../core/shown-as.js"
import { cancelledHere } from "./call-errors.js"
import type { CallOptions } from "./call-options.js"
import { timeoutOf } from "./call-timeout.js"
import type { StreamingCall } from "./streaming-call.js"
import type { Channel } from "./transport.js"

/**
 * A call of a client as its interceptors see it, on its way to the server. What none of them asks for is not made:
 * metadata, a signal, other options than the user's.
 */
export class OutgoingCall implements Call {
  readonly method: AnyMethod
  readonly channel: Channel
  readonly deadline: number
  readonly auth: undefined = undefined
  readonly fate: CallFate
  /** The user's request, of a call that has one. */
  readonly request: unknown
  private readonly options: CallOptions | undefined
  private readonly changes: CallChanges
  private ownMetadata: Metadata | undefined

  constructor(
    method: AnyMethod,
    channel: Channel,
    options: CallOptions | undefined,
    request: unknown,
    changes: CallChanges,
    fate: CallFate = new CallFate(options?.signal),
    deadline: number = deadlineOf(options, channel),
  ) {
    this.method = method
    this.channel = channel
    this.options = options
    this.request = request
    this.changes = changes
    this.fate = fate
    this.deadline = deadline
    this.ownMetadata = changes.metadata
  }

  get metadata(): Metadata {
    return (this.ownMetadata ??= new Metadata(this.options?.metadata))
  }

  get signal(): AbortSignal {
    return this.fate.signal
  }

  get peer(): string | undefined {
    return this.fate.latest?.peer
  }

  get values(): Map<unknown, unknown> {
    return this.fate.values
  }

  /** Whether the request is the user's own. */
  get unchanged(): boolean {
    return this.changes.message === undefined
  }

  message(): Promise<unknown> {
    return this.changes.message === undefined ? Promise.resolve(this.request) : this.changes.message()
  }

  get messages(): AsyncIterable<unknown> {
    return this.changes.messages!
  }

  with(changes: CallChanges): Call {
    const all = { metadata: this.metadata, ...this.changes, ...changes }
    return new OutgoingCall(this.method, this.channel, this.options, this.request, all, this.fate, this.deadline)
  }

  static {
    showAs<OutgoingCall>(OutgoingCall.prototype, "Call", ({ method, metadata, deadline, peer }) => ({
      method: method.path,
      metadata,
      deadline,
      peer,
    }))
  }

  /** The options that it is made with in the end: the user's, where nobody has looked at what could be changed. */
  get finalOptions(): CallOptions | undefined {
    const { options, ownMetadata, deadline } = this
    if (ownMetadata === undefined && deadline === Number.POSITIVE_INFINITY) return options
    if (options === undefined && ownMetadata?.size === 0) return undefined
    const timeoutMs = deadline - this.channel.clock.now()
    return { ...options, metadata: ownMetadata ?? options?.metadata, deadline: undefined, timeoutMs }
  }
}

/** What has been made of it, or is to be. */
interface MadeCall {
  readonly peer: string | undefined
}

/** What all copies of a call have in common: what becomes of it. */
export class CallFate {
  /** What it was made last. */
  latest: MadeCall | undefined = undefined
  private readonly userSignal: AbortSignal | undefined
  private running: StreamingCall[] | undefined = undefined
  private cancelled: { readonly reason: unknown } | undefined = undefined
  private abortion: AbortController | undefined = undefined
  private ownSignal: AbortSignal | undefined = undefined
  private left: Map<unknown, unknown> | undefined = undefined

  constructor(userSignal: AbortSignal | undefined) {
    this.userSignal = userSignal
  }

  /** Aborted when the call is cancelled, by the user's signal or otherwise. */
  get signal(): AbortSignal {
    if (this.ownSignal === undefined) {
      const { userSignal } = this
      this.abortion = new AbortController()
      if (this.cancelled !== undefined) this.abortion.abort(this.cancelled.reason)
      const { signal } = this.abortion
      this.ownSignal = userSignal === undefined ? signal : AbortSignal.any([userSignal, signal])
    }
    return this.ownSignal
  }

  get values(): Map<unknown, unknown> {
    return (this.left ??= new Map())
  }

  /** A call that streams has been made of it, which may be the second where an interceptor makes it again. */
  begun(call: StreamingCall): void {
    this.latest = call
    this.running = [...(this.running ?? []).filter((other) => !other.over), call]
  }

  /** @throws StatusError when it has been cancelled */
  check(): void {
    if (this.cancelled === undefined) return
    throw cancelledHere("before it began", this.cancelled.reason)
  }

  cancel(reason: unknown): void {
    this.cancelled ??= { reason }
    this.abortion?.abort(reason)
    for (const call of this.running ?? []) call.cancel(reason)
  }
}

/** The instant on the channel's clock at which the call is to end by its options. */
function deadlineOf(options: CallOptions | undefined, { clock }: Channel): number {
  if (options === undefined) return Number.POSITIVE_INFINITY
  const timeoutMs = timeoutOf(options, clock)
  return timeoutMs === Number.POSITIVE_INFINITY ? timeoutMs : clock.now() + timeoutMs
}
