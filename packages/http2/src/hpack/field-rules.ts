import { FieldKind } from "./field-kind.js"

/**
 * What makes a received field malformed by itself (RFC 9113 §8.2), or undefined. It stands beside the tables because an
 * entry is judged once, when it is made, however many blocks refer to it.
 */
export function fieldFault(kind: FieldKind, name: string, value: string): string | undefined {
  if (kind <= FieldKind.sensitive && nameFault(name)) return `field name ${JSON.stringify(name)}`
  if (valueFault(value)) return `the value of field ${name} holds a character that may not be there`
  switch (name) {
    case "te":
      // RFC 9113 §8.2.2.
      return value.toLowerCase() === "trailers" ? undefined : `te is ${JSON.stringify(value)}, only "trailers" may be`
    case "connection":
    case "proxy-connection":
    case "keep-alive":
    case "transfer-encoding":
    case "upgrade":
      return `connection-specific field ${name}`
    default:
      return undefined
  }
}

/** RFC 9113 §8.2.1: no control characters, no space, no upper case, nothing above ASCII, no colon; and not empty. */
function nameFault(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i)
    if (c <= 0x20 || c >= 0x7f || c === 0x3a || (c >= 0x41 && c <= 0x5a)) return true
  }
  return name.length === 0
}

/** RFC 9113 §8.2.1: no NUL, LF or CR anywhere, no white space at either end. */
function valueFault(value: string): boolean {
  const { length } = value
  if (length === 0) return false
  for (let i = 0; i < length; i++) {
    const c = value.charCodeAt(i)
    if (c <= 0x0d && (c === 0 || c === 0x0a || c === 0x0d)) return true
  }
  return isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(length - 1))
}

function isBlank(c: number): boolean {
  return c === 0x20 || c === 0x09
}
