import { type Span, SpanStatusCode } from "@opentelemetry/api"
import type { CallEnd } from "../core/call-tracer.js"
import type { Status, StatusCode } from "../core/status.js"

/** What of a server's statuses is its own failing: semantic conventions for gRPC. On a client all but OK are errors. */
const serverErrors: ReadonlySet<StatusCode> = new Set<StatusCode>([
  "UNKNOWN",
  "DEADLINE_EXCEEDED",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
])

export function isServerError({ code }: Status): boolean {
  return serverErrors.has(code)
}

/** Ends a span as its call has ended, with the exception that was the cause. */
export function endSpan(span: Span, { status, error }: CallEnd, failed: boolean): void {
  if (failed) span.setStatus({ code: SpanStatusCode.ERROR, message: status.message })
  if (error?.cause instanceof Error) span.recordException(error.cause)
  span.end()
}
