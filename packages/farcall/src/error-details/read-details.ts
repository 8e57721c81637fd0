import type { MessageCodec } from "../core/service.js"
import type { StatusDetail } from "../core/status.js"
import { StatusError } from "../core/status-error.js"
import { RetryInfo, type StandardDetail, standardDetails } from "./detail-types.js"
import { typeNameOf, unpackDetail } from "./packed-detail.js"

/** A detail that is none of the standard ones, or whose bytes cannot be read: as it came. */
export interface PackedDetail extends StatusDetail {
  readonly $typeName?: undefined
}

/**
 * The details of an error, in their order: the standard ones as messages, told apart by `$typeName`; any other, and one
 * whose bytes cannot be read, as it came. What is no StatusError has none.
 */
export function detailsOf(error: unknown): (StandardDetail | PackedDetail)[] {
  if (!(error instanceof StatusError)) return []
  return error.details.map((detail) => {
    const type = standardDetails.get(typeNameOf(detail))
    return (type && readable(type, detail)) ?? detail
  })
}

/**
 * The first detail of a type, standard or of one's own: `findDetail(error, BadRequest)`. `undefined` where there is none
 * that can be read, or no StatusError: it may be asked of anything that was caught. (`unpackDetail` says what is wrong with
 * one that cannot be read.)
 */
export function findDetail<Message, Init>(error: unknown, type: MessageCodec<Message, Init>): Message | undefined {
  if (!(error instanceof StatusError)) return undefined
  for (const detail of error.details) {
    if (typeNameOf(detail) !== type.typeName) continue
    const message = readable(type, detail)
    if (message !== undefined) return message
  }
  return undefined
}

/** How long the error says to wait before the next try, in milliseconds, if it says so. */
export function retryDelayOf(error: unknown): number | undefined {
  const delay = findDetail(error, RetryInfo)?.retryDelay
  return delay && Number(delay.seconds) * 1000 + delay.nanos / 1e6
}

function readable<Message, Init>(type: MessageCodec<Message, Init>, detail: StatusDetail): Message | undefined {
  try {
    return unpackDetail(type, detail)
  } catch {
    return undefined
  }
}
