import type { CallTally } from "./call-counts.js"
import type { Clock } from "./clock.js"
import { observed } from "./observation.js"

/**
 * Counts what goes over one connection: always, for an increment costs next to nothing. Times are taken only while
 * somebody may look; they are by the connection's clock, `NaN` where there is none.
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
  lastStartedAt: number = Number.NaN
  lastSentAt: number = Number.NaN
  lastReceivedAt: number = Number.NaN
  private readonly clock: Clock

  constructor(clock: Clock) {
    this.clock = clock
  }

  start(): void {
    this.started++
    if (observed) this.lastStartedAt = this.clock.now()
  }

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

  sent(): void {
    this.messagesSent++
    if (observed) this.lastSentAt = this.clock.now()
  }

  received(): void {
    this.messagesReceived++
    if (observed) this.lastReceivedAt = this.clock.now()
  }

  /** The streams as calls: one that the server ended with an error has failed. */
  get calls(): CallTally {
    const { started, succeeded, failed, ok, lastStartedAt } = this
    return { started, succeeded: ok, failed: succeeded + failed - ok, lastStartedAt }
  }
}
