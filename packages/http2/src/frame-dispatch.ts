import { type ConnectionCore, Due } from "./connection-core.js"
import { copyOf } from "./copy-of.js"
import { ConnectionError, frameSizeError, protocolError } from "./errors.js"
import { ErrorCode, errorCodeName } from "./frame/error-code.js"
import { FrameFlag, FrameType, frameTypeName, readUint31, readUint32 } from "./frame/header.js"
import type { FrameSink } from "./frame/reader.js"
import { ReceivedHeaders } from "./received-headers.js"
import { receiveSettings } from "./received-settings.js"
import { type Stream, StreamFlag } from "./stream.js"
import { failStream, frameForNone } from "./stream-faults.js"
import { nextState, Refusal, StreamInput, StreamState } from "./stream-state.js"

/** What each received frame brings about: RFC 9113 §6, for both roles. */
export class FrameDispatch<Owner> implements FrameSink {
  readonly #core: ConnectionCore<Owner>
  readonly #headers: ReceivedHeaders<Owner>
  /** What must come next: any frame, the peer's SETTINGS, or CONTINUATION. */
  #expected: Expected = "settings"
  /** Where the DATA frame under way belongs; undefined when it goes nowhere. */
  #dataStream: Stream<Owner> | undefined = undefined
  #dataEnd = false

  constructor(core: ConnectionCore<Owner>) {
    this.#core = core
    this.#headers = new ReceivedHeaders(core)
  }

  /** As many handlers have started in this turn as may. */
  get full(): boolean {
    return this.#headers.streamsLeft <= 0
  }

  /** A turn of the event loop is over. */
  nextTurn(): void {
    this.#headers.streamsLeft = this.#core.limits.maxStreamsPerTurn
  }

  /** The number of the header block that lies in several frames and whose end has not come; 0 when there is none. */
  get blockUnderWay(): number {
    return this.#headers.blockUnderWay
  }

  /** Bytes kept of a header block whose end has not come. */
  get bytesHeld(): number {
    return this.#headers.bytesHeld
  }

  beginData(streamId: number, flags: number, length: number): void {
    if (this.#expected !== "any") this.#outOfTurn(FrameType.DATA)
    if (streamId === 0) throw protocolError("DATA on stream 0")
    const core = this.#core
    const end = (flags & FrameFlag.END_STREAM) !== 0
    core.guard.data(length, end)
    const { windows } = core
    if (!windows.connection.receive(length)) {
      throw new ConnectionError(
        ErrorCode.FLOW_CONTROL_ERROR,
        `DATA of ${length} bytes is above the connection's window`,
      )
    }
    // Given back on receipt, so that a stream that nobody reads does not hold up its neighbours; the windows of the
    // streams bound what is kept. RFC 9113 §6.9: DATA for closed streams counts too.
    const credit = windows.connection.release(length)
    if (credit > 0) core.writer.windowUpdate(0, credit)
    if (windows.estimate.received(length)) core.measurePath()
    this.#dataStream = undefined
    const stream = core.find(streamId)
    if (stream === undefined) {
      frameForNone(core, streamId, StreamInput.receiveData)
      return
    }
    if (nextState(stream.phase, StreamInput.receiveData) === Refusal.streamClosed) {
      failStream(core, stream, ErrorCode.STREAM_CLOSED, "DATA after END_STREAM")
    } else if ((stream.flags & StreamFlag.headersReceived) === 0) {
      failStream(core, stream, ErrorCode.PROTOCOL_ERROR, "DATA before the response's HEADERS")
    } else if (!stream.inbound.receive(length) && stream.inbound.available + core.settings.windowAhead < 0) {
      failStream(core, stream, ErrorCode.FLOW_CONTROL_ERROR, `DATA of ${length} bytes is above the stream's window`)
    } else {
      this.#dataStream = stream
      this.#dataEnd = end
    }
  }

  /** Padding counts in flow control (RFC 9113 §6.1), and is consumed by nobody but us. */
  dataPadding(length: number): void {
    const stream = this.#dataStream
    if (stream !== undefined) this.#core.consume(stream, length, this.#dataEnd)
  }

  dataPiece(bytes: Uint8Array, start: number, stop: number, last: boolean): void {
    const stream = this.#dataStream
    if (stream === undefined) return
    if (last) this.#dataStream = undefined
    // A command may have reset it between two pieces.
    if (stream.phase === StreamState.closed) return
    const end = last && this.#dataEnd
    if (stream.contentLeft >= 0) {
      stream.contentLeft -= stop - start
      if (stream.contentLeft < 0 || (end && stream.contentLeft > 0)) {
        this.#dataStream = undefined
        failStream(this.#core, stream, ErrorCode.PROTOCOL_ERROR, "DATA does not add up to content-length")
        return
      }
    }
    if (end) this.#core.receivedEnd(stream)
    else if (start === stop) return
    if ((stream.flags & StreamFlag.waiting) !== 0) this.#core.admission.keepData(stream, bytes, start, stop, end)
    else this.#core.handler.onData(stream, bytes, start, stop, end)
  }

  frame(type: number, flags: number, streamId: number, bytes: Uint8Array, start: number, stop: number): void {
    if (this.#expected !== "any" && !this.#isExpected(type, flags, streamId)) this.#outOfTurn(type)
    switch (type) {
      case FrameType.HEADERS:
        if (!this.#headers.headers(flags, streamId, bytes, start, stop)) this.#expected = "continuation"
        break
      case FrameType.CONTINUATION:
        if (this.#expected !== "continuation") throw protocolError("CONTINUATION without HEADERS")
        if (this.#headers.continuation(flags, bytes, start, stop)) this.#expected = "any"
        break
      case FrameType.WINDOW_UPDATE:
        this.#windowUpdate(streamId, bytes, start, stop)
        break
      case FrameType.RST_STREAM:
        this.#rstStream(streamId, bytes, start, stop)
        break
      case FrameType.SETTINGS:
        receiveSettings(this.#core, flags, streamId, bytes, start, stop)
        this.#expected = "any"
        break
      case FrameType.PING:
        this.#ping(flags, streamId, bytes, start, stop)
        break
      case FrameType.GOAWAY:
        this.#goAway(streamId, bytes, start, stop)
        break
      case FrameType.PRIORITY:
        this.#priority(streamId, bytes, start, stop)
        break
      case FrameType.PUSH_PROMISE:
        // RFC 9113 §8.4: a client cannot push, and we have told servers not to.
        throw protocolError("PUSH_PROMISE")
      default:
        // RFC 9113 §5.5: frames of unknown types are discarded.
        this.#core.guard.glitch(this.#core.now)
    }
  }

  #isExpected(type: number, flags: number, streamId: number): boolean {
    if (this.#expected === "settings") return type === FrameType.SETTINGS && (flags & FrameFlag.ACK) === 0
    return type === FrameType.CONTINUATION && streamId === this.#headers.streamUnderWay
  }

  #outOfTurn(type: number): never {
    throw protocolError(
      this.#expected === "settings"
        ? `the first frame is ${frameTypeName(type)}, not SETTINGS`
        : `${frameTypeName(type)} amid the header block of stream ${this.#headers.streamUnderWay}`,
    )
  }

  #windowUpdate(streamId: number, bytes: Uint8Array, start: number, stop: number): void {
    if (stop - start !== 4) throw frameSizeError("WINDOW_UPDATE", stop - start)
    const core = this.#core
    core.guard.windowUpdate(core.writer.dataFrames)
    const increment = readUint31(bytes, start)
    if (streamId === 0) {
      if (increment === 0) throw protocolError("WINDOW_UPDATE by 0")
      if (!core.sendWindow.grow(increment)) {
        throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "the connection's window passes 2^31-1")
      }
      core.due |= Due.data
      return
    }
    const stream = core.find(streamId)
    if (stream === undefined) frameForNone(core, streamId, StreamInput.receiveWindowUpdate)
    else if (increment === 0) failStream(core, stream, ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE by 0")
    else if (!stream.outbound.grow(increment)) {
      failStream(core, stream, ErrorCode.FLOW_CONTROL_ERROR, "the stream's window passes 2^31-1")
    } else {
      stream.flags |= StreamFlag.credited
      if (stream.queue === undefined) return
      core.scheduler.resume(stream)
      core.due |= Due.data
    }
  }

  #rstStream(streamId: number, bytes: Uint8Array, start: number, stop: number): void {
    if (stop - start !== 4) throw frameSizeError("RST_STREAM", stop - start)
    if (streamId === 0) throw protocolError("RST_STREAM on stream 0")
    const core = this.#core
    const stream = core.find(streamId)
    if (stream === undefined) {
      frameForNone(core, streamId, StreamInput.receiveReset)
      return
    }
    const code = readUint32(bytes, start)
    if (!core.isClient) {
      const answered = (stream.flags & StreamFlag.answered) !== 0
      core.guard.peerReset(core.now, core.now - stream.openedAt, answered)
    }
    core.close(stream)
    if ((stream.flags & StreamFlag.waiting) !== 0) return
    core.handler.onReset(stream, {
      code,
      initiator: "peer",
      scope: "stream",
      // RFC 9113 §8.7.
      mayHaveBeenProcessed: code !== ErrorCode.REFUSED_STREAM,
      message: `the peer reset the stream (${errorCodeName(code)})`,
    })
  }

  #ping(flags: number, streamId: number, bytes: Uint8Array, start: number, stop: number): void {
    if (streamId !== 0) throw protocolError(`PING on stream ${streamId}`)
    if (stop - start !== 8) throw frameSizeError("PING", stop - start)
    const core = this.#core
    if ((flags & FrameFlag.ACK) !== 0) {
      if (!core.pathMeasured(bytes, start)) core.handler.onPong(copyOf(bytes, start, stop))
      return
    }
    core.writer.pingAck(bytes, start)
    core.guard.unsentReplies(core.output.replies)
    if (core.handler.onPing !== undefined) core.handler.onPing(copyOf(bytes, start, stop))
  }

  #goAway(streamId: number, bytes: Uint8Array, start: number, stop: number): void {
    if (streamId !== 0) throw protocolError(`GOAWAY on stream ${streamId}`)
    if (stop - start < 8) throw frameSizeError("GOAWAY", stop - start)
    const core = this.#core
    const { goingAway } = core
    goingAway.receive(bytes, start, stop)
    const { ownStreamLimit, peerCode } = goingAway
    core.handler.onGoAway(ownStreamLimit, peerCode, goingAway.peerDebug)
    if (core.isClient) {
      for (const stream of core.streams.values()) {
        if (stream.id <= ownStreamLimit || stream.phase === StreamState.closed) continue
        core.close(stream)
        core.closedStreams.add(stream.id)
        core.handler.onReset(stream, {
          code: peerCode,
          initiator: "peer",
          scope: "connection",
          mayHaveBeenProcessed: false,
          message: `the peer goes away and has not seen the stream (${errorCodeName(peerCode)})`,
        })
      }
    }
    core.idleIfLast()
  }

  /** RFC 9113 §5.3.2: nothing is done by it. The length is checked by §6.3, a dependency on itself by RFC 7540 §5.3.1. */
  #priority(streamId: number, bytes: Uint8Array, start: number, stop: number): void {
    if (streamId === 0) throw protocolError("PRIORITY on stream 0")
    const core = this.#core
    core.guard.priority()
    const length = stop - start
    if (length === 5 && readUint31(bytes, start) !== streamId) return
    const [code, message] =
      length === 5
        ? ([ErrorCode.PROTOCOL_ERROR, `stream ${streamId} depends on itself`] as const)
        : ([ErrorCode.FRAME_SIZE_ERROR, `PRIORITY of ${length} bytes`] as const)
    // An error of the stream; RST_STREAM on one that is idle is forbidden (RFC 9113 §6.4), so there of the connection.
    const stream = core.find(streamId)
    if (stream !== undefined) failStream(core, stream, code, message)
    else if (core.isIdle(streamId)) throw new ConnectionError(code, message)
    else if (!core.closedStreams.excuses(streamId)) {
      core.guard.provokedReset()
      core.refuse(streamId, code)
    }
  }
}

type Expected = "any" | "settings" | "continuation"
