import { once } from "node:events"
import { createServer, type Server, type Socket } from "node:net"
import { HpackDecoder } from "../../../packages/http2/dist/hpack/decoder.js"
import {
  data,
  HeaderSource,
  paddedData,
  ping,
  settings,
  settingsAck,
  windowUpdate,
} from "../../../packages/http2/dist/test-support/frames.js"

/** A frame as it came. */
export interface ReceivedFrame {
  readonly type: string
  readonly flags: number
  readonly streamId: number
  readonly payload: Buffer
}

/**
 * One connection of a scripted server: raw frames in and raw frames out, and nothing in between that would keep the
 * script from breaking a rule. Of itself it acknowledges SETTINGS, answers PING, and gives credit for DATA.
 */
export class ScriptedConnection {
  readonly source: HeaderSource = new HeaderSource()
  /** All that has come, in order. */
  readonly frames: ReceivedFrame[] = []
  /** Streams whose requests have come to their end, in order. */
  readonly requests: number[] = []
  readonly socket: Socket
  /** The connection's place among those of its server. */
  readonly index: number
  closed = false
  /** Whether it does anything of itself. */
  polite = true
  /** What we may send on each stream, and on the connection at 0, as far as the client has said (RFC 9113 §6.9). */
  private readonly credit: Map<number, number> = new Map([[0, 65_535]])
  private initialWindow = 65_535
  private readonly decoder = new HpackDecoder({ tableSize: 4096, maxHeaderListSize: 1 << 20, maxHeaderCount: 1000 })
  private rest: Buffer = Buffer.alloc(0)
  private prefaceLeft = 24
  private readonly waiting: (() => void)[] = []

  constructor(socket: Socket, index: number) {
    this.socket = socket
    this.index = index
    socket.setNoDelay(true)
    socket.on("data", (chunk) => this.receive(chunk))
    socket.on("error", () => {})
    socket.on("close", () => {
      this.closed = true
      this.wake()
    })
  }

  /** Writes the frames in one piece. */
  say(...frames: readonly Uint8Array[]): void {
    if (!this.socket.destroyed) this.socket.write(Buffer.concat(frames))
  }

  /** Our SETTINGS; what comes next must not begin without them. */
  greet(...entries: readonly number[]): void {
    this.say(settings(...entries))
  }

  /** Resolves once `holds` does, looked at after each chunk. @throws Error when the connection closes, or in five seconds */
  async until(holds: () => boolean, what: string): Promise<void> {
    const limit = AbortSignal.timeout(5_000)
    limit.addEventListener("abort", () => this.wake())
    while (!holds()) {
      if (this.closed || limit.aborted) throw new Error(`${this.closed ? "closed" : "five seconds"} before ${what}`)
      await new Promise<void>((resolve) => this.waiting.push(resolve))
    }
  }

  /** The next request to be whole, counted from 0. */
  async request(number: number): Promise<number> {
    await this.until(() => this.requests.length > number, `request ${number} had come`)
    return this.requests[number]!
  }

  /** Sends DATA by frames of at most `piece` bytes, each with that much padding, as the windows allow. */
  async sendData(streamId: number, bytes: Uint8Array, piece: number, padding: number | undefined): Promise<void> {
    for (let at = 0; at < bytes.length; at += piece) {
      const content = bytes.subarray(at, at + piece)
      const cost = content.length + (padding === undefined ? 0 : padding + 1)
      const allowed = (): boolean => Math.min(this.window(0), this.window(streamId)) >= cost
      if (!allowed()) await this.until(allowed, `credit for DATA had come, ${bytes.length - at} bytes before the end`)
      for (const id of [0, streamId]) this.credit.set(id, this.window(id) - cost)
      this.say(padding === undefined ? data(streamId, content) : paddedData(streamId, content, padding))
    }
  }

  private window(streamId: number): number {
    return this.credit.get(streamId) ?? this.initialWindow
  }

  /** The frames of a type, of one stream when it is said. */
  received(type: string, streamId?: number): ReceivedFrame[] {
    return this.frames.filter((frame) => frame.type === type && (streamId === undefined || frame.streamId === streamId))
  }

  private receive(chunk: Buffer): void {
    const skipped = Math.min(this.prefaceLeft, chunk.length)
    this.prefaceLeft -= skipped
    this.rest = Buffer.concat([this.rest, chunk.subarray(skipped)])
    while (this.rest.length >= 9 && this.rest.length >= 9 + this.rest.readUIntBE(0, 3)) {
      const stop = 9 + this.rest.readUIntBE(0, 3)
      this.frame({
        type: frameTypes[this.rest[3]!] ?? `type ${this.rest[3]}`,
        flags: this.rest[4]!,
        streamId: this.rest.readUInt32BE(5),
        payload: Buffer.from(this.rest.subarray(9, stop)),
      })
      this.rest = this.rest.subarray(stop)
    }
    this.wake()
  }

  private frame(frame: ReceivedFrame): void {
    this.frames.push(frame)
    const { type, flags, streamId, payload } = frame
    // HPACK's tables are kept in step, so that a block that cannot be read is noticed.
    if (type === "HEADERS") this.decoder.decode(payload, 0, payload.length)
    if ((type === "HEADERS" || type === "DATA") && (flags & 1) !== 0) this.requests.push(streamId)
    if (type === "WINDOW_UPDATE") this.credit.set(streamId, this.window(streamId) + payload.readUInt32BE(0))
    if (type === "SETTINGS") {
      for (let at = 0; at < payload.length; at += 6) {
        if (payload.readUInt16BE(at) === 4) this.initialWindow = payload.readUInt32BE(at + 2)
      }
    }
    if (!this.polite) return
    if (type === "DATA" && payload.length > 0) {
      this.say(windowUpdate(0, payload.length), windowUpdate(streamId, payload.length))
    }
    if (type === "SETTINGS" && (flags & 1) === 0) this.say(settingsAck)
    if (type === "PING" && (flags & 1) === 0) this.say(ping([...payload], true))
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve()
  }
}

const frameTypes = [
  "DATA",
  "HEADERS",
  "PRIORITY",
  "RST_STREAM",
  "SETTINGS",
  "PUSH_PROMISE",
  "PING",
  "GOAWAY",
  "WINDOW_UPDATE",
  "CONTINUATION",
]

/** A server that plays a script on each connection. What a script throws is told by `close`. */
export class ScriptedServer implements AsyncDisposable {
  readonly connections: ScriptedConnection[] = []
  readonly port: number
  private readonly server: Server
  private readonly failures: unknown[]

  private constructor(server: Server, connections: ScriptedConnection[], failures: unknown[]) {
    this.server = server
    this.connections = connections
    this.failures = failures
    this.port = (server.address() as { port: number }).port
  }

  static async listen(script: (connection: ScriptedConnection) => Promise<void>): Promise<ScriptedServer> {
    const connections: ScriptedConnection[] = []
    const failures: unknown[] = []
    const server = createServer((socket) => {
      const connection = new ScriptedConnection(socket, connections.length)
      connections.push(connection)
      script(connection).catch((error: unknown) => failures.push(error))
    })
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    return new ScriptedServer(server, connections, failures)
  }

  /** @throws what a script threw */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.server, "close")
    this.server.close()
    for (const { socket } of this.connections) socket.destroy()
    await closed
    if (this.failures.length > 0) throw this.failures[0]
  }
}
