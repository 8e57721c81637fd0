import { decodeBase64, encodeBase64 } from "./base64.js"
import type { Metadata } from "./metadata.js"
import { okStatus, type Status, type StatusCode, type StatusDetail, statusCodeOf, statusCodes } from "./status.js"
import { decodeStatusDetails, encodeStatusDetails } from "./status-details.js"

/**
 * How a status goes into header fields and comes out of them (gRPC over HTTP/2, "Responses").
 */
export function statusToFields(
  status: Status,
  details: readonly StatusDetail[],
  trailers: Metadata | undefined,
): string[] {
  const fields = ["grpc-status", String(status.codeNumber)]
  if (status.message !== "") fields.push("grpc-message", percentEncode(status.message))
  if (details.length > 0) {
    fields.push("grpc-status-details-bin", encodeBase64(encodeStatusDetails(status, details)))
  }
  trailers?.appendTo(fields)
  return fields
}

/** The received header block that ends a response, as far as it matters here. */
export interface EndingBlock {
  get(name: string): string | undefined
  readonly status: string | undefined
}

/**
 * The status in the header block that carries END_STREAM. One without a readable `grpc-status` has the status that its
 * HTTP status stands for, or UNKNOWN (checklist points 23 to 25).
 */
export function statusFromBlock(block: EndingBlock, httpStatus: string | undefined): Status {
  const value = block.get("grpc-status")
  if (value === "0") {
    const message = block.get("grpc-message")
    return message === undefined ? okStatus : { code: "OK", codeNumber: 0, message: percentDecode(message) }
  }
  if (value === undefined) {
    if (httpStatus !== undefined && httpStatus !== "200") return statusFromHttp(httpStatus)
    return unknown("the server ended the response without a grpc-status")
  }
  if (!/^\d{1,10}$/.test(value))
    return unknown(`the server sent grpc-status ${JSON.stringify(value)}, which is no number`)
  const codeNumber = Number(value)
  return { code: statusCodeOf(codeNumber), codeNumber, message: percentDecode(block.get("grpc-message") ?? "") }
}

/** The status that a response without one has, by its HTTP status (gRPC, http-grpc-status-mapping). */
export function statusFromHttp(httpStatus: string): Status {
  const code = codesOfHttp.get(httpStatus) ?? "UNKNOWN"
  return { code, codeNumber: statusCodes[code], message: `the server answered with HTTP status ${httpStatus}` }
}

/** The details that `grpc-status-details-bin` carries. */
export function detailsFromBlock(block: EndingBlock): StatusDetail[] {
  const value = block.get("grpc-status-details-bin")
  const bytes = value === undefined ? undefined : decodeBase64(value)
  return bytes === undefined ? [] : decodeStatusDetails(bytes)
}

/**
 * The status for a stream that was reset before its trailers, by the HTTP/2 error code (checklist point 26).
 */
export function statusCodeOfReset(errorCode: number): StatusCode {
  return codesOfReset.get(errorCode) ?? "INTERNAL"
}

/**
 * `grpc-message` on the wire: UTF-8 in which all but printable ASCII, and the percent sign, stand as %XX. So does a space
 * at either end, with which no field value may begin or end (RFC 9113 §8.2.1).
 */
export function percentEncode(text: string): string {
  if (plain.test(text)) return text
  let encoded = ""
  const bytes = new TextEncoder().encode(text)
  for (const [i, byte] of bytes.entries()) {
    const atAnEnd = i === 0 || i === bytes.length - 1
    encoded +=
      byte >= (atAnEnd ? 0x21 : 0x20) && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`
  }
  return encoded
}

/** The text of a `grpc-message`; escapes that are broken stay as they came, and the text is never lost (point 22). */
export function percentDecode(encoded: string): string {
  if (!needsDecoding.test(encoded)) return encoded
  const bytes: number[] = []
  for (let i = 0; i < encoded.length; i++) {
    const hex = encoded[i] === "%" ? encoded.slice(i + 1, i + 3) : ""
    if (/^[0-9a-fA-F]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16))
      i += 2
    } else bytes.push(encoded.charCodeAt(i) & 0xff)
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes))
}

const plain = /^(?! )[\x20-\x24\x26-\x7e]*(?<! )$/
const needsDecoding = /[%\x80-\xff]/

const codesOfHttp: ReadonlyMap<string, StatusCode> = new Map([
  ["400", "INTERNAL"],
  ["401", "UNAUTHENTICATED"],
  ["403", "PERMISSION_DENIED"],
  ["404", "UNIMPLEMENTED"],
  ["429", "UNAVAILABLE"],
  ["502", "UNAVAILABLE"],
  ["503", "UNAVAILABLE"],
  ["504", "UNAVAILABLE"],
])

/** HTTP/2 error codes (RFC 9113 §7): CANCEL, REFUSED_STREAM, ENHANCE_YOUR_CALM, INADEQUATE_SECURITY. */
const codesOfReset: ReadonlyMap<number, StatusCode> = new Map([
  [0x8, "CANCELLED"],
  [0x7, "UNAVAILABLE"],
  [0xb, "RESOURCE_EXHAUSTED"],
  [0xc, "PERMISSION_DENIED"],
])

function unknown(message: string): Status {
  return { code: "UNKNOWN", codeNumber: 2, message }
}
