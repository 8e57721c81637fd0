import { ErrorCode } from "@farcall/http2"
import type { Clock } from "../core/clock.js"
import { limits } from "../core/limits.js"
import type { Wire } from "../transport/wire.js"

/**
 * Turns a client of HTTP/2 away, with a reason that it can show: GOAWAY with INADEQUATE_SECURITY (RFC 9113 §7), where it
 * expects SETTINGS. With SETTINGS before it clients would count this as a connection that they had, and connect again at
 * once, without end, where they wait longer each time after one that they never had.
 */
export function refuse(wire: Wire, clock: Clock, reason: string): void {
  const debug = new TextEncoder().encode(reason)
  const bytes = new Uint8Array(9 + 8 + debug.length)
  const view = new DataView(bytes.buffer)
  view.setUint16(1, 8 + debug.length)
  bytes[3] = GOAWAY
  view.setUint32(9 + 4, ErrorCode.INADEQUATE_SECURITY)
  bytes.set(debug, 9 + 8)
  closeWith(wire, clock, bytes)
}

/** Sends some last bytes, and closes. */
export function closeWith(wire: Wire, clock: Clock, bytes: Uint8Array): void {
  const timer = clock.after(limits.closeMs, () => wire.destroy())
  wire.attach({
    // What the client had said already is read and forgotten: closing over it would take the bytes away from the client.
    onChunk() {},
    onWireEnd() {},
    onWireClosed: () => timer.cancel(),
  })
  wire.write([bytes], () => wire.end())
}

/** RFC 9113 §6.8. */
const GOAWAY = 7
