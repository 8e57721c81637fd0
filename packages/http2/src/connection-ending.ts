import type { ConnectionCore } from "./connection-core.js"
import { asConnectionError, ConnectionError, debugText, type StreamClosure } from "./errors.js"
import { ErrorCode } from "./frame/error-code.js"
import type { FrameReader } from "./frame/reader.js"
import { HpackError } from "./hpack/hpack-error.js"
import { type Stream, StreamFlag } from "./stream.js"

/**
 * How a connection ends: with GOAWAY where it is this end that closes, then the closure of each stream that is left, then
 * `onClose`. The first reason counts, later ones change nothing. Once there is one, `core.ending` is true, nothing more is
 * read, and the callbacks come as soon as neither a frame nor a callback is under way.
 */
export class ConnectionEnding<Owner> {
  /** The callbacks have come, or are about to: no other will follow. */
  closed = false
  /** Own streams below this id have been taken with the output: the peer may have seen them. */
  takenBelow = 0

  readonly #core: ConnectionCore<Owner>
  readonly #reader: FrameReader
  #verdict: Verdict | undefined = undefined

  constructor(core: ConnectionCore<Owner>, reader: FrameReader) {
    this.#core = core
    this.#reader = reader
  }

  /** By our own will. */
  close(code: number, debug: string): void {
    if (this.#core.ending) return
    const error = new ConnectionError(code, debug === "" ? "the connection was closed" : debug)
    this.#sayGoodbye(code, debug)
    this.#end({ error, reported: code === ErrorCode.NO_ERROR ? undefined : error, rethrow: false })
    this.complete()
  }

  /** The pipe has ended. After GOAWAY, with no stream open and no frame begun, that is as it should be. */
  pipeEnded(): void {
    if (this.#core.ending) return
    const core = this.#core
    const { begun, peerCode, peerDebug } = core.goingAway
    const inFrame = this.#reader.inFrame ? ", in the middle of a frame" : ""
    const expected = core.streams.size === 0 && inFrame === "" && begun
    const said = peerDebug.length > 0 ? `: ${debugText(peerDebug)}` : ""
    const error = new ConnectionError(peerCode, `the peer closed the connection${inFrame}${said}`, "peer")
    this.#dropUnseen()
    this.#end({ error, reported: expected ? undefined : error, rethrow: false })
    this.complete()
  }

  /** The pipe broke. */
  pipeBroke(cause: unknown): void {
    if (this.#core.ending) return
    const reason = cause instanceof Error ? cause.message : String(cause)
    const error = new ConnectionError(ErrorCode.INTERNAL_ERROR, `the connection broke: ${reason}`, "peer", cause)
    this.#dropUnseen()
    this.#end({ error, reported: error, rethrow: false })
    this.complete()
  }

  /** Something was thrown while frames were read: by a rule of the protocol, or by a callback. Ask to `complete` next. */
  fault(thrown: unknown): void {
    if (this.#core.ending) return
    const error = asConnectionError(thrown)
    this.#sayGoodbye(error.code, error.message)
    this.#end({ error, reported: error, rethrow: error.cause === thrown && !(thrown instanceof HpackError) })
  }

  /**
   * Tells of the end, if there is one to be told of and no callback is under way.
   * @throws what a callback threw that brought it about
   */
  complete(): void {
    const core = this.#core
    const verdict = this.#verdict
    if (verdict === undefined || this.closed || core.busy) return
    const { error } = verdict
    this.closed = true
    core.busy = true
    for (const stream of core.streams.values()) {
      core.close(stream)
      if ((stream.flags & StreamFlag.waiting) === 0) core.handler.onReset(stream, this.#closureOf(stream, error))
    }
    core.due = 0
    core.handler.onClose(verdict.reported)
    core.busy = false
    if (verdict.rethrow) throw error.cause
  }

  #end(verdict: Verdict): void {
    this.#verdict = verdict
    this.#core.ending = true
    this.#reader.stopped = true
  }

  #sayGoodbye(code: number, debug: string): void {
    const core = this.#core
    core.goingAway.sent = true
    if (this.#dropUnseen() && this.takenBelow === 0) {
      // The preface was dropped with the rest, and nothing goes before it (RFC 9113 §3.4).
      core.writer.preface()
      core.writer.settings([])
    }
    core.writer.goAway(
      Math.min(core.lastPeerStreamId, core.goingAway.peerStreamLimit),
      code,
      new TextEncoder().encode(debug),
    )
  }

  /**
   * A client's requests that are still here when the connection ends are reported as never sent, and so may be sent again
   * elsewhere: they must not leave now. With them goes what else is queued, which is for streams that end too.
   */
  #dropUnseen(): boolean {
    const core = this.#core
    if (!core.isClient || core.nextStreamId === 1 || core.nextStreamId <= this.takenBelow) return false
    core.output.drop()
    return true
  }

  /** A stream whose HEADERS were never taken was certainly not processed. */
  #closureOf(stream: Stream<Owner>, error: ConnectionError): StreamClosure {
    const unseen = this.#core.isClient && stream.id >= this.takenBelow
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

interface Verdict {
  readonly error: ConnectionError
  /** What `onClose` is told. */
  readonly reported: ConnectionError | undefined
  /** A callback threw: whoever called us is to know. */
  readonly rethrow: boolean
}
