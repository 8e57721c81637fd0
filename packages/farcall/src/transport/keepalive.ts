import type { Clock, Timer } from "../core/clock.js"
import type { KnownOptions } from "../core/known-options.js"
import { withReason } from "../core/reason.js"
import type { Http2Session } from "./http2-session.js"

/** When a connection that says nothing is asked whether it is still there (gRPC A8). */
export interface KeepaliveOptions {
  /** How long nothing may have come before PING is sent, in milliseconds. */
  readonly timeMs?: number | undefined
  /** How long anything at all may take to come then, in milliseconds, before the connection is given up. Default 20,000. */
  readonly timeoutMs?: number | undefined
}

export const keepaliveOptions: KnownOptions<KeepaliveOptions> = { timeMs: "number", timeoutMs: "number" }

/** The options, with nothing left out. */
export interface KeepaliveTimes {
  readonly timeMs: number
  readonly timeoutMs: number
  /** Whether a connection without calls is watched too. */
  readonly withoutCalls: boolean
}

/**
 * Watches one connection: PING when nothing has come for `timeMs`, and the end of it when nothing comes after that for
 * `timeoutMs`. What the peer sends of its own accord is as good as an answer, so a busy connection sends no PING.
 *
 *     quiet for timeMs ──> PING ──> something comes ──> (from the start)
 *                            └───── nothing for timeoutMs ──> cut
 *
 * One timer at a time, which looks at when the wire was last heard; a call costs it nothing.
 */
export class Keepalive {
  private readonly session: Http2Session
  private readonly clock: Clock
  private readonly times: KeepaliveTimes
  private timer: Timer | undefined = undefined
  /** When PING was sent that nothing has come after; −1 when there is none. */
  private asked = -1
  private stopped = false

  constructor(session: Http2Session, times: KeepaliveTimes) {
    this.session = session
    this.clock = session.clock
    this.times = times
    this.watch(times.timeMs)
  }

  /** A stream was opened. Without calls nobody watched: what was missed meanwhile is made up for. */
  onStream(): void {
    if (this.timer === undefined && !this.stopped) this.look()
  }

  stop(): void {
    this.stopped = true
    this.timer?.cancel()
  }

  private watch(ms: number): void {
    this.timer = this.clock.after(ms, () => {
      this.timer = undefined
      this.look()
    })
  }

  private look(): void {
    const { session, times } = this
    const now = this.clock.now()
    if (this.asked >= 0) {
      if (session.heard.at < this.asked) {
        const silence = `nothing came for ${now - session.heard.at} ms`
        const text = `${silence}, and PING was not answered within ${times.timeoutMs} ms`
        session.cut(withReason("FARCALL_PEER_SILENT", new Error(text)))
        return
      }
      this.asked = -1
    }
    const quiet = now - session.heard.at
    if (quiet < times.timeMs) {
      this.watch(times.timeMs - quiet)
      return
    }
    // Until there is a call, nobody needs to know (A8: no pings without calls, unless they are asked for).
    if (!times.withoutCalls && session.connection.openStreams === 0) return
    this.asked = now
    session.counts.keepalivesSent++
    session.connection.ping(question)
    this.watch(times.timeoutMs)
  }
}

const question = new TextEncoder().encode("alive?  ")
