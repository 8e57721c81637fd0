/** The error codes of RFC 9113 §7. Any other 32-bit number may come from a peer and is treated as INTERNAL_ERROR would be. */
export const ErrorCode = {
  NO_ERROR: 0x0,
  PROTOCOL_ERROR: 0x1,
  INTERNAL_ERROR: 0x2,
  FLOW_CONTROL_ERROR: 0x3,
  SETTINGS_TIMEOUT: 0x4,
  STREAM_CLOSED: 0x5,
  FRAME_SIZE_ERROR: 0x6,
  REFUSED_STREAM: 0x7,
  CANCEL: 0x8,
  COMPRESSION_ERROR: 0x9,
  CONNECT_ERROR: 0xa,
  ENHANCE_YOUR_CALM: 0xb,
  INADEQUATE_SECURITY: 0xc,
  HTTP_1_1_REQUIRED: 0xd,
} as const

/** One of those numbers. */
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode]

const names: readonly string[] = Object.keys(ErrorCode)

/** `ENHANCE_YOUR_CALM` for 11; `0x2a` for a code that the RFC does not know. */
export function errorCodeName(code: number): string {
  return names[code] ?? `0x${code.toString(16)}`
}
