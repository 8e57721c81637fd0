import { fromBinary, toBinary } from "@farcall/protobuf"
import type { MessageCodec } from "../core/service.js"
import type { StatusDetail } from "../core/status.js"

/**
 * A message as a detail of a status: `packDetail(QuotaCodec, { … })`, by the codec that `farcall generate` wrote for it.
 * @throws TypeError or RangeError, naming the field, when a value does not fit it
 */
export function packDetail<Message, Init>(type: MessageCodec<Message, Init>, message: Init): StatusDetail {
  return { typeUrl: `type.googleapis.com/${type.typeName}`, value: toBinary(type, message) }
}

/**
 * The message in a detail.
 * @throws TypeError when it is one of another type; Error when its bytes are no such message, with the codec's as `cause`
 */
export function unpackDetail<Message, Init>(type: MessageCodec<Message, Init>, detail: StatusDetail): Message {
  if (typeNameOf(detail) !== type.typeName) {
    throw new TypeError(`the detail is a ${JSON.stringify(detail.typeUrl)}, and no ${type.typeName}`)
  }
  try {
    return fromBinary(type, detail.value)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`the detail's ${detail.value.length} bytes are no ${type.typeName}: ${reason}`, { cause })
  }
}

/** The full name of a detail's type. Only what follows the last slash counts (google.protobuf.Any): servers differ in the rest. */
export function typeNameOf(detail: StatusDetail): string {
  return detail.typeUrl.slice(detail.typeUrl.lastIndexOf("/") + 1)
}
