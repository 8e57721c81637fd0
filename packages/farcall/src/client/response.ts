import type { AnyMethod } from "../core/service.js"
import { StatusError } from "../core/status-error.js"

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
    throw new StatusError("INTERNAL", `the response is no ${method.output.typeName}: ${textOf(cause)}`, {
      cause,
      reason: "FARCALL_UNREADABLE_MESSAGE",
    })
  }
}

/** The error for a request that could not be sent as it is. */
export function requestError(method: AnyMethod, cause: unknown): StatusError {
  if (cause instanceof StatusError) return cause
  return new StatusError("INTERNAL", `the request is no ${method.input.typeName}: ${textOf(cause)}`, {
    cause,
    reason: "FARCALL_UNWRITABLE_MESSAGE",
  })
}

/** Checklist point 27: no message, or more than one, where one is due. */
export function responseCountError(method: AnyMethod, count: "no" | "more than one"): StatusError {
  return new StatusError("UNIMPLEMENTED", `the server sent ${count} response message, ${method.path} has one`, {
    reason: "FARCALL_MESSAGE_COUNT",
  })
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
