import type { AnyMethod } from "../core/service.js"
import { StatusError } from "../core/status-error.js"

/** Checklist point 27. */
export function cardinality(what: string, method: AnyMethod): StatusError {
  return new StatusError("UNIMPLEMENTED", `${what}, ${method.path} takes one`, { reason: "FARCALL_MESSAGE_COUNT" })
}

/** What a codec threw at a request. */
export function unreadable(cause: unknown, { input }: AnyMethod): StatusError {
  return new StatusError("INTERNAL", `the request is no ${input.typeName}: ${textOf(cause)}`, {
    cause,
    reason: "FARCALL_UNREADABLE_MESSAGE",
  })
}

/** What a codec threw at a response. */
export function unwritable(cause: unknown, { output }: AnyMethod): StatusError {
  return new StatusError("INTERNAL", `the response is no ${output.typeName}: ${textOf(cause)}`, {
    cause,
    reason: "FARCALL_UNWRITABLE_MESSAGE",
  })
}

/** Checklist point 28: nothing of what a handler throws, but a StatusError, is the client's business. */
export function handlerFailed(cause: unknown): StatusError {
  return new StatusError("UNKNOWN", "the handler failed", { cause, reason: "FARCALL_HANDLER_FAILED" })
}

/** For those who wait for the request of a call that has ended OK. */
export function callIsOver(): StatusError {
  return new StatusError("CANCELLED", "the call has ended", { reason: "FARCALL_CALL_OVER" })
}

export function deadlinePassed(text: string): StatusError {
  return new StatusError("DEADLINE_EXCEEDED", text, { reason: "FARCALL_DEADLINE_PASSED" })
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
