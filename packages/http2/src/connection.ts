import { handOver } from "./admission.js"
import { ConnectionCore, Due } from "./connection-core.js"
import { type ConnectionCounters, countersOf } from "./connection-counters.js"
import { asConnectionError, ConnectionError, debugText, type StreamClosure } from "./errors.js"
import { ErrorCode } from "./frame/error-code.js"
import { FRAME_HEADER_LENGTH, MAX_UINT31 } from "./frame/header.js"
import { FrameReader } from "./frame/reader.js"
import type { Settings } from "./frame/settings.js"
import { FrameDispatch } from "./frame-dispatch.js"
import { FrameTimeout } from "./frame-timeout.js"
import type { ConnectionHandler, ConnectionOptions, Role } from "./handler.js"
import { Handshake } from "./handshake.js"
import { headerListExcess } from "./header-list-size.js"
import type { HeaderFields } from "./hpack/header-block.js"
import { HpackError } from "./hpack/hpack-error.js"
import { assertByteString } from "./hpack/latin1.js"
import { PreparedHeaders } from "./hpack/prepared-headers.js"
import type { SettingsChange } from "./settings-sync.js"
import { Stream, StreamFlag } from "./stream.js"
import { StreamState } from "./stream-state.js"
import { UnreadBytes } from "./unread-bytes.js"

/**
 * An HTTP/2 connection as a value: it eats bytes, calls back, and queues bytes to be written. It knows no socket and no
 * clock. Commands never fail for what the peer did: on a stream that is closed, or whose sending side has ended, they do
 * nothing, as word of that may still be on its way to whoever gave them.
 */
export class Connection<Owner> {
  readonly role: Role

  readonly #core: ConnectionCore<Owner>
  readonly #dispatch: FrameDispatch<Owner>
  readonly #reader: FrameReader
  readonly #handshake: Handshake
  readonly #frameTimeout: FrameTimeout
  /** Inside a call that may call back. */
  #busy = false
  #closed = false
  /** How it is to end, once the call at hand is through. */
  #ending: Ending | undefined = undefined
  #startedAt = -1
  readonly #unread = new UnreadBytes()
  /** Own streams below this id have been taken with the output. */
  #takenBelow = 0

  /**
   * Queues the preface (of a client), SETTINGS, and WINDOW_UPDATE for the connection's window: take the output next, as
   * `onOutput` is not called for these.
   * @throws RangeError for an option out of range
   */
  constructor(role: Role, handler: ConnectionHandler<Owner>, options?: ConnectionOptions) {
    this.role = role
    const core = new ConnectionCore(role, handler, options)
    this.#core = core
    this.#dispatch = new FrameDispatch(core)
    this.#reader = new FrameReader(this.#dispatch, core.limits.maxFrameSize, role === "server")
    this.#handshake = new Handshake(core.limits, role === "server")
    this.#frameTimeout = new FrameTimeout(core.limits.frameTimeout)
    if (role === "client") core.writer.preface()
    core.writer.settings(core.settings.announceFirst(role, core.limits))
    this.#dispatch.settingsAnnounced()
    const credit = core.limits.connectionWindow - initialConnectionWindow
    if (credit > 0) core.writer.windowUpdate(0, credit)
  }

  // ---------------------------------------------------------------- what comes in

  /**
   * Bytes from the pipe: chunk[start…stop), which is only lent. `now` is milliseconds of any clock that never goes back.
   * Whatever the peer sent, it does not throw.
   * @throws TypeError when called in a callback; what a callback threw
   */
  receive(chunk: Uint8Array, start: number, stop: number, now: number): void {
    if (this.#busy) throw new TypeError("receive() was called in a callback")
    if (this.#closed) return
    this.#tell(now)
    if (this.#unread.length > 0) {
      this.#unread.add(chunk, start, stop)
      return
    }
    const end = this.#read(chunk, start, stop)
    if (!this.#core.settings.peerReceived && this.#reader.prefaceSeen) this.#handshake.prefaceCame(now)
    if (end === stop || this.#closed) return
    this.#unread.add(chunk, end, stop)
    this.#core.output.announce()
  }

  /** The pipe has ended: nothing more will come. Streams that are open get their closure, then comes `onClose`. */
  receiveEnd(now: number): void {
    this.#tell(now)
    const core = this.#core
    const inFrame = this.#reader.inFrame ? ", in the middle of a frame" : ""
    const expected = core.streams.size === 0 && inFrame === "" && (core.sentGoAway || core.receivedGoAway)
    const said = core.peerGoAwayDebug?.length ? `: ${debugText(core.peerGoAwayDebug)}` : ""
    const error = new ConnectionError(core.peerGoAwayCode, `the peer closed the connection${inFrame}${said}`, "peer")
    this.#dropUnseen()
    this.#end(error, expected ? undefined : error)
  }

  /** The pipe broke, for the reason `cause`. The same ending as `receiveEnd`; the cause is in the closures. */
  fail(cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const error = new ConnectionError(ErrorCode.INTERNAL_ERROR, `the connection broke: ${reason}`, "peer", cause)
    this.#dropUnseen()
    this.#end(error, error)
  }

  /** Tells the time; what is overdue ends the connection. */
  advance(now: number): void {
    if (this.#closed) return
    this.#tell(now)
    const overdue =
      this.#handshake.overdue(now, this.#reader.prefaceSeen) ??
      this.#frameTimeout.overdue(this.#core.now, this.wantsInput)
    if (overdue === undefined) return
    this.#endBy(overdue)
    if (!this.#busy) this.#settle()
  }

  /** When to call `advance` next, by the clock of its `now`; at once when that is past. Undefined: no need to. */
  nextTimeout(): number | undefined {
    if (this.#closed) return undefined
    const { deadline } = this.#frameTimeout
    return this.#handshake.nextTimeout() ?? (deadline === undefined ? undefined : this.#startedAt + deadline)
  }

  /** False: the peer makes us answer faster than it reads; read no more until `written` has made it true again. */
  get wantsInput(): boolean {
    const { output, limits, isClient } = this.#core
    return (
      !this.#closed &&
      this.#unread.length === 0 &&
      output.replies <= limits.unsentControlPause &&
      output.pending <= limits.outputHighWater + limits.outputPause &&
      // A client never stops on account of what it sends of its own will: two ends that did would wait for one another.
      (isClient || this.#unsentFrames <= limits.maxOutboundFrames)
    )
  }

  // ---------------------------------------------------------------- streams

  /** Whether `openStream` would open one now. */
  get canOpenStream(): boolean {
    const { settings, streams, limits } = this.#core
    const most = settings.peerReceived ? settings.peer.maxConcurrentStreams : limits.assumedPeerStreams
    return this.accepting && streams.size < most
  }

  /** False for good: going away, closed, or out of stream ids (RFC 9113 §5.1.1). Only a client opens streams. */
  get accepting(): boolean {
    const core = this.#core
    return (
      core.isClient && !this.#isClosed && !core.sentGoAway && !core.receivedGoAway && core.nextStreamId <= MAX_UINT31
    )
  }

  /**
   * Client: opens a stream with request headers, `extra` after the others; `end`: there is no DATA. Undefined when none
   * can be opened: if `accepting`, `onCapacity` will tell when to try again.
   * @throws TypeError when a field is no byte string
   */
  openStream(
    headers: PreparedHeaders | HeaderFields,
    extra: HeaderFields | undefined,
    end: boolean,
    owner: Owner,
  ): Stream<Owner> | undefined {
    const core = this.#core
    if (!this.canOpenStream) {
      core.capacityOwed = true
      return undefined
    }
    const id = core.nextStreamId
    core.writer.headers(id, headers, extra, end)
    core.nextStreamId = id + 2
    const { peer, local } = core.settings
    const stream = new Stream(id, owner, peer.initialWindowSize, local.initialWindowSize, core.now)
    if (isHeadRequest(headers)) stream.flags |= StreamFlag.headRequest
    core.add(stream)
    if (end) {
      stream.flags |= StreamFlag.endAccepted
      core.sentEnd(stream)
    }
    return stream
  }

  /**
   * Response headers, informational ones or trailers. `end`: nothing follows. Trailers wait behind DATA that is queued.
   * @throws TypeError when a field is no byte string, or headers that end nothing follow DATA
   */
  sendHeaders(
    stream: Stream<Owner>,
    headers: PreparedHeaders | HeaderFields,
    extra: HeaderFields | undefined,
    end: boolean,
  ): void {
    if (!canSend(stream)) return
    const { queue } = stream
    if (queue !== undefined) {
      if (!end) throw new TypeError("after DATA only trailers can be sent, and they end the stream")
      // They are encoded when their turn comes; what is wrong with them must be told now.
      if (!(headers instanceof PreparedHeaders)) headers.forEach(assertByteString)
      extra?.forEach(assertByteString)
      queue.trailers = headers
      queue.trailersExtra = extra
      stream.flags |= StreamFlag.endAccepted
      return
    }
    this.#core.writer.headers(stream.id, headers, extra, end)
    stream.flags |= StreamFlag.answered
    if (!end) return
    stream.flags |= StreamFlag.endAccepted
    this.#core.sentEnd(stream)
  }

  /**
   * Whether `size` bytes of DATA may be written at output[outputOffset…) now, to be sent by `commitData`, or forgotten:
   * no other command may come between. False when the stream has DATA queued, a window is shut, or the output is full:
   * then `sendOwned` queues.
   */
  beginData(stream: Stream<Owner>, size: number): boolean {
    return canSend(stream) && this.#core.scheduler.begin(stream, size)
  }

  get output(): Uint8Array {
    return this.#core.output.buffer
  }

  get outputOffset(): number {
    return this.#core.output.offset + FRAME_HEADER_LENGTH
  }

  get outputLimit(): number {
    return this.#core.output.buffer.length
  }

  /** Sends output[outputOffset…stop) as DATA, when `beginData` said yes. */
  commitData(stream: Stream<Owner>, stop: number, end: boolean): void {
    if (end) stream.flags |= StreamFlag.endAccepted
    this.#core.scheduler.commit(stream, stop, end)
  }

  /**
   * Sends bytes[start…stop) as DATA, as far as windows allow, and queues the rest. The bytes belong to the connection
   * until they have been written, and must not change: large ones are never copied. `lent`: they are a `longBuffer`.
   */
  sendOwned(stream: Stream<Owner>, bytes: Uint8Array, start: number, stop: number, end: boolean, lent = false): void {
    if (!canSend(stream)) return
    if (end) stream.flags |= StreamFlag.endAccepted
    if (start < stop) this.#core.scheduler.send(stream, bytes, start, stop, end, lent)
    else if (end) this.#core.scheduler.end(stream)
  }

  /** Memory used again, for a payload too long for the output. Once sent (`lent`) it is nobody else's any more. */
  longBuffer(size: number): Uint8Array {
    return this.#core.output.longBuffer(size)
  }

  /** Ends our side: on the last DATA queued, or with an empty frame. */
  endStream(stream: Stream<Owner>): void {
    if (!canSend(stream)) return
    stream.flags |= StreamFlag.endAccepted
    this.#core.scheduler.end(stream)
  }

  /**
   * The application has taken `size` bytes of the stream's DATA: the peer may send as many more.
   * @throws RangeError for more than has come
   */
  consumed(stream: Stream<Owner>, size: number): void {
    if (stream.phase === StreamState.closed) return
    const { held } = stream.inbound
    if (size > held) throw new RangeError(`${size} bytes consumed, ${held} were left`)
    this.#core.consume(stream, size, false)
  }

  /**
   * `size` bytes more of DATA belong to one message for which there is room: the peer may send them without waiting for
   * credit, even where they are more than the stream's window. What is `consumed` next pays it back.
   */
  expect(stream: Stream<Owner>, size: number): void {
    const { phase, inbound } = stream
    if (phase === StreamState.closed || phase === StreamState.halfClosedRemote) return
    const credit = inbound.expect(size)
    if (credit > 0) this.#core.writer.windowUpdate(stream.id, credit)
  }

  /** Server: the handler of the stream is done, however the stream ended; its place is free for another. */
  release(stream: Stream<Owner>): void {
    const { admission, output } = this.#core
    admission.release(stream)
    if (!admission.due) return
    this.#core.due |= Due.admission
    output.announce()
  }

  /** RST_STREAM; what is queued is dropped. No `onReset` follows. */
  reset(stream: Stream<Owner>, code: number): void {
    if (stream.phase !== StreamState.closed) this.#core.reset(stream, code)
  }

  /**
   * Nothing more is wanted of what the peer sends on the stream: when our side has ended, with all that is queued, it is
   * reset with NO_ERROR, unless the peer has ended too by then (RFC 9113 §8.1). No `onReset` follows.
   */
  refuseRest(stream: Stream<Owner>): void {
    const { phase } = stream
    if (phase === StreamState.closed || phase === StreamState.halfClosedRemote) return
    if (phase === StreamState.halfClosedLocal) this.#core.reset(stream, ErrorCode.NO_ERROR)
    else stream.flags |= StreamFlag.restUnwanted
  }

  // ---------------------------------------------------------------- the connection

  /**
   * Sends PING with eight bytes; `onPong` brings them back.
   * @throws TypeError for another number of bytes
   */
  ping(opaque: Uint8Array): void {
    if (opaque.length !== 8) throw new TypeError(`PING takes 8 bytes, got ${opaque.length}`)
    if (!this.#isClosed) this.#core.writer.ping(opaque, 0)
  }

  /**
   * Sends GOAWAY: streams of the peer above `lastStreamId` are ignored from now on. Does not close; `onIdle` tells when
   * the last stream has ended. 2³¹−1 announces another GOAWAY (RFC 9113 §6.8).
   */
  goAway(lastStreamId: number, code: number, debug: Uint8Array = noBytes): void {
    if (this.#isClosed) return
    const core = this.#core
    core.sentGoAway = true
    core.peerStreamLimit = Math.min(core.peerStreamLimit, lastStreamId)
    core.writer.goAway(core.peerStreamLimit, code, debug)
    if (core.streams.size === 0 && core.lastStreamsOpen) core.due |= Due.idle
  }

  /** GOAWAY, and the end: streams get their closures, then comes `onClose`. Flush, then end the pipe. */
  close(code: number = ErrorCode.NO_ERROR, debug = ""): void {
    if (this.#isClosed) return
    const error = new ConnectionError(code, debug === "" ? "the connection was closed" : debug)
    this.#sayGoodbye(code, debug)
    this.#end(error, code === ErrorCode.NO_ERROR ? undefined : error)
  }

  /**
   * Announces other settings of ours, at once or when it has acknowledged those announced before. They are in force when
   * the peer has acknowledged them; until then it may act by the old ones (RFC 9113 §6.5.3).
   * @throws RangeError for a value that the setting cannot have
   */
  changeSettings(change: SettingsChange): void {
    if (this.#isClosed) return
    const entries = this.#core.settings.announce(this.role, change)
    if (entries === undefined) return
    this.#core.writer.settings(entries)
    this.#dispatch.settingsAnnounced()
  }

  // ---------------------------------------------------------------- output

  /**
   * All that is to be written, in order, for one write. They are the connection's own buffers until `written`. On a server
   * this also begins a new turn: `maxStreamsPerTurn` more handlers may start.
   */
  takeOutput(): Uint8Array[] {
    const core = this.#core
    const { output, scheduler, writer } = core
    this.#dispatch.nextTurn()
    if (this.#unread.length > 0) this.#readRest()
    do {
      scheduler.pump()
      if (core.due !== 0 && !this.#busy) this.#settle()
    } while (scheduler.due)
    this.#takenBelow = core.nextStreamId
    const segments = output.take(writer.frames - writer.dataFrames)
    if (this.#unread.length > 0) output.announce()
    return segments
  }

  /** The oldest output taken has been written: its buffers are used again, and there may be more to take. */
  written(): void {
    const { output, scheduler } = this.#core
    output.written()
    if (scheduler.due && !this.#closed) output.announce()
  }

  get hasOutput(): boolean {
    return !this.#core.output.isEmpty || (this.#core.scheduler.due && !this.#closed)
  }

  /** Bytes queued in the output or taken, not yet written. */
  get pendingOutput(): number {
    return this.#core.output.pending
  }

  // ---------------------------------------------------------------- what there is to know

  get openStreams(): number {
    return this.#core.streams.size
  }

  /** The highest stream of the peer that has been, or may have been, acted upon: for GOAWAY. */
  get lastPeerStreamId(): number {
    return this.#core.lastPeerStreamId
  }

  /** What the peer's SETTINGS say; HTTP/2's initial values before. */
  get peerSettings(): Readonly<Settings> {
    return this.#core.settings.peer
  }

  /**
   * By how many bytes a header list is above what the peer takes; 0 when it fits. Nothing else looks at that: RFC 9113
   * §6.5.2 calls the limit advice, and what is above it is refused over there, where nobody can say why.
   */
  headerListExcess(headers: PreparedHeaders | HeaderFields, extra?: HeaderFields): number {
    return headerListExcess(headers, extra, this.#core.settings.peer.maxHeaderListSize)
  }

  /** How things stand. Walks all streams. */
  get counters(): ConnectionCounters {
    return countersOf(this.#core, this.#reader, this.#dispatch, this.#unread.length, this.#unsentFrames)
  }

  // ---------------------------------------------------------------- within

  /** Reads frames, and attends to what they brought about. Returns where it stopped, for the next turn to go on from. */
  #read(bytes: Uint8Array, start: number, stop: number): number {
    let end = stop
    this.#busy = true
    try {
      end = this.#reader.receive(bytes, start, stop)
    } catch (error) {
      this.#endBy(error)
    }
    this.#busy = false
    if (this.#core.due !== 0 || this.#ending !== undefined) this.#settle()
    if (this.#core.settings.peerReceived) this.#handshake.finish()
    this.#frameTimeout.read(this.#dispatch.blockUnderWay, this.#reader.frameUnderWay, this.#core.now)
    return end
  }

  /** A new turn: goes on with what the last one left. */
  #readRest(): void {
    if (this.#busy) return
    const rest = this.#unread.take()
    if (this.#closed) return
    const end = this.#read(rest, 0, rest.length)
    if (end < rest.length && !this.#closed) this.#unread.putBack(rest.subarray(end))
  }

  get #unsentFrames(): number {
    const { writer, output } = this.#core
    return writer.frames - writer.dataFrames - output.framesWritten
  }

  get #isClosed(): boolean {
    return this.#closed || this.#ending !== undefined
  }

  #tell(now: number): void {
    if (this.#startedAt < 0) this.#startedAt = now
    this.#core.now = Math.trunc(now - this.#startedAt)
  }

  /** What was put off while frames or commands were under way. Commands given in these callbacks may put off more. */
  #settle(): void {
    if (this.#closed) return
    const core = this.#core
    this.#busy = true
    try {
      while (core.due !== 0 && this.#ending === undefined) {
        const { due } = core
        core.due = 0
        if ((due & Due.data) !== 0 && core.scheduler.due) core.output.announce()
        if ((due & Due.writable) !== 0) this.#tellWritable()
        if ((due & Due.admission) !== 0) this.#startWaiting()
        if ((due & Due.capacity) !== 0 && core.capacityOwed && this.canOpenStream) {
          core.capacityOwed = false
          core.handler.onCapacity()
        }
        if ((due & Due.idle) !== 0 && core.streams.size === 0) core.handler.onIdle?.()
      }
    } catch (error) {
      this.#endBy(error)
    }
    this.#busy = false
    if (this.#ending !== undefined) this.#finish(this.#ending)
  }

  #tellWritable(): void {
    const streams = this.#core.writables
    this.#core.writables = []
    for (const stream of streams) {
      if (stream.writable && (stream.flags & StreamFlag.endAccepted) === 0) this.#core.handler.onWritable(stream)
    }
  }

  /** Streams that waited get their handlers. */
  #startWaiting(): void {
    const { admission, handler } = this.#core
    for (let next = admission.next(); next !== undefined; next = admission.next()) {
      if (this.#ending !== undefined) return
      handOver(next, handler)
    }
  }

  /** Something was thrown while frames were read: by a rule of the protocol, or by a callback. */
  #endBy(thrown: unknown): void {
    if (this.#isClosed) return
    const error = asConnectionError(thrown)
    this.#sayGoodbye(error.code, error.message)
    this.#ending = { error, reported: error, rethrow: error.cause === thrown && !(thrown instanceof HpackError) }
    this.#reader.stopped = true
  }

  #sayGoodbye(code: number, debug: string): void {
    const core = this.#core
    core.sentGoAway = true
    if (this.#dropUnseen() && this.#takenBelow === 0) {
      // The preface was dropped with the rest, and nothing goes before it (RFC 9113 §3.4).
      core.writer.preface()
      core.writer.settings([])
    }
    core.writer.goAway(Math.min(core.lastPeerStreamId, core.peerStreamLimit), code, new TextEncoder().encode(debug))
  }

  /**
   * A client's requests that are still here when the connection ends are reported as never sent, and so may be sent again
   * elsewhere: they must not leave now. With them goes what else is queued, which is for streams that end too.
   */
  #dropUnseen(): boolean {
    const core = this.#core
    if (this.#isClosed || !core.isClient || core.nextStreamId === 1 || core.nextStreamId <= this.#takenBelow)
      return false
    core.output.drop()
    return true
  }

  #end(error: ConnectionError, reported: ConnectionError | undefined): void {
    if (this.#isClosed) return
    this.#ending = { error, reported, rethrow: false }
    this.#reader.stopped = true
    if (!this.#busy) this.#finish(this.#ending)
  }

  #finish(ending: Ending): void {
    const core = this.#core
    const { error } = ending
    this.#closed = true
    this.#busy = true
    for (const stream of core.streams.values()) {
      core.close(stream)
      if ((stream.flags & StreamFlag.waiting) === 0) core.handler.onReset(stream, this.#closureOf(stream, error))
    }
    core.due = 0
    core.handler.onClose(ending.reported)
    this.#busy = false
    if (ending.rethrow) throw error.cause
  }

  /** A stream whose HEADERS were never taken, or that GOAWAY has left out, was certainly not processed. */
  #closureOf(stream: Stream<Owner>, error: ConnectionError): StreamClosure {
    const unseen = this.role === "client" && stream.id >= this.#takenBelow
    return {
      code: error.code,
      initiator: error.initiator,
      scope: "connection",
      mayHaveBeenProcessed: !unseen,
      neverSent: unseen,
      message: error.message,
      cause: error.cause ?? error,
    }
  }
}

interface Ending {
  readonly error: ConnectionError
  /** What `onClose` is told. */
  readonly reported: ConnectionError | undefined
  /** A callback threw: whoever called us is to know. */
  readonly rethrow: boolean
}

/** RFC 9113 §6.9.2: SETTINGS do not reach it. */
const initialConnectionWindow = 65_535

const noBytes = new Uint8Array(0)

function canSend<Owner>(stream: Stream<Owner>): boolean {
  return stream.phase !== StreamState.closed && (stream.flags & StreamFlag.endAccepted) === 0
}

/** Pseudo-headers come first, in any order. */
function isHeadRequest(headers: PreparedHeaders | HeaderFields): boolean {
  const fields = headers instanceof PreparedHeaders ? headers.fields : headers
  for (let i = 0; i < fields.length && fields[i].charCodeAt(0) === 0x3a; i += 2) {
    if (fields[i] === ":method") return fields[i + 1] === "HEAD"
  }
  return false
}
