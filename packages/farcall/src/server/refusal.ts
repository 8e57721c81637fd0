import { ErrorCode } from "@farcall/http2"
import type { Clock } from "../core/clock.js"
import { limits } from "../core/limits.js"
import type { Wire } from "../transport/wire.js"

/**
 * Turns a client of HTTP/2 away before it has said anything, with a reason that it can show: SETTINGS, which every server
 * begins with, and GOAWAY with INADEQUATE_SECURITY (RFC 9113 §7), in one piece, so that the client sees no connection that
 * stood first.
 */
export function refuse(wire: Wire, clock: Clock, reason: string): void {
  const debug = new TextEncoder().encode(reason)
  const bytes = new Uint8Array(9 + 9 + 8 + debug.length)
  const view = new DataView(bytes.buffer)
  bytes[3] = SETTINGS
  view.setUint16(9 + 1, 8 + debug.length)
  bytes[9 + 3] = GOAWAY
  view.setUint32(9 + 9 + 4, ErrorCode.INADEQUATE_SECURITY)
  bytes.set(debug, 9 + 9 + 8)
  const timer = clock.after(limits.closeMs, () => wire.destroy())
  wire.attach({
    // What the client had said already is read and forgotten: closing over it would take the reason away from the client.
    onChunk() {},
    onWireEnd() {},
    onWireClosed: () => timer.cancel(),
  })
  wire.write([bytes], () => wire.end())
}

/** Types of frames (RFC 9113 §6.5, §6.8). */
const SETTINGS = 4
const GOAWAY = 7
