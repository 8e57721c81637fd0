import { withReason } from "../core/reason.js"
import type { AnyMethod } from "../core/service.js"
import { StatusError } from "../core/status-error.js"

/** @param where the call was just then */
export function cancelledHere(where: string, cause: unknown): StatusError {
  return new StatusError("CANCELLED", `the call was cancelled on this side, ${where}`, {
    cause,
    reason: "FARCALL_CALL_CANCELLED",
  })
}

/** @param text where the call was just then, or that it was nowhere yet */
export function deadlinePassed(text: string, cause?: unknown): StatusError {
  return new StatusError("DEADLINE_EXCEEDED", text, { cause, reason: "FARCALL_DEADLINE_PASSED" })
}

/** What a callback of the call's options threw. */
export function callbackFailed(name: "onHeader" | "onTrailer", cause: unknown): StatusError {
  return new StatusError("UNKNOWN", `the call's ${name} failed`, { cause, reason: "FARCALL_CALLBACK_FAILED" })
}

/** What a codec threw at a response. */
export function unreadable(cause: unknown, { output }: AnyMethod): StatusError {
  return new StatusError("INTERNAL", `the response is no ${output.typeName}: ${textOf(cause)}`, {
    cause,
    reason: "FARCALL_UNREADABLE_MESSAGE",
  })
}

/** What was thrown at a request that could not be sent as it is. */
export function unsendable(cause: unknown, { input }: AnyMethod): StatusError {
  if (cause instanceof StatusError) return cause
  return new StatusError("INTERNAL", `the request is no ${input.typeName}: ${textOf(cause)}`, {
    cause,
    reason: "FARCALL_UNWRITABLE_MESSAGE",
  })
}

/** What an iterable of requests threw. */
export function requestsFailed(cause: unknown): StatusError {
  if (cause instanceof StatusError) return cause
  return new StatusError("CANCELLED", "the iterable of requests failed", { cause, reason: "FARCALL_REQUESTS_FAILED" })
}

/** Checklist point 27: no message, or more than one, where one is due. */
export function responseCount(count: "no" | "more than one", { path }: AnyMethod): StatusError {
  return new StatusError("UNIMPLEMENTED", `the server sent ${count} response message, ${path} has one`, {
    reason: "FARCALL_MESSAGE_COUNT",
  })
}

/** Misuse: the program has ended its requests itself. */
export function writeAfterEnd(): TypeError {
  return withReason(
    "FARCALL_WRITE_AFTER_END",
    new TypeError("write after end: the requests of this call have been ended"),
  )
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
