import { isSensitiveName } from "./field-policy.js"

/** What a received field is to a header block; found once a name, so that a block is put together by small integers. */
export const FieldKind = {
  regular: 0,
  sensitive: 1,
  method: 2,
  path: 3,
  scheme: 4,
  authority: 5,
  status: 6,
  protocol: 7,
  unknownPseudo: 8,
} as const
/** One of those. */
export type FieldKind = (typeof FieldKind)[keyof typeof FieldKind]

const colon = 0x3a

/** RFC 9113 §8.3: pseudo-headers begin with a colon, and only the defined ones may be sent. */
export function fieldKind(name: string): FieldKind {
  if (name.charCodeAt(0) !== colon) return isSensitiveName(name) ? FieldKind.sensitive : FieldKind.regular
  switch (name) {
    case ":method":
      return FieldKind.method
    case ":path":
      return FieldKind.path
    case ":scheme":
      return FieldKind.scheme
    case ":authority":
      return FieldKind.authority
    case ":status":
      return FieldKind.status
    case ":protocol":
      return FieldKind.protocol
    default:
      return FieldKind.unknownPseudo
  }
}
