import { FrameLog } from "@farcall/http2"
import type { AuthContext } from "../core/auth-context.js"
import { isSecretName } from "../core/secret-name.js"
import { frameListeners, type PassingFrame } from "../trace/trace.js"
import type { Wire, WireHandler } from "./wire.js"

/**
 * The wire itself, or where frames are traced (`FARCALL_TRACE=http2`) one that tells of each that passes. What is not
 * traced has no part in it: the engine knows nothing of the tap.
 */
export function tapFrames(wire: Wire, role: "client" | "server", connectionId: number): Wire {
  return frameListeners.size > 0 ? new TappedWire(wire, role, connectionId) : wire
}

/** Who is to be given what came over a wire before there was a session on it: the session, behind the tap if there is one. */
export function inboundOf(wire: Wire, handler: WireHandler): WireHandler {
  return wire instanceof TappedWire ? wire.tapping(handler) : handler
}

class TappedWire implements Wire {
  private readonly wire: Wire
  private readonly sent: FrameLog
  private readonly received: FrameLog

  constructor(wire: Wire, role: "client" | "server", connectionId: number) {
    this.wire = wire
    const teller = (way: PassingFrame["way"]) => (text: string, streamId: number) => {
      for (const listener of frameListeners) listener({ role, connectionId, streamId, peer: wire.peer, way, text })
    }
    this.sent = new FrameLog(role, teller(">"), isSecretName)
    this.received = new FrameLog(role === "client" ? "server" : "client", teller("<"), isSecretName)
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

  holdProcess(held: boolean): void {
    this.wire.holdProcess?.(held)
  }

  attach(handler: WireHandler): void {
    this.wire.attach(this.tapping(handler))
  }

  tapping(handler: WireHandler): WireHandler {
    return {
      onChunk: (chunk, start, stop) => {
        this.received.receive(chunk, start, stop)
        handler.onChunk(chunk, start, stop)
      },
      onWireEnd: () => handler.onWireEnd(),
      onWireClosed: (error) => handler.onWireClosed(error),
    }
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
