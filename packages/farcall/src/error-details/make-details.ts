import { optionOutOfRange } from "../core/reason.js"
import type { MessageCodec } from "../core/service.js"
import type { StatusDetail } from "../core/status.js"
import * as codec from "../gen/google/rpc/error_details_codec.js"
import { packDetail } from "./packed-detail.js"

/** What a message can be made of: a plain object with the fields that are to be set. */
type InitOf<Codec> = Codec extends MessageCodec<unknown, infer Init> ? Init : never

// Each makes a detail for `new StatusError(code, message, { details: [ … ] })`.

/** What went wrong, for programs: `errorInfo({ reason: "API_DISABLED", domain: "example.com", metadata: { … } })`. */
export function errorInfo(info: InitOf<typeof codec.ErrorInfoCodec>): StatusDetail {
  return packDetail(codec.ErrorInfoCodec, info)
}

/**
 * How long to wait before the next try, at least.
 * @param info `delayMs` in milliseconds, fractions too
 * @throws RangeError for a delay below 0, or above google.protobuf.Duration's 315,576,000,000 seconds
 */
export function retryInfo({ delayMs }: { readonly delayMs: number }): StatusDetail {
  if (!(delayMs >= 0 && delayMs <= LONGEST_DELAY_MS)) {
    throw optionOutOfRange(`retryInfo: delayMs is ${delayMs}, and must be from 0 to ${LONGEST_DELAY_MS}`)
  }
  const nanoseconds = Math.round((delayMs % 1000) * 1e6)
  const seconds = Math.floor(delayMs / 1000) + Math.floor(nanoseconds / 1e9)
  return packDetail(codec.RetryInfoCodec, { retryDelay: { seconds: BigInt(seconds), nanos: nanoseconds % 1e9 } })
}

const LONGEST_DELAY_MS = 315_576_000_000_000

/** For those who mend the server; not for the outside. An error gives its stack and its text. */
export function debugInfo(info: InitOf<typeof codec.DebugInfoCodec> | Error): StatusDetail {
  return packDetail(
    codec.DebugInfoCodec,
    info instanceof Error ? { stackEntries: framesOf(info), detail: info.message } : info,
  )
}

/** Which quotas have been used up: `quotaFailure([{ subject: "clientip:192.0.2.1", description: "…" }])`. */
export function quotaFailure(violations: readonly InitOf<typeof codec.QuotaFailure_ViolationCodec>[]): StatusDetail {
  return packDetail(codec.QuotaFailureCodec, { violations: [...violations] })
}

/** What would have to be otherwise: `preconditionFailure([{ type: "TOS", subject: "…", description: "…" }])`. */
export function preconditionFailure(
  violations: readonly InitOf<typeof codec.PreconditionFailure_ViolationCodec>[],
): StatusDetail {
  return packDetail(codec.PreconditionFailureCodec, { violations: [...violations] })
}

/**
 * What is wrong with the request, by field: `badRequest({ name: "must not be empty" })`; with several things wrong in one,
 * a list of them; or the violations in full.
 */
export function badRequest(
  violations:
    | Readonly<Record<string, string | readonly string[]>>
    | readonly InitOf<typeof codec.BadRequest_FieldViolationCodec>[],
): StatusDetail {
  const fieldViolations: InitOf<typeof codec.BadRequest_FieldViolationCodec>[] = Array.isArray(violations)
    ? [...violations]
    : Object.entries(violations).flatMap(([field, wrong]: [string, string | readonly string[]]) =>
        (typeof wrong === "string" ? [wrong] : wrong).map((description) => ({ field, description })),
      )
  return packDetail(codec.BadRequestCodec, { fieldViolations })
}

/** What a user can name when they report the error: `requestInfo({ requestId: "4711" })`. */
export function requestInfo(info: InitOf<typeof codec.RequestInfoCodec>): StatusDetail {
  return packDetail(codec.RequestInfoCodec, info)
}

/** Which resource it is about: `resourceInfo({ resourceType: "table", resourceName: "users" })`. */
export function resourceInfo(info: InitOf<typeof codec.ResourceInfoCodec>): StatusDetail {
  return packDetail(codec.ResourceInfoCodec, info)
}

/** Where to read on: `help([{ description: "How to ask for more", url: "https://example.com/quota" }])`. */
export function help(links: readonly InitOf<typeof codec.Help_LinkCodec>[]): StatusDetail {
  return packDetail(codec.HelpCodec, { links: [...links] })
}

/** The error in the user's language: `localizedMessage({ locale: "de-CH", message: "…" })`. */
export function localizedMessage(message: InitOf<typeof codec.LocalizedMessageCodec>): StatusDetail {
  return packDetail(codec.LocalizedMessageCodec, message)
}

/** The frames of an error's stack, without the lines of its text above them. */
function framesOf({ stack = "" }: Error): string[] {
  return stack
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("at "))
}
