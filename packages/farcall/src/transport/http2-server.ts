import { ErrorCode, type HeaderBlock, type Limits, type Stream } from "@farcall/http2"
import type { Clock, Timer } from "../core/clock.js"
import { diagnosticsChannel } from "../core/diagnostics.js"
import { limits } from "../core/limits.js"
import { tooManyPings } from "./channel-keepalive.js"
import { ConnectionAge, type ConnectionAgeOptions } from "./connection-age.js"
import { Http2Session, type SessionOwner, type StreamOwner } from "./http2-session.js"
import { Keepalive } from "./keepalive.js"
import { PingStrikes, type ServerKeepalive } from "./server-keepalive.js"
import type { Wire } from "./wire.js"

const streamOpen = diagnosticsChannel("farcall:server:stream:open")

export interface Http2ServerOptions {
  readonly clock: Clock
  readonly http2: Partial<Limits> | undefined
  /** A request has begun: returns who is told of what comes. `transport.streamDone()` is to be called at its end. */
  accept(transport: Http2ServerTransport, stream: Stream<StreamOwner>): StreamOwner
  onClosed(transport: Http2ServerTransport): void
  readonly keepalive: ServerKeepalive
  readonly age: ConnectionAgeOptions
  /** From 0 up to 1. */
  random(): number
}

/**
 * One client's HTTP/2 connection, on the server. Draining goes in three steps, so that no request is lost that was on
 * its way (RFC 9113 §6.8, checklist point 43):
 *
 *     GOAWAY(2³¹−1), PING ──> the PING comes back ──> GOAWAY(last stream) ──> the last stream is done ──> closed
 */
export class Http2ServerTransport implements SessionOwner {
  readonly session: Http2Session
  private readonly options: Http2ServerOptions
  /** Streams for which something still runs here. */
  private running = 0
  private drainState: "no" | "announced" | "final" = "no"
  private drainTimer: Timer | undefined = undefined
  private readonly keepalive: Keepalive
  private readonly strikes: PingStrikes
  private readonly age: ConnectionAge

  constructor(wire: Wire, options: Http2ServerOptions) {
    this.options = options
    this.session = new Http2Session("server", wire, options.clock, this, options.http2)
    this.keepalive = new Keepalive(this.session, options.keepalive)
    this.strikes = new PingStrikes(options.clock, options.keepalive)
    this.age = new ConnectionAge(this, options.clock, options.age, options.random)
    this.session.announce()
    this.session.start()
  }

  /**
   * Lets the calls that run end, takes no new ones, then closes.
   * @param reason in a word, for the peer
   */
  drain(reason = ""): void {
    if (this.drainState !== "no") return
    this.drainState = "announced"
    this.session.announceDrain(reason === "" ? "the server shuts down" : reason)
    const { connection, clock } = this.session
    connection.goAway(2 ** 31 - 1, ErrorCode.NO_ERROR, new TextEncoder().encode(reason))
    connection.ping(drainPing)
    this.drainTimer = clock.after(limits.drainPingMs, () => this.announceLast())
  }

  /** Ends the connection and all that runs on it. */
  close(reason: string): void {
    this.session.close(ErrorCode.NO_ERROR, reason)
  }

  /** The owner of a stream is done with it. */
  streamDone(): void {
    this.running--
    if (this.running > 0) return
    this.age.onIdle()
    if (this.drainState === "final") this.closeWhenIdle()
  }

  // ── from the session ──

  accept(stream: Stream<StreamOwner>, block: HeaderBlock): StreamOwner {
    if (this.running++ === 0) this.age.onBusy()
    this.session.counts.started++
    if (streamOpen.hasSubscribers) this.tellOf(stream, block)
    return this.options.accept(this, stream)
  }

  private tellOf({ id: streamId }: Stream<StreamOwner>, { path }: HeaderBlock): void {
    const { id: connectionId, remote: peer } = this.session
    streamOpen.publish({ connectionId, streamId, peer, path })
  }

  onPing(): void {
    if (this.strikes.add(this.session.connection)) this.session.close(ErrorCode.ENHANCE_YOUR_CALM, tooManyPings)
  }

  onPong(opaque: Uint8Array): void {
    if (this.drainState === "announced" && opaque.every((byte, i) => byte === drainPing[i])) this.announceLast()
  }

  onIdle(): void {
    if (this.drainState === "final") this.closeWhenIdle()
  }

  onClosed(): void {
    this.drainTimer?.cancel()
    this.keepalive.stop()
    this.age.stop()
    this.options.onClosed(this)
  }

  private announceLast(): void {
    if (this.drainState !== "announced") return
    this.drainTimer?.cancel()
    this.drainState = "final"
    const { connection } = this.session
    connection.goAway(connection.lastPeerStreamId, ErrorCode.NO_ERROR)
    this.closeWhenIdle()
  }

  private closeWhenIdle(): void {
    if (this.running === 0 && this.session.connection.openStreams === 0) this.close("")
  }
}

const drainPing = new TextEncoder().encode("draining")
