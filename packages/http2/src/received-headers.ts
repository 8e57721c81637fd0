import type { ConnectionCore } from "./connection-core.js"
import { ConnectionError, frameSizeError, protocolError } from "./errors.js"
import { ErrorCode } from "./frame/error-code.js"
import { FrameFlag, readUint31 } from "./frame/header.js"
import { HeaderAssembly } from "./header-assembly.js"
import { contentLength, headerFault } from "./header-rules.js"
import type { HeaderBlock } from "./hpack/header-block.js"
import { Stream, StreamFlag } from "./stream.js"
import { failStream, frameForNone } from "./stream-faults.js"
import { nextState, Refusal, StreamInput } from "./stream-state.js"

/** The way of a received header block: from HEADERS and CONTINUATION, decoded and checked, to the stream it is for. */
export class ReceivedHeaders<Owner> {
  /** How many more streams may be taken in this turn. */
  streamsLeft: number

  readonly #core: ConnectionCore<Owner>
  readonly #assembly: HeaderAssembly

  constructor(core: ConnectionCore<Owner>) {
    this.streamsLeft = core.limits.maxStreamsPerTurn
    this.#core = core
    this.#assembly = new HeaderAssembly(core.limits)
  }

  /** The stream whose header block has begun and not ended; 0 when there is none. */
  get streamUnderWay(): number {
    return this.#assembly.streamId
  }

  /** The number, from 1, of the header block that lies in several frames and whose end has not come; 0 when there is none. */
  get blockUnderWay(): number {
    return this.#assembly.streamId === 0 ? 0 : this.#assembly.begun
  }

  /** Bytes kept of a header block whose end has not come. */
  get bytesHeld(): number {
    return this.#assembly.length
  }

  /** A HEADERS frame, its payload bytes[start…stop). Whether the block ends with it; else CONTINUATION must come next. */
  headers(flags: number, streamId: number, bytes: Uint8Array, start: number, stop: number): boolean {
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
      this.#whole(streamId, flags, this.#core.decoder.decode(bytes, start, stop))
      return true
    }
    this.#assembly.begin(streamId, flags, bytes, start, stop)
    return false
  }

  /** A CONTINUATION frame of the block under way. Whether the block ends with it. */
  continuation(flags: number, bytes: Uint8Array, start: number, stop: number): boolean {
    const assembly = this.#assembly
    assembly.add(bytes, start, stop)
    if ((flags & FrameFlag.END_HEADERS) === 0) return false
    const { streamId } = assembly
    const block = this.#core.decoder.decode(assembly.bytes, 0, assembly.length)
    const headersFlags = assembly.flags
    assembly.clear()
    this.#whole(streamId, headersFlags, block)
    return true
  }

  /** A header block, decoded whatever becomes of it: HPACK's tables must stay in step (RFC 9113 §4.3). */
  #whole(streamId: number, flags: number, block: HeaderBlock): void {
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
      if (!core.isIdle(streamId)) frameForNone(core, streamId, StreamInput.receiveHeaders)
      else if (core.isClient || (streamId & 1) === 0) throw protocolError(`HEADERS on idle stream ${streamId}`)
      else this.#request(streamId, flags, block)
    } else if (nextState(stream.phase, StreamInput.receiveHeaders) === Refusal.streamClosed) {
      failStream(core, stream, ErrorCode.STREAM_CLOSED, "HEADERS after END_STREAM")
    } else if ((flags & dependsOnItself) !== 0) {
      failStream(core, stream, ErrorCode.PROTOCOL_ERROR, "a stream that depends on itself")
    } else if ((stream.flags & StreamFlag.headersReceived) === 0) this.#response(stream, block, end)
    else this.#trailers(stream, block, end)
  }

  /** A new stream. */
  #request(streamId: number, flags: number, block: HeaderBlock): void {
    const core = this.#core
    const end = (flags & FrameFlag.END_STREAM) !== 0
    core.closedStreams.skip(core.highestPeerStreamId, streamId)
    core.highestPeerStreamId = streamId
    if (streamId > core.goingAway.peerStreamLimit) {
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
    this.streamsLeft--
    if (core.admission.admit(stream, block, end)) core.handler.onHeaders(stream, "initial", block, end)
  }

  #response(stream: Stream<Owner>, block: HeaderBlock, end: boolean): void {
    const core = this.#core
    const fault = block.oversize ? undefined : headerFault(block, "response")
    if (fault !== undefined) {
      failStream(core, stream, ErrorCode.PROTOCOL_ERROR, fault)
      return
    }
    const informational = block.status?.charCodeAt(0) === 0x31
    if (informational) {
      if (end) failStream(core, stream, ErrorCode.PROTOCOL_ERROR, `response ${block.status} ends the stream`)
      else core.handler.onHeaders(stream, "informational", block, false)
      return
    }
    stream.flags |= StreamFlag.headersReceived
    // RFC 9110 §8.6: of these the length is that of content which is not sent.
    const withoutContent = (stream.flags & StreamFlag.headRequest) !== 0 || block.status === "304"
    const length = withoutContent ? -1 : contentLength(block)
    if (Number.isNaN(length) || (end && length > 0)) {
      failStream(core, stream, ErrorCode.PROTOCOL_ERROR, `content-length is ${block.get("content-length")}`)
      return
    }
    stream.contentLeft = length
    if (end) core.receivedEnd(stream)
    core.handler.onHeaders(stream, "initial", block, end)
  }

  #trailers(stream: Stream<Owner>, block: HeaderBlock, end: boolean): void {
    const core = this.#core
    let fault = block.oversize ? undefined : headerFault(block, "trailers")
    // RFC 9113 §8.1.
    if (!end) fault = "trailers without END_STREAM"
    else if (stream.contentLeft > 0) fault = `content-length is ${stream.contentLeft} more than came`
    if (fault !== undefined) {
      failStream(core, stream, ErrorCode.PROTOCOL_ERROR, fault)
      return
    }
    core.receivedEnd(stream)
    if ((stream.flags & StreamFlag.waiting) !== 0) core.admission.keepTrailers(stream, block)
    else core.handler.onHeaders(stream, "trailers", block, true)
  }
}

/** Beside a HEADERS frame's own flags, which take eight bits: its priority names the stream itself (RFC 7540 §5.3.1). */
const dependsOnItself = 0x100
