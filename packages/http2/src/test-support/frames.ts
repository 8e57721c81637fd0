import { CLIENT_PREFACE, FrameFlag, FrameType, writeFrameHeader, writeUint32 } from "../frame/header.js"
import { HpackEncoder } from "../hpack/encoder.js"
import type { HeaderFields } from "../hpack/header-block.js"

/** Raw frames, valid or not, as a peer under test would send them. */
export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array | readonly number[],
): Uint8Array {
  const bytes = new Uint8Array(9 + payload.length)
  bytes.set(payload, writeFrameHeader(bytes, 0, payload.length, type, flags, streamId))
  return bytes
}

export const preface: Uint8Array = CLIENT_PREFACE

export function settings(...entries: readonly number[]): Uint8Array {
  const payload = new Uint8Array((entries.length / 2) * 6)
  for (let i = 0, at = 0; i < entries.length; i += 2) {
    payload[at++] = entries[i] >>> 8
    payload[at++] = entries[i]
    at = writeUint32(payload, at, entries[i + 1])
  }
  return frame(FrameType.SETTINGS, 0, 0, payload)
}

export const settingsAck: Uint8Array = frame(FrameType.SETTINGS, FrameFlag.ACK, 0, [])

export function data(streamId: number, content: string | Uint8Array, end = false): Uint8Array {
  return frame(FrameType.DATA, end ? FrameFlag.END_STREAM : 0, streamId, bytesOf(content))
}

export function paddedData(streamId: number, content: string | Uint8Array, padding: number, end = false): Uint8Array {
  const flags = FrameFlag.PADDED | (end ? FrameFlag.END_STREAM : 0)
  return frame(FrameType.DATA, flags, streamId, [padding, ...bytesOf(content), ...new Uint8Array(padding)])
}

export function ping(opaque: readonly number[], ack = false): Uint8Array {
  return frame(FrameType.PING, ack ? FrameFlag.ACK : 0, 0, opaque)
}

export function rstStream(streamId: number, code: number): Uint8Array {
  return frame(FrameType.RST_STREAM, 0, streamId, uint32s(code))
}

export function windowUpdate(streamId: number, increment: number): Uint8Array {
  return frame(FrameType.WINDOW_UPDATE, 0, streamId, uint32s(increment))
}

export function goAway(lastStreamId: number, code: number, debug = ""): Uint8Array {
  return frame(FrameType.GOAWAY, 0, 0, [...uint32s(lastStreamId, code), ...bytesOf(debug)])
}

export function continuation(
  streamId: number,
  fragment: Uint8Array | readonly number[],
  endHeaders: boolean,
): Uint8Array {
  return frame(FrameType.CONTINUATION, endHeaders ? FrameFlag.END_HEADERS : 0, streamId, fragment)
}

/** What a peer encodes its header blocks with; one for each connection. */
export class HeaderSource {
  readonly #encoder = new HpackEncoder()

  block(fields: HeaderFields): Uint8Array {
    const bytes = new Uint8Array(this.#encoder.maxLength(fields, undefined))
    return bytes.slice(0, this.#encoder.encode(fields, undefined, bytes, 0))
  }

  headers(streamId: number, fields: HeaderFields, end = false): Uint8Array {
    const flags = FrameFlag.END_HEADERS | (end ? FrameFlag.END_STREAM : 0)
    return frame(FrameType.HEADERS, flags, streamId, this.block(fields))
  }
}

export const requestFields: HeaderFields = [":method", "POST", ":scheme", "http", ":path", "/a/b", ":authority", "host"]

export const responseFields: HeaderFields = [":status", "200", "content-type", "text/plain"]

export function uint32s(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length)
  let at = 0
  for (const value of values) at = writeUint32(bytes, at, value)
  return bytes
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content
}
