import { FrameLog } from "@farcall/http2"
import type { AuthContext } from "../core/auth-context.js"
import type { Clock } from "../core/clock.js"
import type { Wire, WireHandler } from "./wire.js"

/** Which traces the process was asked for, by name: `FARCALL_TRACE=http2`. */
const traces = new Set((process.env["FARCALL_TRACE"] ?? "").split(","))

/**
 * The wire itself, or with `FARCALL_TRACE=http2` one that tells on stderr of each frame that passes, in a line. What is not
 * traced has no part in it: the engine knows nothing of the tap.
 */
export function tapFrames(wire: Wire, role: "client" | "server", clock: Clock): Wire {
  return traces.has("http2") ? new TappedWire(wire, role, clock, (line) => process.stderr.write(line)) : wire
}

/**
 *     [  12.406] client ipv4:127.0.0.1:50051 > HEADERS 1 END_HEADERS :method=POST …
 *     [  13.001] client ipv4:127.0.0.1:50051 < DATA 1 18 bytes
 *
 * Milliseconds since the tap was made, this end's role, the other end, and which way it went.
 */
export class TappedWire implements Wire {
  private readonly wire: Wire
  private readonly sent: FrameLog
  private readonly received: FrameLog

  constructor(wire: Wire, role: "client" | "server", clock: Clock, print: (line: string) => void) {
    this.wire = wire
    const begun = clock.now()
    const printer = (way: string) => (text: string) => {
      const time = (clock.now() - begun).toFixed(3).padStart(8)
      print(`[${time}] ${role} ${wire.peer} ${way} ${text}\n`)
    }
    this.sent = new FrameLog(role, printer(">"))
    this.received = new FrameLog(role === "client" ? "server" : "client", printer("<"))
  }

  get peer(): string {
    return this.wire.peer
  }

  get local(): string {
    return this.wire.local
  }

  get auth(): AuthContext | undefined {
    return this.wire.auth
  }

  get socketOptions(): Readonly<Record<string, string>> | undefined {
    return this.wire.socketOptions
  }

  get unsent(): number {
    return this.wire.unsent
  }

  attach(handler: WireHandler): void {
    this.wire.attach({
      onChunk: (chunk, start, stop) => {
        this.received.receive(chunk, start, stop)
        handler.onChunk(chunk, start, stop)
      },
      onWireEnd: () => handler.onWireEnd(),
      onWireClosed: (error) => handler.onWireClosed(error),
    })
  }

  write(segments: readonly Uint8Array[], done: () => void): void {
    for (const segment of segments) this.sent.receive(segment, 0, segment.length)
    this.wire.write(segments, done)
  }

  pauseReading(): void {
    this.wire.pauseReading()
  }

  resumeReading(): void {
    this.wire.resumeReading()
  }

  end(): void {
    this.wire.end()
  }

  destroy(): void {
    this.wire.destroy()
  }
}
