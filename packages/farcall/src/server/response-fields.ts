import { type Connection, PreparedHeaders } from "@farcall/http2"
import type { Metadata } from "../core/metadata.js"
import type { Status, StatusDetail } from "../core/status.js"
import { StatusError } from "../core/status-error.js"
import { statusToFields } from "../core/trailers.js"
import type { StreamOwner } from "../transport/http2-session.js"

/** What every response begins with, one that is a status alone (Trailers-Only) as well. */
export const responseHeaders: PreparedHeaders = new PreparedHeaders([
  ":status",
  "200",
  "content-type",
  "application/grpc",
])
export const okTrailers: PreparedHeaders = new PreparedHeaders(["grpc-status", "0"])
export const okTrailersOnly: PreparedHeaders = new PreparedHeaders([
  ":status",
  "200",
  "content-type",
  "application/grpc",
  "grpc-status",
  "0",
])

/** @throws StatusError when the client takes no list so long (RFC 9113 §6.5.2) */
export function checkHeaders(connection: Connection<StreamOwner>, fields: readonly string[]): void {
  const excess = connection.headerListExcess(responseHeaders, fields)
  if (excess > 0) throw tooLarge("headers", excess)
}

/** How a response ends: what the client is told, and the fields that tell it. */
export interface ResponseEnd {
  readonly status: Status
  readonly fields: readonly string[]
}

/**
 * The fields of a status, with as much of what goes with it as the client takes.
 * @param only there were no headers: a status alone
 * @param more fields of the protocol's own
 */
export function responseEnd(
  connection: Connection<StreamOwner>,
  only: boolean,
  status: Status,
  details: readonly StatusDetail[],
  trailers: Metadata | undefined,
  more: readonly string[],
): ResponseEnd {
  const fields = [...statusToFields(status, details, trailers), ...more]
  const excess = only ? connection.headerListExcess(responseHeaders, fields) : connection.headerListExcess(fields)
  if (excess <= 0) return { status, fields }
  // What the handler said stays true, but for its details.
  const refusal = tooLarge("status or trailers", excess).status
  const known = status.code === "OK" ? refusal : status
  const said = { ...known, message: refusal.message }
  return { status: said, fields: statusToFields(said, [], undefined) }
}

function tooLarge(what: string, excess: number): StatusError {
  return new StatusError(
    "RESOURCE_EXHAUSTED",
    `the response's ${what} are ${excess} bytes larger than the client takes`,
    { reason: "FARCALL_HEADERS_TOO_LARGE" },
  )
}
