import type { Clock, Timer } from "../core/clock.js"
import type { KnownOptions } from "../core/known-options.js"
import { optionOutOfRange } from "../core/reason.js"

/** How long a server keeps a connection (gRPC A9). Nothing is limited by default. */
export interface ConnectionAgeOptions {
  /** How long a connection may be without calls, in milliseconds. */
  readonly maxIdleMs?: number | undefined
  /** How old it may become, in milliseconds, give or take a tenth, so that not all clients come back at once. */
  readonly maxAgeMs?: number | undefined
  /** How long its calls may go on then, in milliseconds, before they are ended. Without end when left out. */
  readonly maxAgeGraceMs?: number | undefined
}

export const connectionAgeOptions: KnownOptions<ConnectionAgeOptions> = {
  maxIdleMs: "number",
  maxAgeMs: "number",
  maxAgeGraceMs: "number",
}

/** What is told of a connection whose time is up. */
export interface AgingConnection {
  /** It is to take no more calls; `reason` is for the peer. */
  drain(reason: string): void
  /** Its grace is over. */
  close(reason: string): void
}

/** @throws RangeError for a time that is not above 0 */
export function checkConnectionAge(options: ConnectionAgeOptions): ConnectionAgeOptions {
  for (const name of ["maxIdleMs", "maxAgeMs", "maxAgeGraceMs"] as const) {
    const value = options[name]
    if (value !== undefined && !(value > 0))
      throw optionOutOfRange(`createServer: connections.${name} is ${value}, and must be above 0`)
  }
  return options
}

/** Watches how old one connection is, and how long it has been without calls. */
export class ConnectionAge {
  private readonly connection: AgingConnection
  private readonly clock: Clock
  private readonly options: ConnectionAgeOptions
  private ageTimer: Timer | undefined = undefined
  private idleTimer: Timer | undefined = undefined

  /** @param random from 0 up to 1, for the tenth */
  constructor(connection: AgingConnection, clock: Clock, options: ConnectionAgeOptions, random: () => number) {
    this.connection = connection
    this.clock = clock
    this.options = options
    const { maxAgeMs, maxAgeGraceMs } = options
    if (maxAgeMs !== undefined) {
      this.ageTimer = clock.after(maxAgeMs * (0.9 + 0.2 * random()), () => {
        this.idleTimer?.cancel()
        connection.drain("max_age")
        if (maxAgeGraceMs === undefined) return
        this.ageTimer = clock.after(maxAgeGraceMs, () => connection.close("max_age_grace"))
      })
    }
    this.onIdle()
  }

  /** The last call has ended, or there has been none yet. */
  onIdle(): void {
    const { maxIdleMs } = this.options
    if (maxIdleMs === undefined) return
    this.idleTimer?.cancel()
    this.idleTimer = this.clock.after(maxIdleMs, () => this.connection.drain("max_idle"))
  }

  /** A call has begun. */
  onBusy(): void {
    this.idleTimer?.cancel()
    this.idleTimer = undefined
  }

  stop(): void {
    this.ageTimer?.cancel()
    this.idleTimer?.cancel()
  }
}
