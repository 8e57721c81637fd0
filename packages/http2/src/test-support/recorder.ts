import type { ConnectionError, StreamClosure } from "../errors.js"
import { errorCodeName } from "../frame/error-code.js"
import type { ConnectionHandler, HeadersKind } from "../handler.js"
import type { HeaderBlock } from "../hpack/header-block.js"
import type { Stream } from "../stream.js"
import { blockText, contentOf } from "./frame-transcript.js"
import { concat } from "./frames.js"

/** What a test wants done amid callbacks, besides their being written down. */
export interface Hooks {
  headers?: (stream: Stream<string>, kind: HeadersKind, block: HeaderBlock, end: boolean) => void
  data?: (stream: Stream<string>, size: number, end: boolean) => void
  reset?: (stream: Stream<string>, closure: StreamClosure) => void
  writable?: (stream: Stream<string>) => void
  capacity?: () => void
  settings?: () => void
  goAway?: () => void
}

/** A handler that writes a line for each callback. DATA that comes in pieces is one line, as pieces carry no meaning. */
export class Recorder implements ConnectionHandler<string> {
  hooks: Hooks = {}
  readonly streams: Map<number, Stream<string>> = new Map()
  readonly closures: StreamClosure[] = []
  error: ConnectionError | undefined = undefined
  outputs = 0
  #lines: string[] = []
  #pieces: Uint8Array[] = []
  #piecesOf = 0

  /** The lines since the last call. */
  take(): string[] {
    this.#endPieces(false)
    const lines = this.#lines
    this.#lines = []
    return lines
  }

  stream(id: number): Stream<string> {
    const stream = this.streams.get(id)
    if (stream === undefined) throw new Error(`no stream ${id} was heard of`)
    return stream
  }

  onHeaders(stream: Stream<string>, kind: HeadersKind, block: HeaderBlock, end: boolean): void {
    this.#write(`${kind} ${stream.id}${end ? " end" : ""} ${blockText(block)}`)
    if (stream.owner === undefined) stream.owner = `owner ${stream.id}`
    this.streams.set(stream.id, stream)
    this.hooks.headers?.(stream, kind, block, end)
  }

  onData(stream: Stream<string>, chunk: Uint8Array, start: number, stop: number, end: boolean): void {
    if (start === stop && !end) throw new Error("an empty piece that ends nothing")
    if (this.#piecesOf !== stream.id) this.#endPieces(false)
    this.#piecesOf = stream.id
    this.#pieces.push(chunk.slice(start, stop))
    if (end) this.#endPieces(true)
    this.hooks.data?.(stream, stop - start, end)
  }

  onReset(stream: Stream<string>, closure: StreamClosure): void {
    const { initiator, scope, code, mayHaveBeenProcessed } = closure
    const unseen = mayHaveBeenProcessed ? "" : " unseen"
    this.#write(`reset ${stream.id} ${errorCodeName(code)} by ${initiator}, ${scope}${unseen}`)
    this.closures.push(closure)
    this.hooks.reset?.(stream, closure)
  }

  onWritable(stream: Stream<string>): void {
    this.#write(`writable ${stream.id}`)
    this.hooks.writable?.(stream)
  }

  onCapacity(): void {
    this.#write("capacity")
    this.hooks.capacity?.()
  }

  onSettings(): void {
    this.#write("settings")
    this.hooks.settings?.()
  }

  onPing(opaque: Uint8Array): void {
    this.#write(`ping ${opaque.join()}`)
  }

  onPong(opaque: Uint8Array): void {
    this.#write(`pong ${opaque.join()}`)
  }

  onGoAway(lastStreamId: number, code: number, debug: Uint8Array): void {
    this.#write(`goaway ${lastStreamId} ${errorCodeName(code)} ${contentOf(debug)}`)
    this.hooks.goAway?.()
  }

  onIdle(): void {
    this.#write("idle")
  }

  onClose(error: ConnectionError | undefined): void {
    this.#write(error === undefined ? "close" : `close ${errorCodeName(error.code)} by ${error.initiator}`)
    this.error = error
  }

  onOutput(): void {
    this.outputs++
  }

  #write(line: string): void {
    this.#endPieces(false)
    this.#lines.push(line)
  }

  #endPieces(end: boolean): void {
    if (this.#piecesOf === 0) return
    this.#lines.push(`data ${this.#piecesOf}${end ? " end" : ""} ${contentOf(concat(this.#pieces))}`)
    this.#pieces = []
    this.#piecesOf = 0
  }
}
