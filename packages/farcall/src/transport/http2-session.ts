import {
  Connection,
  type ConnectionError,
  type ConnectionHandler,
  type HeaderBlock,
  type Limits,
  type Stream,
  type StreamClosure,
} from "@farcall/http2"
import type { AuthContext } from "../core/auth-context.js"
import type { Clock, Timer } from "../core/clock.js"
import { Entity } from "../core/entity.js"
import type { Instant } from "../core/instant.js"
import { limits } from "../core/limits.js"
import { observed } from "../core/observation.js"
import { withReason } from "../core/reason.js"
import type { ConnectionFlow, ConnectionView } from "../core/registry.js"
import { StreamCounts } from "../core/stream-counts.js"
import { ConnectionEvents } from "./connection-events.js"
import { inboundOf, tapFrames } from "./frame-tap.js"
import type { Wire, WireHandler } from "./wire.js"

/** What has a stream: the gRPC side of one call, on a client or on a server. */
export interface StreamOwner {
  onHeaders(kind: "informational" | "initial" | "trailers", block: HeaderBlock, end: boolean): void
  onData(chunk: Uint8Array, start: number, stop: number, end: boolean): void
  onReset(closure: StreamClosure): void
  onWritable(): void
}

/** What has a session: the client's transport or the server's. What is no concern of its side's, it leaves out. */
export interface SessionOwner {
  /** On a server: a request has begun. Names the stream's owner, who is told of the headers by `onHeaders` as well. */
  accept?(stream: Stream<StreamOwner>, block: HeaderBlock): StreamOwner
  /** The peer's SETTINGS have come, for the first time or again. */
  onSettings?(): void
  onCapacity?(): void
  onGoAway?(lastStreamId: number, code: number, debug: Uint8Array): void
  onPong?(opaque: Uint8Array): void
  /** The peer sent PING; it has been answered. */
  onPing?(): void
  /** GOAWAY was sent or received, and the last stream has ended. */
  onIdle(): void
  /** No stream will be heard of again, and the wire is gone or going. */
  onClosed(error: Error | undefined): void
}

/**
 * An HTTP/2 connection on a wire, in either role: brings the wire's bytes to the engine and the engine's output to the
 * wire, one write a turn, and gives the engine its time.
 *
 *     wire ── onChunk ──> Connection ── callbacks ──> StreamOwner, SessionOwner
 *     wire <── write ──── flush <── onOutput ──────── commands
 */
export class Http2Session implements ConnectionHandler<StreamOwner>, WireHandler, ConnectionView {
  readonly connection: Connection<StreamOwner>
  readonly wire: Wire
  readonly clock: Clock
  readonly entity: Entity
  readonly counts: StreamCounts
  private readonly events: ConnectionEvents
  /** By what name a client has asked for the server. */
  readonly remoteName: string | undefined
  /** When bytes came last, by the clock. */
  heard: Instant
  private readonly owner: SessionOwner
  private readonly flush: () => void
  private readonly flushOrWait: () => void
  private readonly onWritten: () => void
  private flushing = false
  private reading = true
  /** Until the next turn nothing is read. */
  private resting = false
  private timer: Timer | undefined = undefined
  private timerAt = Number.POSITIVE_INFINITY
  private closed = false
  private closeTimer: Timer | undefined = undefined
  /** Whether the wire keeps the process alive. */
  private holding = true
  /** Batches given to the wire, and those of them that have left. */
  private batches = 0
  private batchesLeft = 0
  /** Runs while some have not, and looks whether they get anywhere. */
  private stallTimer: Timer | undefined = undefined
  /** What the peer's last GOAWAY said. */
  private goAwayCode: number | undefined = undefined

  constructor(
    role: "client" | "server",
    wire: Wire,
    clock: Clock,
    owner: SessionOwner,
    http2Limits: Partial<Limits> | undefined,
    remoteName?: string,
  ) {
    this.clock = clock
    this.entity = new Entity(clock)
    this.wire = tapFrames(wire, role, this.entity.id)
    this.counts = new StreamCounts()
    this.remoteName = remoteName
    this.events = new ConnectionEvents(this, role)
    this.owner = owner
    this.heard = { at: clock.now() }
    this.flush = () => this.flushNow()
    this.flushOrWait = () => {
      if (this.connection.openStreams <= 1 && this.connection.wantsInput) this.flushNow()
      else this.clock.defer(this.flush)
    }
    this.onWritten = () => {
      this.batchesLeft++
      this.connection.written()
      this.readOrPause()
    }
    this.connection = new Connection(role, this, http2Limits ?? {})
  }

  /** Sends the preface and begins to read. */
  start(): void {
    this.flushNow()
    this.wire.attach(this)
    this.connection.advance(this.clock.now())
    this.watchTime()
  }

  /** To be given what came over the wire before there was a session. */
  get inbound(): WireHandler {
    return inboundOf(this.wire, this)
  }

  /** Ends the connection: GOAWAY, then the wire. Streams that are open end with it. */
  close(code: number, debug: string): void {
    this.connection.close(code, debug)
  }

  /** It serves its purpose from now on: a client's once the server has said that it speaks HTTP/2, a server's at once. */
  announce(): void {
    this.events.connected()
  }

  /** It is to take no more streams. */
  announceDrain(reason: string): void {
    this.events.draining(reason)
  }

  /** RST_STREAM; what is queued is dropped. */
  reset(stream: Stream<StreamOwner>, code: number): void {
    this.events.resetHere(stream, code)
    this.connection.reset(stream, code)
  }

  // ── for who looks in ──

  /** In this process: what channelz calls the connection too. */
  get id(): number {
    return this.entity.id
  }

  get role(): "client" | "server" {
    return this.connection.role
  }

  get local(): string {
    return this.wire.local
  }

  get remote(): string {
    return this.wire.peer
  }

  get auth(): AuthContext | undefined {
    return this.wire.auth
  }

  get socketOptions(): Readonly<Record<string, string>> {
    return this.wire.socketOptions ?? {}
  }

  get flow(): ConnectionFlow {
    const { counters, openStreams, peerSettings } = this.connection
    return {
      openStreams,
      sendWindow: counters.sendWindow,
      receiveWindow: counters.receiveAvailable,
      peerMaxStreams: peerSettings.maxConcurrentStreams,
      goAwayCode: this.goAwayCode,
    }
  }

  // ── from the wire ──

  onChunk(chunk: Uint8Array, start: number, stop: number): void {
    const now = this.clock.now()
    this.heard = { at: now }
    this.connection.receive(chunk, start, stop, now)
    this.counts.stamp(observed ? now : Number.NaN)
    if (stop - start >= limits.dearChunkSize && this.clock.now() - now > limits.dearChunkMs) this.rest()
    this.readOrPause()
    this.watchTime()
    this.holdOrRelease()
  }

  /** A client's connection without calls keeps no process alive; one with calls does, and one that is to be closed. */
  private holdOrRelease(): void {
    const wanted = this.closed || this.connection.openStreams > 0 || this.connection.role === "server"
    if (wanted === this.holding) return
    this.holding = wanted
    this.wire.holdProcess?.(wanted)
  }

  /**
   * Behind a large chunk there is more, and a socket is read many times in one turn. When a chunk has been dear (thousands
   * of tiny frames), the next one waits for another turn, so that other connections are heard.
   */
  private rest(): void {
    this.resting = true
    this.clock.defer(() => {
      this.resting = false
      this.readOrPause()
    })
  }

  private readOrPause(): void {
    // A wire that is closing is read to its end, which is how the peer's end is heard of.
    const wanted = this.closed || (this.connection.wantsInput && !this.resting)
    if (wanted === this.reading) return
    this.reading = wanted
    if (wanted) this.wire.resumeReading()
    else this.wire.pauseReading()
  }

  onWireEnd(): void {
    this.connection.receiveEnd(this.clock.now())
  }

  onWireClosed(error: Error | undefined): void {
    this.connection.fail(error ?? new Error("the connection was closed"))
    this.closeTimer?.cancel()
    this.stallTimer?.cancel()
  }

  // ── from the engine ──

  onHeaders(
    stream: Stream<StreamOwner>,
    kind: "informational" | "initial" | "trailers",
    block: HeaderBlock,
    end: boolean,
  ): void {
    if (kind === "initial" && this.owner.accept !== undefined) stream.owner = this.owner.accept(stream, block)
    stream.owner.onHeaders(kind, block, end)
  }

  onData(stream: Stream<StreamOwner>, chunk: Uint8Array, start: number, stop: number, end: boolean): void {
    stream.owner.onData(chunk, start, stop, end)
  }

  onReset(stream: Stream<StreamOwner>, closure: StreamClosure): void {
    this.events.reset(stream, closure)
    stream.owner?.onReset(closure)
  }

  onWritable(stream: Stream<StreamOwner>): void {
    stream.owner.onWritable()
  }

  onCapacity(): void {
    this.owner.onCapacity?.()
  }

  onSettings(): void {
    this.owner.onSettings?.()
  }

  onPing(): void {
    this.owner.onPing?.()
  }

  onPong(opaque: Uint8Array): void {
    this.owner.onPong?.(opaque)
  }

  onGoAway(lastStreamId: number, code: number, debug: Uint8Array): void {
    this.goAwayCode = code
    this.owner.onGoAway?.(lastStreamId, code, debug)
  }

  onIdle(): void {
    this.owner.onIdle()
  }

  onClose(error: ConnectionError | undefined): void {
    this.closed = true
    this.holdOrRelease()
    this.timer?.cancel()
    this.stallTimer?.cancel()
    this.flushNow()
    this.wire.end()
    // A peer that never closes its side does not keep the socket.
    this.closeTimer = this.clock.after(limits.closeMs, () => this.wire.destroy())
    this.events.closed(error)
    this.owner.onClosed(error)
  }

  /**
   * One write a turn. What has nobody left to go along with leaves as soon as this turn's promises are done; else the
   * answers of the calls that came with it join it. Where streams wait for another turn, it has to be one in which others
   * are heard too.
   */
  onOutput(): void {
    if (this.flushing) return
    this.flushing = true
    this.clock.soon(this.flushOrWait)
  }

  private flushNow(): void {
    this.flushing = false
    const segments = this.connection.takeOutput()
    if (!this.reading) this.readOrPause()
    this.holdOrRelease()
    if (segments.length === 0) return
    this.counts.stamp(observed ? this.clock.now() : Number.NaN)
    this.batches++
    this.wire.write(segments, this.onWritten)
    if (this.stallTimer === undefined && !this.closed) this.watchWriting(0)
  }

  /** Cuts the connection when the wire has taken nothing of what waits for `stalledSocketMs`. */
  private watchWriting(stalledMs: number): void {
    const { wire, batchesLeft } = this
    const { unsent } = wire
    this.stallTimer = this.clock.after(stallCheckMs, () => {
      this.stallTimer = undefined
      if (this.batches === this.batchesLeft) return
      const moves = this.batchesLeft > batchesLeft || wire.unsent < unsent
      const stalled = moves ? 0 : stalledMs + stallCheckMs
      if (stalled < limits.stalledSocketMs) this.watchWriting(stalled)
      else {
        const text = `the peer has read nothing for ${stalled / 1000} s, and output waits`
        this.cut(withReason("FARCALL_PEER_STALLED", new Error(text)))
      }
    })
  }

  /** Ends the connection without a word: the peer does not listen. */
  cut(error: Error): void {
    this.connection.fail(error)
    this.wire.destroy()
  }

  /** Calls `advance` when the engine has asked for it: while shaking hands, and when a budget is to refill. */
  private watchTime(): void {
    const at = this.connection.nextTimeout() ?? Number.POSITIVE_INFINITY
    if (at === this.timerAt || this.closed) return
    this.timer?.cancel()
    this.timerAt = at
    if (at === Number.POSITIVE_INFINITY) return
    this.timer = this.clock.after(Math.max(0, at - this.clock.now()), () => {
      this.timerAt = Number.POSITIVE_INFINITY
      this.connection.advance(this.clock.now())
      this.watchTime()
    })
  }
}

/** Often enough that a stall is cut at its limit, or at most a quarter later. */
const stallCheckMs = limits.stalledSocketMs / 4
