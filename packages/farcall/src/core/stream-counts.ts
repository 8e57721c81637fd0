import type { CallTally } from "./call-counts.js"

/**
 * Counts what goes over one connection: always, for an increment costs next to nothing. When it happened is noted by
 * `stamp`, once for all that a chunk or a batch of output has brought. Times are by the connection's clock.
 */
export class StreamCounts {
  /** Streams that were opened, by either side. */
  started = 0
  /** Streams that the server has ended with END_STREAM, whatever the status. */
  succeeded = 0
  /** Streams that were reset, or lost with the connection. */
  failed = 0
  /** Those that succeeded with the status OK. */
  ok = 0
  messagesSent = 0
  messagesReceived = 0
  keepalivesSent = 0
  /** `NaN`: none has been opened since anybody wanted to know. */
  lastStartedAt: number = Number.NaN
  lastSentAt: number = Number.NaN
  lastReceivedAt: number = Number.NaN
  private startedBefore = 0
  private sentBefore = 0
  private receivedBefore = 0

  /**
   * A stream is over; to be told once of each.
   * @param ended the server has ended it with END_STREAM
   * @param ok … and the status OK
   */
  end(ended: boolean, ok: boolean): void {
    if (!ended) this.failed++
    else {
      this.succeeded++
      if (ok) this.ok++
    }
  }

  /** What was counted since this was called last has happened at `now`; `NaN`: nobody wants to know. */
  stamp(now: number): void {
    if (this.started !== this.startedBefore) {
      this.startedBefore = this.started
      this.lastStartedAt = now
    }
    if (this.messagesSent !== this.sentBefore) {
      this.sentBefore = this.messagesSent
      this.lastSentAt = now
    }
    if (this.messagesReceived !== this.receivedBefore) {
      this.receivedBefore = this.messagesReceived
      this.lastReceivedAt = now
    }
  }

  /** The streams as calls: one that the server ended with an error has failed. */
  get calls(): CallTally {
    const { started, succeeded, failed, ok, lastStartedAt } = this
    return { started, succeeded: ok, failed: succeeded + failed - ok, lastStartedAt }
  }
}
