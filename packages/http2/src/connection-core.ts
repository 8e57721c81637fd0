import { AbuseGuard } from "./abuse-guard.js"
import { Admission } from "./admission.js"
import { ClosedStreams } from "./closed-streams.js"
import { OutboundWindow } from "./flow-control.js"
import { ErrorCode } from "./frame/error-code.js"
import { MAX_UINT31 } from "./frame/header.js"
import { FrameWriter } from "./frame/writer.js"
import { GoingAway } from "./going-away.js"
import type { ConnectionHandler, ConnectionOptions, Role } from "./handler.js"
import { HpackDecoder } from "./hpack/decoder.js"
import { HpackEncoder } from "./hpack/encoder.js"
import { type Limits, resolveLimits } from "./limits.js"
import { Output } from "./output.js"
import { ReceiveWindows } from "./receive-windows.js"
import { SendScheduler } from "./send-scheduler.js"
import { SettingsSync } from "./settings-sync.js"
import { type Stream, StreamFlag } from "./stream.js"
import { nextState, StreamInput, StreamState } from "./stream-state.js"
import { StreamTable } from "./stream-table.js"

/** What is to be done once neither a frame nor a command is under way. */
export const Due = {
  /** A window has grown: DATA may be in line for the output. */
  data: 1,
  /** Streams are writable again. */
  writable: 2,
  /** Streams that waited for a handler can have one. */
  admission: 4,
  /** Another stream can be opened. */
  capacity: 8,
  /** The last stream of a connection that goes away has ended. */
  idle: 16,
} as const

/** The state of a connection that commands (`Connection`) and frames (`FrameDispatch`) both work on. */
export class ConnectionCore<Owner> {
  readonly isClient: boolean
  readonly handler: ConnectionHandler<Owner>
  readonly limits: Limits
  readonly guard: AbuseGuard
  readonly settings: SettingsSync
  readonly output: Output
  readonly encoder: HpackEncoder
  readonly decoder: HpackDecoder
  readonly writer: FrameWriter
  readonly sendWindow: OutboundWindow
  readonly windows: ReceiveWindows
  readonly scheduler: SendScheduler<Owner>
  readonly admission: Admission<Owner>
  readonly closedStreams: ClosedStreams
  readonly goingAway: GoingAway = new GoingAway()
  readonly streams: StreamTable<Owner> = new StreamTable()

  /** Whole milliseconds since the first time that the connection was told. */
  now = 0
  /** Inside a call that may call back. */
  busy = false
  /** How it is to end is settled: commands do nothing any more. */
  ending = false
  /** Of `Due`. */
  due = 0
  /** Streams that owe `onWritable`. */
  writables: Stream<Owner>[] = []
  /** `openStream` has said no for want of capacity. */
  capacityOwed = false
  /** The next stream that we open. RFC 9113 §5.1.1: odd ones are the client's. */
  nextStreamId: number
  /** The highest stream the peer has opened, and the highest that was not turned away unseen. */
  highestPeerStreamId = 0
  lastPeerStreamId = 0
  #startedAt = -1
  #latest: Stream<Owner> | undefined = undefined

  constructor(role: Role, handler: ConnectionHandler<Owner>, options: ConnectionOptions | undefined) {
    this.isClient = role === "client"
    this.handler = handler
    this.limits = resolveLimits(options)
    this.guard = new AbuseGuard(this.limits)
    this.settings = new SettingsSync()
    this.output = new Output(() => handler.onOutput(), options?.bufferPool)
    this.encoder = new HpackEncoder({ tableSize: this.limits.maxEncoderTableSize })
    this.decoder = new HpackDecoder({
      tableSize: this.settings.local.headerTableSize,
      maxHeaderListSize: this.limits.maxHeaderListSize,
      maxHeaderCount: this.limits.maxHeaderCount,
    })
    this.writer = new FrameWriter(this.output, this.encoder)
    this.sendWindow = new OutboundWindow(this.settings.peer.initialWindowSize)
    this.windows = new ReceiveWindows(this.limits)
    this.scheduler = new SendScheduler<Owner>(this.output, this.writer, this.sendWindow, this.limits, this)
    this.admission = new Admission<Owner>(this.limits)
    this.closedStreams = new ClosedStreams()
    this.nextStreamId = this.isClient ? 1 : 2
  }

  /** Takes the time, in milliseconds of any clock that never goes back. */
  tell(now: number): void {
    if (this.#startedAt < 0) this.#startedAt = now
    this.now = Math.trunc(now - this.#startedAt)
  }

  /** When it is `time`, of this connection's own, by the clock that it is told of. */
  clockTime(time: number): number {
    return this.#startedAt + time
  }

  /** False for good: going away, ending, or out of stream ids (RFC 9113 §5.1.1). Only a client opens streams. */
  get accepting(): boolean {
    return this.isClient && !this.ending && !this.goingAway.begun && this.nextStreamId <= MAX_UINT31
  }

  /** Whether another stream could be opened now. */
  get canOpenStream(): boolean {
    const { settings, streams, limits } = this
    const most = settings.peerReceived ? settings.peer.maxConcurrentStreams : limits.assumedPeerStreams
    return this.accepting && streams.size < most
  }

  /** Frames other than DATA that are queued or taken, not yet written. */
  get unsentFrames(): number {
    return this.writer.frames - this.writer.dataFrames - this.output.framesWritten
  }

  /** The stream of that id, unless it is idle or closed. Most frames are for the stream of the frame before. */
  find(streamId: number): Stream<Owner> | undefined {
    const latest = this.#latest
    if (latest !== undefined && latest.id === streamId) return latest
    const stream = this.streams.get(streamId)
    if (stream !== undefined) this.#latest = stream
    return stream
  }

  add(stream: Stream<Owner>): void {
    this.streams.add(stream)
    this.#latest = stream
    this.guard.streamOpened()
  }

  /** Whether a stream that `find` does not know has never been opened; else it is closed. */
  isIdle(streamId: number): boolean {
    const ours = ((streamId & 1) === 1) === this.isClient
    return ours ? streamId >= this.nextStreamId : streamId > this.highestPeerStreamId
  }

  /** The stream is closed: nothing is kept of it. */
  close(stream: Stream<Owner>): void {
    stream.phase = StreamState.closed
    this.scheduler.drop(stream)
    this.windows.forget(stream.inbound)
    this.streams.delete(stream.id)
    if ((stream.flags & StreamFlag.waiting) !== 0) this.admission.forget(stream)
    if (this.#latest === stream) this.#latest = undefined
    if (this.capacityOwed) this.due |= Due.capacity
    this.idleIfLast()
  }

  /** A stream has ended, or GOAWAY was said: when no stream is left and none will follow, that is to be told. */
  idleIfLast(): void {
    if (this.streams.size === 0 && this.goingAway.lastStreamsOpen(this.isClient)) this.due |= Due.idle
  }

  /** Takes back credit for DATA of the stream, and announces it unless the peer sends no more. */
  consume(stream: Stream<Owner>, size: number, ending: boolean): void {
    const credit = this.windows.release(stream.inbound, size)
    if (credit > 0 && !ending && stream.phase !== StreamState.halfClosedRemote) {
      this.writer.windowUpdate(stream.id, credit)
    }
  }

  /** Closes the stream with RST_STREAM, of our own will; what the peer has still under way on it is no fault. */
  reset(stream: Stream<Owner>, code: number): void {
    stream.flags |= StreamFlag.reset
    this.close(stream)
    this.closedStreams.add(stream.id)
    this.writer.rstStream(stream.id, code, false)
  }

  /** Sends SETTINGS, `entries` as `settings` has announced them; the peer may act by them from now on. */
  sendSettings(entries: readonly number[]): void {
    this.writer.settings(entries)
    this.decoder.allowTableSize(this.settings.mostTableSize)
  }

  /** Sends the PING that measures the path from the peer, where windows can still grow. */
  measurePath(): void {
    // By the old settings the windows are others.
    if (!this.windows.mayGrow || !this.settings.inForce) return
    this.writer.ping(measuringPing, 0)
    this.windows.estimate.sent(this.now)
  }

  /** A PING has come back. Whether it was ours, rather than one that somebody else waits for. */
  pathMeasured(bytes: Uint8Array, start: number): boolean {
    const { estimate } = this.windows
    if (!estimate.measuring || !measuringPing.every((byte, i) => byte === bytes[start + i])) return false
    estimate.answered(this.now)
    const credit = this.windows.adapt()
    if (credit > 0) this.writer.windowUpdate(0, credit)
    return true
  }

  /** RST_STREAM in answer to a frame, for a stream that we do not keep. */
  refuse(streamId: number, code: number): void {
    this.closedStreams.add(streamId)
    this.writer.rstStream(streamId, code, true)
    this.guard.unsentReplies(this.output.replies)
  }

  /** The peer's END_STREAM has come. */
  receivedEnd(stream: Stream<Owner>): void {
    const state = nextState(stream.phase, StreamInput.receiveEnd)
    if (state === StreamState.closed) this.close(stream)
    else stream.phase = state
  }

  /** Our END_STREAM is in the output. */
  sentEnd(stream: Stream<Owner>): void {
    const state = nextState(stream.phase, StreamInput.sendEnd)
    if (state === StreamState.closed) this.close(stream)
    else if ((stream.flags & StreamFlag.restUnwanted) !== 0) this.reset(stream, ErrorCode.NO_ERROR)
    else stream.phase = state
  }

  /** The stream's queue has fallen below its limit. */
  drained(stream: Stream<Owner>): void {
    if ((stream.flags & StreamFlag.endAccepted) !== 0) return
    this.writables.push(stream)
    this.due |= Due.writable
  }
}

/** Tells it from the PINGs of others, here and in a trace. */
const measuringPing = new TextEncoder().encode("bdpprobe")
