import { ConnectionCore, Due } from "./connection-core.js"
import { type ConnectionCounters, countersOf } from "./connection-counters.js"
import { ConnectionEnding } from "./connection-ending.js"
import { DueWork } from "./due-work.js"
import { ErrorCode } from "./frame/error-code.js"
import { FRAME_HEADER_LENGTH, INITIAL_WINDOW_SIZE } from "./frame/header.js"
import { FrameReader } from "./frame/reader.js"
import type { Settings } from "./frame/settings.js"
import { FrameDispatch } from "./frame-dispatch.js"
import type { ConnectionHandler, ConnectionOptions, Role } from "./handler.js"
import { headerListExcess } from "./header-list-size.js"
import type { HeaderFields } from "./hpack/header-block.js"
import { assertByteString } from "./hpack/latin1.js"
import { PreparedHeaders } from "./hpack/prepared-headers.js"
import { Intake } from "./intake.js"
import { noBytes } from "./no-bytes.js"
import type { SettingsChange } from "./settings-sync.js"
import { Stream, StreamFlag } from "./stream.js"
import { StreamState } from "./stream-state.js"

/**
 * An HTTP/2 connection as a value: it eats bytes, calls back, and queues bytes to be written. It knows no socket and no
 * clock. Commands never fail for what the peer did: on a stream that is closed, or whose sending side has ended, they do
 * nothing, as word of that may still be on its way to whoever gave them.
 */
export class Connection<Owner> {
  readonly role: Role

  readonly #core: ConnectionCore<Owner>
  readonly #ending: ConnectionEnding<Owner>
  readonly #dueWork: DueWork<Owner>
  readonly #intake: Intake<Owner>

  /**
   * Queues the preface (of a client), SETTINGS, and WINDOW_UPDATE for the connection's window: take the output next, as
   * `onOutput` is not called for these.
   * @throws RangeError for an option out of range
   */
  constructor(role: Role, handler: ConnectionHandler<Owner>, options?: ConnectionOptions) {
    this.role = role
    const core = new ConnectionCore(role, handler, options)
    const dispatch = new FrameDispatch(core)
    const reader = new FrameReader(dispatch, core.limits.maxFrameSize, role === "server")
    this.#core = core
    this.#ending = new ConnectionEnding(core, reader)
    this.#dueWork = new DueWork(core, this.#ending)
    this.#intake = new Intake(core, this.#ending, this.#dueWork, reader, dispatch)
    if (role === "client") core.writer.preface()
    core.sendSettings(core.settings.announceFirst(role, core.limits))
    const credit = core.limits.connectionWindow - INITIAL_WINDOW_SIZE
    if (credit > 0) core.writer.windowUpdate(0, credit)
  }

  // ---------------------------------------------------------------- what comes in

  /**
   * Bytes from the pipe: chunk[start…stop), which is only lent. `now` is milliseconds of any clock that never goes back.
   * Whatever the peer sent, it does not throw.
   * @throws TypeError when called in a callback; what a callback threw
   */
  receive(chunk: Uint8Array, start: number, stop: number, now: number): void {
    const core = this.#core
    if (core.busy) throw new TypeError("receive() was called in a callback")
    if (this.#ending.closed) return
    core.tell(now)
    this.#intake.receive(chunk, start, stop, now)
  }

  /** The pipe has ended: nothing more will come. Streams that are open get their closure, then comes `onClose`. */
  receiveEnd(now: number): void {
    this.#core.tell(now)
    this.#ending.pipeEnded()
  }

  /** The pipe broke, for the reason `cause`. The same ending as `receiveEnd`; the cause is in the closures. */
  fail(cause: unknown): void {
    this.#ending.pipeBroke(cause)
  }

  /** Tells the time; what is overdue ends the connection. */
  advance(now: number): void {
    if (this.#ending.closed) return
    this.#core.tell(now)
    const overdue = this.#intake.overdue(now, this.wantsInput)
    if (overdue === undefined) return
    this.#ending.fault(overdue)
    this.#ending.complete()
  }

  /** When to call `advance` next, by the clock of its `now`; at once when that is past. Undefined: no need to. */
  nextTimeout(): number | undefined {
    return this.#ending.closed ? undefined : this.#intake.nextTimeout()
  }

  /** False: the peer makes us answer faster than it reads; read no more until `written` has made it true again. */
  get wantsInput(): boolean {
    const { output, limits, isClient, unsentFrames } = this.#core
    return (
      !this.#ending.closed &&
      this.#intake.unread === 0 &&
      output.replies <= limits.unsentControlPause &&
      output.pending <= limits.outputHighWater + limits.outputPause &&
      // A client never stops on account of what it sends of its own will: two ends that did would wait for one another.
      (isClient || unsentFrames <= limits.maxOutboundFrames)
    )
  }

  // ---------------------------------------------------------------- streams

  /** Whether `openStream` would open one now. */
  get canOpenStream(): boolean {
    return this.#core.canOpenStream
  }

  /** False for good: going away, closed, or out of stream ids (RFC 9113 §5.1.1). Only a client opens streams. */
  get accepting(): boolean {
    return this.#core.accepting
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
    if (!core.canOpenStream) {
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
    if (!this.#core.ending) this.#core.writer.ping(opaque, 0)
  }

  /**
   * Sends GOAWAY: streams of the peer above `lastStreamId` are ignored from now on. Does not close; `onIdle` tells when
   * the last stream has ended. 2³¹−1 announces another GOAWAY (RFC 9113 §6.8).
   */
  goAway(lastStreamId: number, code: number, debug: Uint8Array = noBytes): void {
    const core = this.#core
    if (core.ending) return
    core.goingAway.send(lastStreamId)
    core.writer.goAway(core.goingAway.peerStreamLimit, code, debug)
    core.idleIfLast()
  }

  /** GOAWAY, and the end: streams get their closures, then comes `onClose`. Flush, then end the pipe. */
  close(code: number = ErrorCode.NO_ERROR, debug = ""): void {
    this.#ending.close(code, debug)
  }

  /**
   * Announces other settings of ours, at once or when it has acknowledged those announced before. They are in force when
   * the peer has acknowledged them; until then it may act by the old ones (RFC 9113 §6.5.3).
   * @throws RangeError for a value that the setting cannot have
   */
  changeSettings(change: SettingsChange): void {
    const core = this.#core
    if (core.ending) return
    const entries = core.settings.announce(this.role, change)
    if (entries !== undefined) core.sendSettings(entries)
  }

  // ---------------------------------------------------------------- output

  /**
   * All that is to be written, in order, for one write. They are the connection's own buffers until `written`. On a server
   * this also begins a new turn: `maxStreamsPerTurn` more handlers may start.
   */
  takeOutput(): Uint8Array[] {
    const core = this.#core
    const { output, scheduler, writer } = core
    this.#intake.nextTurn()
    do {
      scheduler.pump()
      if (core.due !== 0 && !core.busy) this.#dueWork.settle()
    } while (scheduler.due)
    this.#ending.takenBelow = core.nextStreamId
    const segments = output.take(writer.frames - writer.dataFrames)
    if (this.#intake.unread > 0) output.announce()
    return segments
  }

  /** The oldest output taken has been written: its buffers are used again, and there may be more to take. */
  written(): void {
    const { output, scheduler } = this.#core
    output.written()
    if (scheduler.due && !this.#ending.closed) output.announce()
  }

  get hasOutput(): boolean {
    return !this.#core.output.isEmpty || (this.#core.scheduler.due && !this.#ending.closed)
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
    return countersOf(this.#core, this.#intake)
  }
}

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
