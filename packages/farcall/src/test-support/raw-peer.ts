import {
  Connection,
  type ConnectionHandler,
  type ConnectionOptions,
  errorCodeName,
  type HeaderBlock,
  type HeadersKind,
  type Role,
  type Stream,
  type StreamClosure,
} from "@farcall/http2"
import type { Wire, WireHandler } from "../transport/wire.js"
import { until } from "./outcome.js"

/** One stream, as a raw peer saw it. */
export interface RawStream {
  readonly stream: Stream<RawStream>
  /** What came, in order: `headers`, `data` (one for all there is in a row), `trailers`, each with ` end`; `reset CODE`. */
  readonly log: string[]
  headers: HeaderBlock | undefined
  /** The block that carried END_STREAM, or trailers that did not. */
  trailers: HeaderBlock | undefined
  informational: number
  /** What came as DATA. */
  body: Buffer
  ended: boolean
  closure: StreamClosure | undefined
}

/** One end of an HTTP/2 connection that knows nothing of gRPC: what tests script the other side with. */
export class RawPeer implements ConnectionHandler<RawStream>, WireHandler {
  readonly connection: Connection<RawStream>
  /** All streams there have been, in order. */
  readonly streams: RawStream[] = []
  /** `settings`, `goaway LAST CODE "DEBUG"`, `ping TEXT`, `pong TEXT`, `close`. */
  readonly log: string[] = []
  /** Whether credit is given for DATA that comes. */
  reading = true
  /** On a server: a request's headers have come. */
  onRequest: ((stream: RawStream) => void) | undefined
  readonly wire: Wire

  constructor(role: Role, wire: Wire, options: ConnectionOptions = {}) {
    this.wire = wire
    this.connection = new Connection(role, this, options)
    this.flush()
    wire.attach(this)
  }

  /** Opens a stream, as a client. */
  request(fields: readonly string[], end = false): RawStream {
    const raw = made()
    const stream = this.connection.openStream([...fields], undefined, end, raw)
    if (stream === undefined) throw new Error("no stream could be opened")
    return this.keep(raw, stream)
  }

  send(raw: RawStream, fields: readonly string[], end = false): void {
    this.connection.sendHeaders(raw.stream, [...fields], undefined, end)
    if (end) this.connection.release(raw.stream)
  }

  data(raw: RawStream, bytes: Uint8Array, end = false): void {
    this.connection.sendOwned(raw.stream, bytes, 0, bytes.length, end)
    if (end) this.connection.release(raw.stream)
  }

  /** Writes what is queued now, so that what follows comes in another chunk. */
  flush(): void {
    const segments = this.connection.takeOutput()
    if (segments.length > 0) this.wire.write(segments, () => this.connection.written())
  }

  async ended(raw: RawStream): Promise<RawStream> {
    await until(() => raw.ended || raw.closure !== undefined, "the stream's end")
    return raw
  }

  // ── from the wire ──

  onChunk(chunk: Uint8Array, start: number, stop: number): void {
    this.connection.receive(chunk, start, stop, 0)
  }

  onWireEnd(): void {
    this.connection.receiveEnd(0)
  }

  onWireClosed(error: Error | undefined): void {
    this.connection.fail(error ?? new Error("closed"))
  }

  // ── from the engine ──

  onHeaders(stream: Stream<RawStream>, kind: HeadersKind, block: HeaderBlock, end: boolean): void {
    if (this.connection.role === "server" && kind === "initial") stream.owner = this.keep(made(), stream)
    const raw = stream.owner
    if (kind === "informational") {
      raw.informational++
      return
    }
    raw.log.push(`${kind === "initial" ? "headers" : "trailers"}${end ? " end" : ""}`)
    if (kind === "initial") raw.headers = block
    if (kind === "trailers" || end) raw.trailers = block
    raw.ended = end
    if (this.connection.role === "server" && kind === "initial") this.onRequest?.(raw)
  }

  onData(stream: Stream<RawStream>, chunk: Uint8Array, start: number, stop: number, end: boolean): void {
    const raw = stream.owner
    raw.body = appended(raw.body, chunk.subarray(start, stop))
    if (raw.log.at(-1) === "data") raw.log.pop()
    raw.log.push(end ? "data end" : "data")
    raw.ended = end
    if (this.reading) this.connection.consumed(stream, stop - start)
  }

  onReset(stream: Stream<RawStream>, closure: StreamClosure): void {
    stream.owner.closure = closure
    stream.owner.log.push(`reset ${errorCodeName(closure.code)}`)
  }

  onWritable(): void {}
  onCapacity(): void {}

  onSettings(): void {
    this.log.push("settings")
  }

  onPing(opaque: Uint8Array): void {
    this.log.push(`ping ${new TextDecoder().decode(opaque)}`)
  }

  onPong(opaque: Uint8Array): void {
    this.log.push(`pong ${new TextDecoder().decode(opaque)}`)
  }

  onGoAway(lastStreamId: number, code: number, debug: Uint8Array): void {
    const text = JSON.stringify(new TextDecoder().decode(debug))
    this.log.push(`goaway ${lastStreamId} ${errorCodeName(code)} ${text}`)
  }

  onClose(): void {
    this.log.push("close")
    this.flush()
    this.wire.end()
  }

  onOutput(): void {
    setImmediate(() => this.flush())
  }

  private keep(raw: RawStream, stream: Stream<RawStream>): RawStream {
    const kept = Object.assign(raw, { stream })
    this.streams.push(kept)
    return kept
  }
}

/**
 * The bytes with more behind them. The memory behind a body doubles as it grows, so that one of many megabytes in small
 * pieces is not copied for each.
 */
function appended(body: Buffer, piece: Uint8Array): Buffer {
  const length = body.length + piece.length
  const room = body.buffer.byteLength - body.byteOffset
  const memory =
    length <= room && grown.has(body.buffer) ? Buffer.from(body.buffer, body.byteOffset, room) : larger(body, length)
  memory.set(piece, body.length)
  return memory.subarray(0, length)
}

/** What `larger` has made: behind a body elsewhere, memory may be another's. */
const grown: WeakSet<ArrayBufferLike> = new WeakSet()

function larger(body: Buffer, length: number): Buffer {
  const memory = Buffer.from(new ArrayBuffer(2 * length))
  grown.add(memory.buffer)
  memory.set(body)
  return memory
}

function made(): RawStream {
  return {
    stream: undefined as unknown as Stream<RawStream>,
    log: [],
    headers: undefined,
    trailers: undefined,
    informational: 0,
    body: Buffer.alloc(0),
    ended: false,
    closure: undefined,
  }
}

/** A message of the parrot's as gRPC puts it into DATA. */
export function framed(text: string, flag = 0): Buffer {
  const body = Buffer.from(text)
  const prefix = Buffer.alloc(5)
  prefix.writeUInt8(flag, 0)
  prefix.writeUInt32BE(body.length, 1)
  return Buffer.concat([prefix, body])
}

/** The texts of the messages in what came as DATA. */
export function textsIn(body: Buffer): string[] {
  const texts: string[] = []
  for (let at = 0; at < body.length; ) {
    const length = body.readUInt32BE(at + 1)
    texts.push(body.subarray(at + 5, at + 5 + length).toString())
    at += 5 + length
  }
  return texts
}
