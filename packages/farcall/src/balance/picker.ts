import type { ChannelCall } from "../client/transport.js"

/**
 * What a balancer knows at one moment, as a channel asks it for each call: a snapshot that a balancer replaces and never
 * changes (a position to go on from aside).
 */
export interface Picker {
  /** Opens `call` on a ready connection; false: none can take it just now. */
  place(call: ChannelCall): boolean
  /** There is no connection to be had: calls that do not wait for ready fail, with `describe` as the text. */
  readonly failing: boolean
  /** The last error met. */
  readonly cause: Error | undefined
  /** What calls that were not placed are waiting for, in a few words. `now` is the channel's clock. */
  describe(now: number): string
}

/** Connections are on their way, or nobody has asked for them: calls wait. */
export class WaitingPicker implements Picker {
  readonly failing = false
  readonly cause: Error | undefined
  private readonly text: string

  constructor(text: string, cause?: Error | undefined) {
    this.text = text
    this.cause = cause
  }

  place(_call: ChannelCall): boolean {
    return false
  }

  describe(_now: number): string {
    return this.text
  }
}

/** No connection could be made. */
export class FailingPicker implements Picker {
  readonly failing = true
  readonly cause: Error | undefined
  private readonly text: string
  private readonly retryAt: number

  /**
   * @param text what failed, and why
   * @param cause the last error
   * @param retryAt when the next attempt starts, by the channel's clock
   */
  constructor(text: string, cause: Error | undefined, retryAt: number) {
    this.text = text
    this.cause = cause
    this.retryAt = retryAt
  }

  place(_call: ChannelCall): boolean {
    return false
  }

  describe(now: number): string {
    const wait = this.retryAt - now
    return `${this.text} (${wait > 0 ? `next attempt in ${(wait / 1000).toFixed(2)} s` : "the next attempt is under way"})`
  }
}
