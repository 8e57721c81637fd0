import type { Status } from "../core/status.js"
import type { RetryThrottle } from "./retry-throttle.js"
import type { HedgingPolicy, RetryPolicy } from "./service-config.js"
import type { ReceivedFields } from "./transport.js"

/** Decides when attempts are made, as long as none is committed. */
export interface AttemptPlan {
  /** Makes the first attempt. */
  start(): void
  /** An attempt has failed. Returns false when that is how the call ends, true when others are on their way. */
  onFailure(status: Status, pushback: Pushback): boolean
}

/** What a plan has to work with. */
export interface PlannedCall {
  /** How many attempts have been made, those aside that a server certainly never saw. */
  readonly attempts: number
  /** Whether some of them still run. */
  readonly running: boolean
  /** There is an answer, or nobody wants one any more. */
  readonly decided: boolean
  readonly throttle: RetryThrottle | undefined
  /** From 0 up to 1. */
  random(): number
  /** Makes the next attempt. May come back with `onFailure` before it returns. */
  attempt(): void
  /** Has `task` done in a while, in place of what was to be done before; unless the call is decided by then. */
  wait(ms: number, task: () => void): void
  stopWaiting(): void
  /** Nothing is on its way any more: the call ends with the last failure. */
  giveUp(): void
}

/** One attempt after another, each after the one before has failed. */
export class RetryPlan implements AttemptPlan {
  private readonly call: PlannedCall
  private readonly policy: RetryPolicy
  private retriesSincePushback = 0

  constructor(call: PlannedCall, policy: RetryPolicy) {
    this.call = call
    this.policy = policy
  }

  start(): void {
    this.call.attempt()
  }

  onFailure(status: Status, pushback: Pushback): boolean {
    const { call, policy } = this
    const { throttle } = call
    if (pushback === "stop") throttle?.failed()
    if (pushback === "stop" || !policy.retryableStatusCodes.has(status.codeNumber)) return false
    throttle?.failed()
    if (throttle?.allows === false || call.attempts >= policy.maxAttempts) return false
    call.wait(pushback ?? this.nextBackoff(), () => call.attempt())
    if (pushback !== undefined) this.retriesSincePushback = 0
    return true
  }

  /** Checklist point 53: min(initial × multiplierⁿ, max) × random(0.8, 1.2). */
  private nextBackoff(): number {
    const { initialBackoffMs, maxBackoffMs, backoffMultiplier } = this.policy
    const backoff = Math.min(initialBackoffMs * backoffMultiplier ** this.retriesSincePushback++, maxBackoffMs)
    return backoff * (0.8 + 0.4 * this.call.random())
  }
}

/** One attempt every while, whether or not those before have been answered. */
export class HedgingPlan implements AttemptPlan {
  private readonly call: PlannedCall
  private readonly policy: HedgingPolicy
  /** The server wants no more. */
  private stopped = false

  constructor(call: PlannedCall, policy: HedgingPolicy) {
    this.call = call
    this.policy = policy
  }

  start(): void {
    this.call.attempt()
    this.next(this.policy.hedgingDelayMs)
  }

  onFailure(status: Status, pushback: Pushback): boolean {
    const { call, policy } = this
    const fatal = !policy.nonFatalStatusCodes.has(status.codeNumber)
    if (pushback === "stop" || !fatal) call.throttle?.failed()
    if (fatal) return false
    if (pushback === "stop") {
      this.stopped = true
      call.stopWaiting()
      return call.running
    }
    return this.next(pushback ?? 0) || call.running
  }

  /** Sees to the next attempt, when there is to be one: at once with 0, by and by otherwise. */
  private next(ms: number): boolean {
    const { call, policy } = this
    if (this.stopped || call.decided || call.attempts >= policy.maxAttempts || call.throttle?.allows === false) {
      return false
    }
    if (ms > 0) call.wait(ms, () => this.hedge())
    else this.hedge()
    return true
  }

  private hedge(): void {
    const { call, policy } = this
    if (call.throttle?.allows !== false) {
      call.attempt()
      this.next(policy.hedgingDelayMs)
    } else if (!call.running) call.giveUp()
  }
}

/** What the server asks for in `grpc-retry-pushback-ms`: to wait so many milliseconds, or not to try again. */
export type Pushback = number | "stop" | undefined

/** Checklist point 52: what cannot be read is taken for the wish to be left alone, and so are two wishes. */
export function pushbackOf(trailers: ReceivedFields | undefined): Pushback {
  if (trailers === undefined || trailers.get("grpc-retry-pushback-ms") === undefined) return undefined
  const { fields } = trailers
  let value: string | undefined
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] !== "grpc-retry-pushback-ms") continue
    if (value !== undefined) return "stop"
    value = fields[i + 1]!
  }
  return /^(0|[1-9]\d{0,9})$/.test(value!) && Number(value) < 2 ** 31 ? Number(value) : "stop"
}
