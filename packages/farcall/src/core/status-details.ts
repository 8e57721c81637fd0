import type { Status, StatusDetail } from "./status.js"

/**
 * `grpc-status-details-bin`: a `google.rpc.Status` message. The core knows this one message by hand, because it must
 * not depend on protobuf:
 *
 *     message Status { int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3; }
 *     message Any { string type_url = 1; bytes value = 2; }
 */
export function encodeStatusDetails(status: Status, details: readonly StatusDetail[]): Uint8Array {
  const bytes: number[] = []
  if (status.codeNumber !== 0) {
    bytes.push(0x08)
    pushVarint(bytes, status.codeNumber)
  }
  if (status.message !== "") pushField(bytes, 2, encoder.encode(status.message))
  for (const detail of details) {
    const any: number[] = []
    pushField(any, 1, encoder.encode(detail.typeUrl))
    pushField(any, 2, detail.value)
    pushField(bytes, 3, any)
  }
  return Uint8Array.from(bytes)
}

/** The details in a `google.rpc.Status` message; what cannot be read ends the list. */
export function decodeStatusDetails(bytes: Uint8Array): StatusDetail[] {
  const details: StatusDetail[] = []
  forEachField(bytes, (field, value) => {
    if (field !== 3) return
    let typeUrl = ""
    let content: Uint8Array = new Uint8Array(0)
    forEachField(value, (anyField, anyValue) => {
      if (anyField === 1) typeUrl = decoder.decode(anyValue)
      else if (anyField === 2) content = anyValue.slice()
    })
    details.push({ typeUrl, value: content })
  })
  return details
}

const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

function pushVarint(into: number[], value: number): void {
  while (value > 127) {
    into.push((value & 127) | 128)
    value >>>= 7
  }
  into.push(value)
}

function pushField(into: number[], field: number, bytes: ArrayLike<number>): void {
  into.push((field << 3) | 2)
  pushVarint(into, bytes.length)
  for (let i = 0; i < bytes.length; i++) into.push(bytes[i]!)
}

/** Calls back for every length-delimited field; others are passed over. Stops at bytes that are no message. */
function forEachField(bytes: Uint8Array, callback: (field: number, value: Uint8Array) => void): void {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 1; at < bytes.length; shift *= 128) {
      const byte = bytes[at++]!
      value += (byte & 127) * shift
      if (byte < 128) return value
    }
    return -1
  }
  while (at < bytes.length) {
    const tag = varint()
    const wireType = tag & 7
    if (tag < 8) return
    if (wireType === 0) {
      if (varint() < 0) return
    } else if (wireType === 1) at += 8
    else if (wireType === 5) at += 4
    else if (wireType === 2) {
      const length = varint()
      if (length < 0 || at + length > bytes.length) return
      callback(Math.floor(tag / 8), bytes.subarray(at, at + length))
      at += length
    } else return
  }
}
