import {
  Connection,
  type ConnectionError,
  type ConnectionHandler,
  errorCodeName,
  type HeaderBlock,
  type HeadersKind,
  type Role,
  type Stream,
} from "@farcall/http2"

/** How the application on top of the engine behaves. */
export type Manner =
  /** Answers with what goes out at once or not at all: what it does follows from what it is told alone. */
  | "steady"
  /** Queues more than there are windows for, and goes on when there is room: how chunks fall makes a difference. */
  | "pressing"

/** What the application keeps of a stream. */
interface Call {
  received: number
  consumed: number
}

/** A connection under test, with an application on it that does different things on different streams. */
export class Endpoint implements ConnectionHandler<Call> {
  readonly connection: Connection<Call>
  /** What it was told, a line for each. Pieces of DATA are one line, as chunks cut them anywhere. */
  readonly events: string[] = []
  /** Callbacks, and characters of header lists that were handed out. */
  callbacks = 0
  headerCharacters = 0
  closed = false
  /** It has asked for `takeOutput`. */
  hasMore = false
  error: ConnectionError | undefined = undefined
  readonly #manner: Manner
  readonly #open = new Set<number>()

  constructor(role: Role, manner: Manner) {
    this.#manner = manner
    this.connection = new Connection(role, this)
    if (role === "server") return
    for (let i = 0; i < 4; i++) {
      const stream = this.connection.openStream([...requestFields], undefined, i === 1, { received: 0, consumed: 0 })
      this.#open.add(stream!.id)
      if (i === 2) this.#send(stream!, 100, true)
      if (i === 3 && manner === "pressing") this.#send(stream!, 100_000, true)
    }
  }

  onHeaders(stream: Stream<Call>, kind: HeadersKind, block: HeaderBlock, end: boolean): void {
    this.#told(`${kind} ${stream.id}${end ? " end" : ""} ${block.oversize ? "oversize" : block.fields.join()}`)
    this.headerCharacters += block.fields.reduce((sum, text) => sum + text.length, 0)
    if (this.connection.role !== "server" || kind !== "initial") return
    stream.owner = { received: 0, consumed: 0 }
    this.#open.add(stream.id)
    this.#answer(stream)
  }

  onData(stream: Stream<Call>, _chunk: Uint8Array, start: number, stop: number, end: boolean): void {
    this.#tick()
    if (!this.#open.has(stream.id)) throw new Error(`DATA on stream ${stream.id}, which nobody has opened`)
    const call = stream.owner
    call.received += stop - start
    const line = `data ${stream.id} to ${call.received}${end ? " end" : ""}`
    if (this.events.at(-1)?.startsWith(`data ${stream.id} to `)) this.events.pop()
    this.events.push(line)
    // In steps of a thousand, so that it does not depend on how the frame was cut; some streams are never read.
    if (stream.id % 8 === 3) return
    for (; call.received - call.consumed >= 1000; call.consumed += 1000) this.connection.consumed(stream, 1000)
  }

  onReset(stream: Stream<Call>, { code, initiator, scope }: { code: number; initiator: string; scope: string }): void {
    this.#told(`reset ${stream.id} ${errorCodeName(code)} by ${initiator}, ${scope}`)
    if (!this.#open.delete(stream.id)) throw new Error(`stream ${stream.id} was reset, which nobody has opened`)
    if (stream.id % 16 !== 5) this.connection.release(stream)
  }

  onWritable(stream: Stream<Call>): void {
    this.#tick()
    if (this.#manner === "pressing") this.#send(stream, 30_000, stream.id % 4 === 1)
  }

  onCapacity(): void {
    this.#tick()
  }

  onSettings(): void {
    this.#told("settings")
  }

  onPing(): void {
    this.#told("ping")
  }

  onPong(): void {
    this.#told("pong")
  }

  onGoAway(lastStreamId: number, code: number): void {
    this.#told(`goaway ${lastStreamId} ${errorCodeName(code)}`)
  }

  onIdle(): void {
    this.#tick()
  }

  onClose(error: ConnectionError | undefined): void {
    this.#told(error === undefined ? "close" : `close ${errorCodeName(error.code)}`)
    this.closed = true
    this.error = error
    const { counters, openStreams } = this.connection
    if (openStreams !== 0 || counters.inboundHeld !== 0 || counters.outboundQueued !== 0) {
      throw new Error(`a closed connection holds ${openStreams} streams, ${JSON.stringify(counters)}`)
    }
  }

  onOutput(): void {
    this.#tick()
    this.hasMore = true
  }

  #answer(stream: Stream<Call>): void {
    const { connection } = this
    switch ((stream.id >> 1) % 8) {
      case 0:
        connection.sendHeaders(stream, [":status", "200", "grpc-status", "0"], undefined, true)
        connection.release(stream)
        break
      case 1:
        connection.sendHeaders(stream, [":status", "200"], undefined, false)
        this.#send(stream, 64, false)
        connection.sendHeaders(stream, ["grpc-status", "0"], undefined, true)
        connection.refuseRest(stream)
        connection.release(stream)
        break
      case 2:
        connection.reset(stream, 8)
        this.#open.delete(stream.id)
        connection.release(stream)
        break
      case 3:
        connection.sendHeaders(stream, [":status", "200"], undefined, false)
        this.#send(stream, 20_000, false)
        break
      case 4:
        connection.sendHeaders(stream, (stream.id & ~15) === 64 ? longHeaders : usualHeaders, undefined, false)
        connection.expect(stream, 300_000)
        break
      case 5:
        connection.sendHeaders(stream, [":status", "200"], undefined, false)
        this.#send(stream, 100_000, true)
        break
      default:
        // A handler that has nothing to say.
        break
    }
  }

  #send(stream: Stream<Call>, size: number, end: boolean): void {
    const { connection } = this
    if (this.#manner === "pressing") connection.sendOwned(stream, payload, 0, size, end)
    else if (size <= 16_384 && connection.beginData(stream, size)) {
      connection.output.fill(0x61, connection.outputOffset, connection.outputOffset + size)
      connection.commitData(stream, connection.outputOffset + size, end)
    }
  }

  #told(line: string): void {
    this.#tick()
    this.events.push(line)
  }

  #tick(): void {
    this.callbacks++
    if (this.closed) throw new Error("a callback after onClose")
  }
}

const requestFields = [":method", "POST", ":scheme", "http", ":path", "/fuzz", ":authority", "localhost"] as const

const usualHeaders = [":status", "200", "x", "y"] as const
/** More than fits one frame. */
const longHeaders = [":status", "200", "x-long", "v".repeat(25_000)] as const

const payload = new Uint8Array(100_000).fill(0x61)
