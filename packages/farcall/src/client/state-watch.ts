import type { Clock } from "../core/clock.js"
import type { ConnectivityState } from "../core/connectivity.js"
import type { KnownOptions } from "../core/known-options.js"
import { StatusError } from "../core/status-error.js"
import type { Channel } from "./transport.js"

/** What bounds waiting for a channel's state. */
export interface WaitOptions {
  /** How long to wait, in milliseconds. Without it and without a signal: until the channel is READY or closed. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export const waitOptions: KnownOptions<WaitOptions> = { timeoutMs: "number", signal: "object" }

type Wait = Pick<Channel, "describeWait" | "lastError">

/** Those who want to know of a channel's states. */
export class StateWatch {
  private readonly listeners = new Set<() => void>()
  private state: ConnectivityState = "IDLE"

  /** The channel is in this state now. */
  set(state: ConnectivityState): void {
    if (state === this.state) return
    this.state = state
    for (const listener of [...this.listeners]) listener()
  }

  /**
   * The state there is, then every one that follows, to SHUTDOWN. Whoever is slow is not told of states that are over:
   * the next one is always the one there is.
   */
  async *states(signal: AbortSignal | undefined): AsyncGenerator<ConnectivityState, void, undefined> {
    let told: ConnectivityState | undefined
    while (told !== "SHUTDOWN") {
      if (signal?.aborted) throw cancelled(signal)
      if (told === this.state) await this.next(signal)
      else yield (told = this.state)
    }
  }

  /**
   * Resolves at READY.
   * @param wait what the channel waits for, and the last error it met, for this one's error
   * @throws StatusError DEADLINE_EXCEEDED when the time is up; CANCELLED by the signal; UNAVAILABLE when the channel is closed
   */
  ready({ timeoutMs, signal }: WaitOptions, clock: Clock, wait: Wait): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: StatusError): void => {
        this.listeners.delete(look)
        hold.cancel()
        timer?.cancel()
        signal?.removeEventListener("abort", abandon)
        if (error === undefined) resolve()
        else reject(error)
      }
      const look = (): void => {
        if (this.state === "READY") settle()
        else if (this.state === "SHUTDOWN")
          settle(new StatusError("UNAVAILABLE", wait.describeWait(), { reason: "FARCALL_CHANNEL_CLOSED" }))
      }
      const abandon = (): void => settle(cancelled(signal!, wait.describeWait()))
      // Somebody waits: the process is not to end under them.
      const hold = clock.hold()
      const timer =
        timeoutMs === undefined
          ? undefined
          : clock.after(timeoutMs, () => {
              const text = `not ready after ${timeoutMs} ms: ${wait.describeWait()}`
              settle(
                new StatusError("DEADLINE_EXCEEDED", text, {
                  cause: wait.lastError,
                  reason: "FARCALL_DEADLINE_PASSED",
                }),
              )
            })
      this.listeners.add(look)
      signal?.addEventListener("abort", abandon)
      if (signal?.aborted) abandon()
      else look()
    })
  }

  private next(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.listeners.delete(done)
        signal?.removeEventListener("abort", done)
        resolve()
      }
      this.listeners.add(done)
      signal?.addEventListener("abort", done)
    })
  }
}

function cancelled(signal: AbortSignal, what = "watching the channel's states"): StatusError {
  return new StatusError("CANCELLED", `the signal ended it: ${what}`, {
    cause: signal.reason,
    reason: "FARCALL_CALL_CANCELLED",
  })
}
