import { connect, createServer, type Socket } from "node:net"
import {
  type Connection,
  type ConnectionError,
  type ConnectionHandler,
  type ConnectionOptions,
  type HeaderBlock,
  type HeadersKind,
  PreparedHeaders,
  type Stream,
  type StreamClosure,
} from "@farcall/http2"
import { connectSocket } from "../../../packages/http2/dist/test-support/socket-connection.js"
import type { Conversation, EndSettings, Exchange, Field } from "./conversation.js"
import { bye, ClientParts, changesAt, ServerParts } from "./parts.js"
import { listen, type Peer } from "./peer.js"
import { Heard, type PeerStream } from "./peer-stream.js"

/** Our engine on a socket. */
export const enginePeer: Peer = {
  async serve(conversation, signal) {
    const parts = new ServerParts(conversation)
    const server = createServer()
    const port = await listen(server)
    signal.addEventListener("abort", () => server.close())
    const view = new Promise<EngineEnd>((resolve, reject) => {
      const nobody = () => reject(new Error("nobody has connected"))
      server.once("close", nobody)
      server.once("connection", (socket) => {
        server.off("close", nobody)
        const end = new EngineEnd(socket, "server", conversation, signal)
        end.onRequest = (stream, block) => request(end, parts, stream, block)
        socket.once("close", () => resolve(end))
        server.close()
      })
    })
    return { port, view: view.then(({ goAwayCode, fault }) => parts.view(goAwayCode, fault)) }
  },

  async call(conversation, port, signal) {
    const socket = connect(port, "127.0.0.1")
    const end = new EngineEnd(socket, "client", conversation, signal)
    const parts = new ClientParts(conversation)
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()))
    const played = end.ready.then(() => parts.play((...what) => end.open(...what)))
    await Promise.race([played, closed])
    await end.sayAll()
    const { goAway } = conversation
    if (goAway?.by === "client") end.connection.goAway(0, goAway.code)
    else if (goAway?.by === "server") await Promise.race([end.wentAway, closed])
    await end.sayAll()
    socket.end()
    await closed
    return parts.view(end.goAwayCode, end.fault)
  },
}

function request(end: EngineEnd, parts: ServerParts, stream: Stream<EngineStream>, block: HeaderBlock): Heard {
  const { connection, conversation } = end
  const heard = new Heard()
  const path = block.path ?? ""
  const wrapped = new EngineStream(end, stream, heard)
  stream.owner = wrapped
  const release = () => connection.release(stream)
  const found = parts.exchangeOf(path)
  if (path === bye) {
    void parts.takeLeave(wrapped, (code) => connection.goAway(connection.lastPeerStreamId, code)).then(release)
  } else if (found !== undefined) {
    const { exchange, index } = found
    for (const { by: _, at: __, ...change } of changesAt(conversation, "server", index))
      connection.changeSettings(change)
    wrapped.reads = exchange.ending.kind !== "early"
    const head = {
      method: block.method ?? "",
      scheme: block.scheme ?? null,
      path,
      authority: block.authority ?? "",
      fields: pairs(block.fields),
    }
    void parts.begin(index, head, wrapped, heard).then(release)
  }
  return heard
}

/** One end of a connection. */
class EngineEnd implements ConnectionHandler<EngineStream> {
  readonly connection: Connection<EngineStream>
  readonly conversation: Conversation
  /** The peer's settings are known. */
  readonly ready: Promise<void>
  /** The peer has said GOAWAY. */
  readonly wentAway: Promise<void>
  onRequest: ((stream: Stream<EngineStream>, block: HeaderBlock) => void) | undefined = undefined
  goAwayCode: number | null = null
  fault: string | null = null
  readonly #socket: Socket
  #onReady: () => void = () => {}
  #onGoAway: () => void = () => {}
  #waiting: (() => void)[] = []

  constructor(socket: Socket, role: "client" | "server", conversation: Conversation, signal: AbortSignal) {
    this.conversation = conversation
    this.ready = new Promise((resolve) => (this.#onReady = resolve))
    this.wentAway = new Promise((resolve) => (this.#onGoAway = resolve))
    this.#socket = socket
    this.connection = connectSocket(socket, role, this, optionsFor(conversation[role]))
    signal.addEventListener("abort", () => socket.destroy(new Error("out of time")))
  }

  async open(exchange: Exchange, index: number): Promise<{ stream: PeerStream; heard: Heard }> {
    const { connection } = this
    const { method, path, authority, fields, body } = exchange.request
    const flat = [":method", method, ":scheme", "http", ":path", path, ":authority", authority]
    const heard = new Heard()
    // Both ways to give a list: prepared, with the rest as an extra; and plain.
    const prepared = index % 2 === 0 ? new PreparedHeaders(flat) : [...flat, ...fields.flat()]
    const extra = index % 2 === 0 ? fields.flat() : undefined
    const owner = new EngineStream(this, undefined, heard)
    for (;;) {
      const stream = connection.openStream(prepared, extra, body === null, owner)
      if (stream !== undefined) {
        owner.stream = stream
        break
      }
      if (!connection.accepting) {
        heard.onEnd(-1)
        break
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    for (const { by: _, at: __, ...change } of changesAt(this.conversation, "client", index))
      connection.changeSettings(change)
    return { stream: owner, heard }
  }

  /** Resolves when all streams have ended and all output has left. */
  async sayAll(): Promise<void> {
    const { connection } = this
    while (
      !this.#socket.destroyed &&
      (connection.openStreams > 0 || connection.hasOutput || connection.pendingOutput > 0)
    ) {
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  onHeaders(stream: Stream<EngineStream>, kind: HeadersKind, block: HeaderBlock, end: boolean): void {
    if (kind === "initial" && this.onRequest !== undefined) this.onRequest(stream, block)
    const { heard } = stream.owner
    if (block.oversize) this.fault = `headers of ${block.listSize} bytes are oversize`
    if (kind === "trailers") heard.onTrailers(pairs(block.fields))
    else if (this.onRequest === undefined) heard.onHead(Number(block.status), pairs(block.fields))
    if (end) heard.onEnd("end")
  }

  onData(stream: Stream<EngineStream>, chunk: Uint8Array, start: number, stop: number, end: boolean): void {
    const { owner } = stream
    owner.heard.onData(chunk.subarray(start, stop))
    if (owner.reads) this.connection.consumed(stream, stop - start)
    if (end) owner.heard.onEnd("end")
  }

  onReset({ owner }: Stream<EngineStream>, { code }: StreamClosure): void {
    owner.heard.onEnd(code)
    owner.onWritable()
  }

  onWritable({ owner }: Stream<EngineStream>): void {
    owner.onWritable()
  }

  onCapacity(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  onSettings(): void {
    this.#onReady()
  }

  onPong(): void {}

  onGoAway(_lastStreamId: number, code: number): void {
    this.goAwayCode ??= code
    this.#onGoAway()
  }

  onClose(error: ConnectionError | undefined): void {
    // The other end may simply have left.
    if (error !== undefined && error.code !== 0) this.fault ??= error.message
    this.onCapacity()
    this.#socket.end()
  }

  onOutput(): void {}
}

class EngineStream implements PeerStream {
  readonly heard: Heard
  stream: Stream<EngineStream> | undefined
  reads = true
  readonly #end: EngineEnd
  #waiting: (() => void) | undefined = undefined

  constructor(end: EngineEnd, stream: Stream<EngineStream> | undefined, heard: Heard) {
    this.#end = end
    this.stream = stream
    this.heard = heard
  }

  head(status: number, fields: readonly Field[], end: boolean): void {
    this.#end.connection.sendHeaders(this.stream!, [":status", String(status)], fields.flat(), end)
  }

  write(bytes: Uint8Array): Promise<void> {
    const { connection } = this.#end
    const { stream } = this
    if (stream === undefined) return Promise.resolve()
    // Both ways to send: written in place where there is room, else handed over.
    if (bytes.length < 3000 && connection.beginData(stream, bytes.length)) {
      const { output, outputOffset } = connection
      output.set(bytes, outputOffset)
      connection.commitData(stream, outputOffset + bytes.length, false)
    } else connection.sendOwned(stream, bytes, 0, bytes.length, false)
    if (stream.writable || stream.state === "closed") return Promise.resolve()
    return new Promise((resolve) => (this.#waiting = resolve))
  }

  end(trailers: readonly Field[] | null): void {
    if (this.stream === undefined) return
    if (trailers === null) this.#end.connection.endStream(this.stream)
    else this.#end.connection.sendHeaders(this.stream, trailers.flat(), undefined, true)
  }

  reset(code: number): void {
    if (this.stream !== undefined) this.#end.connection.reset(this.stream, code)
  }

  refuseRest(): void {
    this.#end.connection.refuseRest(this.stream!)
  }

  onWritable(): void {
    this.#waiting?.()
    this.#waiting = undefined
  }
}

function optionsFor({ padding: _, maxConcurrentStreams, ...settings }: EndSettings): ConnectionOptions {
  return maxConcurrentStreams === 0 ? settings : { ...settings, maxConcurrentStreams }
}

function pairs(flat: readonly string[]): Field[] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!] as const)
}
