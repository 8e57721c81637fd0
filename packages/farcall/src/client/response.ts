import type { AnyMethod } from "../core/service.js"
import { unreadable } from "./call-errors.js"

/** Reads a response message. @throws StatusError INTERNAL when it is none of the method's */
export function decodeResponse(
  method: AnyMethod,
  bytes: Uint8Array,
  start: number,
  stop: number,
  owned: boolean,
): unknown {
  try {
    return method.output.decode(bytes, start, stop, owned)
  } catch (cause) {
    throw unreadable(cause, method)
  }
}
