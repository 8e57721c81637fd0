import type { BufferPool } from "./buffer-pool.js"
import type { ConnectionError, StreamClosure } from "./errors.js"
import type { HeaderBlock } from "./hpack/header-block.js"
import type { Limits } from "./limits.js"
import type { Stream } from "./stream.js"

/** Which end of the connection this is: clients open streams, servers answer them (RFC 9113 §5.1.1). */
export type Role = "client" | "server"

/** 1xx responses are informational; the request or response itself is initial; what follows DATA is trailers. */
export type HeadersKind = "informational" | "initial" | "trailers"

/**
 * What a connection tells. All of it comes out of `receive`, `receiveEnd`, `fail`, `advance`, `takeOutput` and
 * `close`; any other command at most calls `onOutput`. Commands may be given in every callback: they only queue.
 * What a callback throws ends the connection with INTERNAL_ERROR, and goes on to whoever called.
 */
export interface ConnectionHandler<Owner> {
  /** On a server, "initial" is a new stream: set its `owner` here. `end`: the peer sends nothing more on this stream. */
  onHeaders(stream: Stream<Owner>, kind: HeadersKind, block: HeaderBlock, end: boolean): void
  /**
   * DATA, chunk[start…stop): the chunk belongs to the engine again on return. Pieces of a frame may come separately; an
   * empty piece only when `end` is true.
   */
  onData(stream: Stream<Owner>, chunk: Uint8Array, start: number, stop: number, end: boolean): void
  /**
   * The stream died before both sides had ended: reset by the peer, by an error we answered, by GOAWAY below its id, or
   * with the connection. After it, no callback for this stream. Not called for a `reset` of one's own.
   */
  onReset(stream: Stream<Owner>, closure: StreamClosure): void
  /** A stream that was not `writable` is so again. */
  onWritable(stream: Stream<Owner>): void
  /** After `openStream` gave undefined at the peer's limit: a stream could be opened now. */
  onCapacity(): void
  /** SETTINGS of the peer have been applied; the first time, the connection is ready. */
  onSettings(): void
  /** The peer sent PING; it has been answered. */
  onPing?(opaque: Uint8Array): void
  /** The peer answered a PING. */
  onPong(opaque: Uint8Array): void
  /** The peer takes no streams above `lastStreamId`; each that was open gets `onReset` next. */
  onGoAway(lastStreamId: number, code: number, debug: Uint8Array): void
  /** Going away, by either side's word, and the last stream has ended: time to close. */
  onIdle?(): void
  /**
   * Once, after every stream got its `onReset`; no callback follows. The output may hold a last GOAWAY: flush, then end
   * the pipe. Undefined when nothing was wrong.
   */
  onClose(error: ConnectionError | undefined): void
  /** There is something to take: schedule one `takeOutput`. Called once until that. */
  onOutput(): void
}

/** The limits, each by its name, and where output buffers come from. */
export interface ConnectionOptions extends Partial<Limits> {
  /** The pool of this thread when left out. */
  readonly bufferPool?: BufferPool
}
