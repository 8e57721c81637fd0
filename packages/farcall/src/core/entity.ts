import type { Clock } from "./clock.js"
import { limits } from "./limits.js"
import { observed } from "./observation.js"

let last = 0

/**
 * What a channel, a subchannel, a server and a socket are to those who look in from outside (`farcall/channelz`): a
 * number, and a history while somebody may look.
 */
export class Entity {
  /** Unique in the process, among all kinds; a greater one is younger. */
  readonly id: number = ++last
  readonly clock: Clock
  /** By `clock`. */
  readonly madeAt: number
  /** How many events there have been, those that are kept no more included. */
  eventCount = 0
  private kept: TraceEvent[] | undefined = undefined

  constructor(clock: Clock) {
    this.clock = clock
    this.madeAt = clock.now()
  }

  /** The events that are kept, the oldest first. */
  get events(): readonly TraceEvent[] {
    return this.kept ?? []
  }

  /**
   * Something has happened, which is remembered only while somebody may look. It is not for what happens at each call.
   * @param child what under it the event is about
   */
  record(severity: TraceSeverity, text: string, child?: TraceChild): void {
    if (!observed) return
    this.eventCount++
    this.kept ??= []
    if (this.kept.length === limits.traceEvents) this.kept.shift()
    this.kept.push({ severity, text: text.slice(0, limits.traceTextLength), at: this.clock.now(), child })
  }
}

/** How bad an event is: as it should be; failed, and tried again; broken. */
export type TraceSeverity = "info" | "warning" | "error"

/** What an event is about, by its number alone: an event keeps nothing alive. */
export interface TraceChild {
  readonly kind: "channel" | "subchannel" | "socket"
  readonly id: number
  readonly name: string
}

export interface TraceEvent {
  readonly severity: TraceSeverity
  readonly text: string
  /** By the entity's clock. */
  readonly at: number
  readonly child: TraceChild | undefined
}
