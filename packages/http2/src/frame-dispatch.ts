import type { ConnectionCore } from "./connection-core.js"
import { Due } from "./connection-core.js"
import { copyOf } from "./copy-of.js"
import { ConnectionError, StreamError } from "./errors.js"
import { ErrorCode, errorCodeName } from "./frame/error-code.js"
import { FrameFlag, FrameType, readUint31, readUint32 } from "./frame/header.js"
import type { FrameSink } from "./frame/reader.js"
import { HeaderAssembly } from "./header-assembly.js"
import { contentLength, headerFault } from "./header-rules.js"
import { HpackDecoder } from "./hpack/decoder.js"
import type { HeaderBlock } from "./hpack/header-block.js"
import { Stream, StreamFlag } from "./stream.js"
import { nextState, Refusal, StreamInput, StreamState } from "./stream-state.js"

/** What each received frame brings about: RFC 9113 §6, for both roles. */
export class FrameDispatch<Owner> implements FrameSink {
  readonly #core: ConnectionCore<Owner>
  readonly #decoder: HpackDecoder
  #startedThisTurn = 0
  readonly #assembly: HeaderAssembly
  /** What must come next: any frame, the peer's SETTINGS, or CONTINUATION. */
  #expected: Expected = "settings"
  /** Where the DATA frame under way belongs; undefined when it goes nowhere. */
  #dataStream: Stream<Owner> | undefined = undefined
  #dataEnd = false

  constructor(core: ConnectionCore<Owner>) {
    const { limits } = core
    this.#core = core
    this.#decoder = new HpackDecoder({
      tableSize: core.settings.local.headerTableSize,
      maxHeaderListSize: limits.maxHeaderListSize,
      maxHeaderCount: limits.maxHeaderCount,
    })
    this.#assembly = new HeaderAssembly(limits)
  }

  /** As many handlers have started in this turn as may. */
  get full(): boolean {
    return this.#startedThisTurn >= this.#core.limits.maxStreamsPerTurn
  }

  /** A turn of the event loop is over. */
  nextTurn(): void {
    this.#startedThisTurn = 0
  }

  /** The number of the header block that lies in several frames and whose end has not come; 0 when there is none. */
  get blockUnderWay(): number {
    return this.#expected === "continuation" ? this.#assembly.begun : 0
  }

  /** SETTINGS of ours are on their way. */
  settingsAnnounced(): void {
    this.#decoder.allowTableSize(this.#core.settings.mostTableSize)
  }

  /** Bytes kept of a header block whose end has not come. */
  get bytesHeld(): number {
    return this.#assembly.length
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
      this.#absent(streamId, StreamInput.receiveData)
      return
    }
    if (nextState(stream.phase, StreamInput.receiveData) === Refusal.streamClosed) {
      this.#streamError(stream, ErrorCode.STREAM_CLOSED, "DATA after END_STREAM")
    } else if ((stream.flags & StreamFlag.headersReceived) === 0) {
      this.#streamError(stream, ErrorCode.PROTOCOL_ERROR, "DATA before the response's HEADERS")
    } else if (!stream.inbound.receive(length) && stream.inbound.available + core.settings.windowAhead < 0) {
      this.#streamError(stream, ErrorCode.FLOW_CONTROL_ERROR, `DATA of ${length} bytes is above the stream's window`)
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
        this.#streamError(stream, ErrorCode.PROTOCOL_ERROR, "DATA does not add up to content-length")
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
        this.#headers(flags, streamId, bytes, start, stop)
        break
      case FrameType.CONTINUATION:
        this.#continuation(flags, bytes, start, stop)
        break
      case FrameType.WINDOW_UPDATE:
        this.#windowUpdate(streamId, bytes, start, stop)
        break
      case FrameType.RST_STREAM:
        this.#rstStream(streamId, bytes, start, stop)
        break
      case FrameType.SETTINGS:
        this.#settings(flags, streamId, bytes, start, stop)
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
    return type === FrameType.CONTINUATION && streamId === this.#assembly.streamId
  }

  #outOfTurn(type: number): never {
    throw protocolError(
      this.#expected === "settings"
        ? `the first frame is of type ${type}, not SETTINGS`
        : `frame of type ${type} amid the header block of stream ${this.#assembly.streamId}`,
    )
  }

  #headers(flags: number, streamId: number, bytes: Uint8Array, start: number, stop: number): void {
    if (streamId === 0) throw protocolError("HEADERS on stream 0")
    if ((flags & FrameFlag.PADDED) !== 0) {
      if (start === stop) throw frameSizeError("HEADERS", 0)
      stop -= bytes[start++]
      if (stop < start) throw protocolError("HEADERS with more padding than payload")
    }
    if ((flags & FrameFlag.PRIORITY) !== 0) {
      // RFC 9113 §5.3.2: priority is no longer used; what is left to check is that it makes sense.
      if (stop - start < 5) throw frameSizeError("HEADERS", stop - start)
      if (readUint31(bytes, start) === streamId) flags |= dependsOnItself
      start += 5
    }
    if ((flags & FrameFlag.END_HEADERS) !== 0) {
      this.#headerBlock(streamId, flags, this.#decoder.decode(bytes, start, stop))
    } else {
      this.#assembly.begin(streamId, flags, bytes, start, stop)
      this.#expected = "continuation"
    }
  }

  #continuation(flags: number, bytes: Uint8Array, start: number, stop: number): void {
    const assembly = this.#assembly
    if (this.#expected !== "continuation") throw protocolError("CONTINUATION without HEADERS")
    assembly.add(bytes, start, stop)
    if ((flags & FrameFlag.END_HEADERS) === 0) return
    this.#expected = "any"
    const { streamId } = assembly
    const block = this.#decoder.decode(assembly.bytes, 0, assembly.length)
    const headersFlags = assembly.flags
    assembly.clear()
    this.#headerBlock(streamId, headersFlags, block)
  }

  /** A header block, decoded whatever becomes of it: HPACK's tables must stay in step (RFC 9113 §4.3). */
  #headerBlock(streamId: number, flags: number, block: HeaderBlock): void {
    const core = this.#core
    if (block.oversize && block.listSize > 4 * core.limits.maxHeaderListSize) {
      const most = core.limits.maxHeaderListSize
      throw new ConnectionError(
        ErrorCode.ENHANCE_YOUR_CALM,
        `header list of ${block.listSize} bytes, the limit is ${most}`,
      )
    }
    const end = (flags & FrameFlag.END_STREAM) !== 0
    const stream = core.find(streamId)
    if (stream === undefined) {
      if (!core.isIdle(streamId)) this.#absent(streamId, StreamInput.receiveHeaders)
      else if (core.isClient || (streamId & 1) === 0) throw protocolError(`HEADERS on idle stream ${streamId}`)
      else this.#newStream(streamId, flags, block)
    } else if (nextState(stream.phase, StreamInput.receiveHeaders) === Refusal.streamClosed) {
      this.#streamError(stream, ErrorCode.STREAM_CLOSED, "HEADERS after END_STREAM")
    } else if ((flags & dependsOnItself) !== 0) {
      this.#streamError(stream, ErrorCode.PROTOCOL_ERROR, "a stream that depends on itself")
    } else if ((stream.flags & StreamFlag.headersReceived) === 0) this.#response(stream, block, end)
    else this.#trailers(stream, block, end)
  }

  #newStream(streamId: number, flags: number, block: HeaderBlock): void {
    const core = this.#core
    const end = (flags & FrameFlag.END_STREAM) !== 0
    core.closedStreams.skip(core.highestPeerStreamId, streamId)
    core.highestPeerStreamId = streamId
    if (streamId > core.peerStreamLimit) {
      // RFC 9113 §6.8: what was opened above our GOAWAY is ignored; the client knows that it was not processed.
      core.guard.glitch(core.now)
      core.closedStreams.add(streamId)
      return
    }
    if (core.streams.size >= core.settings.streamLimit) {
      // RFC 9113 §5.1.2. REFUSED_STREAM, as the client may not have known the limit yet, and shall try again.
      core.guard.glitch(core.now)
      core.refuse(streamId, ErrorCode.REFUSED_STREAM)
      return
    }
    core.lastPeerStreamId = streamId
    const fault = block.oversize ? undefined : headerFault(block, "request")
    const length = fault === undefined ? contentLength(block) : -1
    if (fault !== undefined || Number.isNaN(length) || (end && length > 0) || (flags & dependsOnItself) !== 0) {
      core.guard.provokedReset()
      core.refuse(streamId, ErrorCode.PROTOCOL_ERROR)
      return
    }
    const { peer, local } = core.settings
    // A server's stream has no owner until its handler, called right below, has given it one.
    const stream = new Stream<Owner>(
      streamId,
      undefined as Owner,
      peer.initialWindowSize,
      local.initialWindowSize,
      core.now,
    )
    stream.contentLeft = length
    stream.flags = StreamFlag.headersReceived
    core.add(stream)
    if (end) core.receivedEnd(stream)
    this.#startedThisTurn++
    if (core.admission.admit(stream, block, end)) core.handler.onHeaders(stream, "initial", block, end)
  }

  #response(stream: Stream<Owner>, block: HeaderBlock, end: boolean): void {
    const fault = block.oversize ? undefined : headerFault(block, "response")
    if (fault !== undefined) {
      this.#streamError(stream, ErrorCode.PROTOCOL_ERROR, fault)
      return
    }
    const informational = block.status?.charCodeAt(0) === 0x31
    if (informational) {
      if (end) this.#streamError(stream, ErrorCode.PROTOCOL_ERROR, `response ${block.status} ends the stream`)
      else this.#core.handler.onHeaders(stream, "informational", block, false)
      return
    }
    stream.flags |= StreamFlag.headersReceived
    // RFC 9110 §8.6: of these the length is that of content which is not sent.
    const withoutContent = (stream.flags & StreamFlag.headRequest) !== 0 || block.status === "304"
    const length = withoutContent ? -1 : contentLength(block)
    if (Number.isNaN(length) || (end && length > 0)) {
      this.#streamError(stream, ErrorCode.PROTOCOL_ERROR, `content-length is ${block.get("content-length")}`)
      return
    }
    stream.contentLeft = length
    if (end) this.#core.receivedEnd(stream)
    this.#core.handler.onHeaders(stream, "initial", block, end)
  }

  #trailers(stream: Stream<Owner>, block: HeaderBlock, end: boolean): void {
    let fault = block.oversize ? undefined : headerFault(block, "trailers")
    // RFC 9113 §8.1.
    if (!end) fault = "trailers without END_STREAM"
    else if (stream.contentLeft > 0) fault = `content-length is ${stream.contentLeft} more than came`
    if (fault !== undefined) {
      this.#streamError(stream, ErrorCode.PROTOCOL_ERROR, fault)
      return
    }
    this.#core.receivedEnd(stream)
    if ((stream.flags & StreamFlag.waiting) !== 0) this.#core.admission.keepTrailers(stream, block)
    else this.#core.handler.onHeaders(stream, "trailers", block, true)
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
    if (stream === undefined) this.#absent(streamId, StreamInput.receiveWindowUpdate)
    else if (increment === 0) this.#streamError(stream, ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE by 0")
    else if (!stream.outbound.grow(increment)) {
      this.#streamError(stream, ErrorCode.FLOW_CONTROL_ERROR, "the stream's window passes 2^31-1")
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
      this.#absent(streamId, StreamInput.receiveReset)
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

  #settings(flags: number, streamId: number, bytes: Uint8Array, start: number, stop: number): void {
    if (streamId !== 0) throw protocolError(`SETTINGS on stream ${streamId}`)
    const core = this.#core
    if ((flags & FrameFlag.ACK) !== 0) {
      if (start !== stop) throw frameSizeError("SETTINGS with ACK", stop - start)
      this.#settingsAcknowledged()
      return
    }
    const { settings } = core
    const { initialWindowSize } = settings.peer
    settings.receive(core.isClient ? "client" : "server", bytes, start, stop, core.limits, core.encoder)
    this.#expected = "any"
    const { peer } = settings
    core.writer.maxFrameSize = peer.maxFrameSize
    if (peer.initialWindowSize !== initialWindowSize) this.#shiftWindows(peer.initialWindowSize - initialWindowSize)
    core.writer.settingsAck()
    core.guard.unsentReplies(core.output.replies)
    core.due |= Due.data | Due.capacity
    core.handler.onSettings()
  }

  /** RFC 9113 §6.9.2: a new initial window reaches back to all streams. */
  #shiftWindows(difference: number): void {
    const core = this.#core
    for (const stream of core.streams.values()) {
      if (!stream.outbound.grow(difference)) {
        throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "SETTINGS take a stream's window past 2^31-1")
      }
      core.scheduler.resume(stream)
    }
  }

  #settingsAcknowledged(): void {
    const core = this.#core
    const { initialWindowSize } = core.settings.local
    core.settings.acknowledged()
    const { local } = core.settings
    this.#decoder.setTableLimit(local.headerTableSize, core.settings.mostTableSize)
    if (core.admission.setPlaces(core.settings.streamLimit)) core.due |= Due.admission
    if (local.initialWindowSize !== initialWindowSize) this.#resizeWindows(initialWindowSize, local.initialWindowSize)
    const entries = core.settings.announceWaiting()
    if (entries === undefined) return
    core.writer.settings(entries)
    this.settingsAnnounced()
  }

  #resizeWindows(before: number, now: number): void {
    const core = this.#core
    core.windows.begin(now)
    for (const stream of core.streams.values()) {
      const credit = stream.inbound.resize(before, now)
      if (credit > 0 && stream.phase !== StreamState.halfClosedRemote) core.writer.windowUpdate(stream.id, credit)
    }
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
    const lastStreamId = readUint31(bytes, start)
    const code = readUint32(bytes, start + 4)
    // RFC 9113 §6.8: it may be lowered, never raised.
    if (lastStreamId > core.ownStreamLimit) {
      throw protocolError(`GOAWAY raises the last stream from ${core.ownStreamLimit} to ${lastStreamId}`)
    }
    core.ownStreamLimit = lastStreamId
    core.receivedGoAway = true
    core.peerGoAwayCode = code
    core.peerGoAwayDebug = copyOf(bytes, start + 8, stop)
    core.handler.onGoAway(lastStreamId, code, core.peerGoAwayDebug)
    if (core.isClient) {
      for (const stream of core.streams.values()) {
        if (stream.id <= lastStreamId || stream.phase === StreamState.closed) continue
        core.close(stream)
        core.closedStreams.add(stream.id)
        core.handler.onReset(stream, {
          code,
          initiator: "peer",
          scope: "connection",
          mayHaveBeenProcessed: false,
          message: `the peer goes away and has not seen the stream (${errorCodeName(code)})`,
        })
      }
    }
    if (core.streams.size === 0 && core.lastStreamsOpen) core.due |= Due.idle
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
    if (stream !== undefined) this.#streamError(stream, code, message)
    else if (core.isIdle(streamId)) throw new ConnectionError(code, message)
    else if (!core.closedStreams.excuses(streamId)) {
      core.guard.provokedReset()
      core.refuse(streamId, code)
    }
  }

  /** A frame for a stream that is idle or closed. */
  #absent(streamId: number, input: number): void {
    const core = this.#core
    if (core.isIdle(streamId)) throw protocolError(`frame on idle stream ${streamId}`)
    if (core.closedStreams.excuses(streamId)) return
    switch (nextState(StreamState.closed, input)) {
      case Refusal.streamClosed:
        core.guard.provokedReset()
        core.refuse(streamId, ErrorCode.STREAM_CLOSED)
        break
      case Refusal.connectionStreamClosed:
        // RFC 9113 §5.1.1: ids of new streams rise.
        if (core.closedStreams.wasSkipped(streamId))
          throw protocolError(`HEADERS on stream ${streamId}, a later one is open`)
        throw new ConnectionError(ErrorCode.STREAM_CLOSED, `HEADERS on closed stream ${streamId}`)
      default:
        core.guard.glitch(core.now)
    }
  }

  #streamError(stream: Stream<Owner>, code: number, message: string): void {
    const core = this.#core
    core.guard.provokedReset()
    core.close(stream)
    core.closedStreams.add(stream.id)
    core.writer.rstStream(stream.id, code, true)
    if ((stream.flags & StreamFlag.waiting) === 0) {
      const cause = new StreamError(stream.id, code, message)
      core.handler.onReset(stream, {
        code,
        initiator: "local",
        scope: "stream",
        mayHaveBeenProcessed: true,
        message: cause.message,
        cause,
      })
    }
    core.guard.unsentReplies(core.output.replies)
  }
}

type Expected = "any" | "settings" | "continuation"

/** Beside a HEADERS frame's own flags, which take eight bits: its priority names the stream itself (RFC 7540 §5.3.1). */
const dependsOnItself = 0x100

function protocolError(message: string): ConnectionError {
  return new ConnectionError(ErrorCode.PROTOCOL_ERROR, message)
}

function frameSizeError(frame: string, length: number): ConnectionError {
  return new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, `${frame} of ${length} bytes`)
}
