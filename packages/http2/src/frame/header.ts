/** The nine bytes in front of every frame: length (24), type (8), flags (8), reserved bit and stream id (31). RFC 9113 §4.1. */
export const FRAME_HEADER_LENGTH = 9

/** RFC 9113 §6, by their numbers on the wire; any other number may come and is ignored (§5.5). */
export const FrameType = {
  DATA: 0x0,
  HEADERS: 0x1,
  PRIORITY: 0x2,
  RST_STREAM: 0x3,
  SETTINGS: 0x4,
  PUSH_PROMISE: 0x5,
  PING: 0x6,
  GOAWAY: 0x7,
  WINDOW_UPDATE: 0x8,
  CONTINUATION: 0x9,
} as const

const typeNames: readonly string[] = Object.keys(FrameType)

/** `HEADERS` for 1; `type 0x2a` for a type that the RFC does not know. */
export function frameTypeName(type: number): string {
  return typeNames[type] ?? `type 0x${type.toString(16)}`
}

/** Bits of a frame header's flags; what they mean depends on the type (RFC 9113 §6). */
export const FrameFlag = {
  END_STREAM: 0x1,
  ACK: 0x1,
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
} as const

/** The length every peer must take: also the least that SETTINGS_MAX_FRAME_SIZE may name. RFC 9113 §4.2. */
export const MIN_MAX_FRAME_SIZE = 16_384
/** The most that SETTINGS_MAX_FRAME_SIZE may name (bytes): 2²⁴−1. RFC 9113 §6.5.2. */
export const MAX_MAX_FRAME_SIZE = 16_777_215

/** Stream ids and windows are 31-bit. RFC 9113 §5.1.1, §6.9.1. */
export const MAX_UINT31 = 0x7fff_ffff

/** Where every window starts (bytes); SETTINGS change it for streams, never for the connection. RFC 9113 §6.9.2. */
export const INITIAL_WINDOW_SIZE = 65_535

/** Both roles know the client's first bytes. RFC 9113 §3.4: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n". */
export const CLIENT_PREFACE: Uint8Array = Uint8Array.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (c) => c.charCodeAt(0))

/** Writes the nine bytes at `at` and returns the place after them. */
export function writeFrameHeader(
  into: Uint8Array,
  at: number,
  length: number,
  type: number,
  flags: number,
  streamId: number,
): number {
  into[at] = length >>> 16
  into[at + 1] = length >>> 8
  into[at + 2] = length
  into[at + 3] = type
  into[at + 4] = flags
  into[at + 5] = streamId >>> 24
  into[at + 6] = streamId >>> 16
  into[at + 7] = streamId >>> 8
  into[at + 8] = streamId
  return at + FRAME_HEADER_LENGTH
}

/** Patches the length of a frame header that was written before its payload was known. */
export function patchFrameLength(into: Uint8Array, at: number, length: number): void {
  into[at] = length >>> 16
  into[at + 1] = length >>> 8
  into[at + 2] = length
}

/** The 24-bit number at bytes[at], big-endian as all of HTTP/2. */
export function readUint24(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2]
}

/** Reads 31 bits; the reserved bit in front is ignored, as RFC 9113 §4.1 asks. */
export function readUint31(bytes: Uint8Array, at: number): number {
  return ((bytes[at] & 0x7f) << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]
}

/** The 32-bit number at bytes[at]: 0 to 2³²−1. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0
}

/** Writes `value` modulo 2³² at into[at], and returns the place after it. */
export function writeUint32(into: Uint8Array, at: number, value: number): number {
  into[at] = value >>> 24
  into[at + 1] = value >>> 16
  into[at + 2] = value >>> 8
  into[at + 3] = value
  return at + 4
}
