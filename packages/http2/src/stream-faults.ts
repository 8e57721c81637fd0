import type { ConnectionCore } from "./connection-core.js"
import { ConnectionError, protocolError, StreamError } from "./errors.js"
import { ErrorCode } from "./frame/error-code.js"
import { type Stream, StreamFlag } from "./stream.js"
import { nextState, Refusal, StreamState } from "./stream-state.js"

/** A frame breaks a rule on a stream that is open: RST_STREAM, and its handler is told (RFC 9113 §5.4.2). */
export function failStream<Owner>(
  core: ConnectionCore<Owner>,
  stream: Stream<Owner>,
  code: number,
  message: string,
): void {
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

/**
 * A frame, by its `StreamInput`, for a stream that is idle or closed. It is let pass where it may have been on its way
 * when we reset the stream.
 * @throws ConnectionError when the stream is idle, or the frame begins a header block
 */
export function frameForNone<Owner>(core: ConnectionCore<Owner>, streamId: number, input: number): void {
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
