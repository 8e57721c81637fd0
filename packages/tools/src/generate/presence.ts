import type { DescField, DescMessage, ScalarType } from "@bufbuild/protobuf"
import { Edition, FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt"
import { scalars } from "./scalars.js"

/** Fields that are not written when they have their zero value. */
export function isImplicit(field: DescField): boolean {
  return field.presence === FeatureSet_FieldPresence.IMPLICIT
}

export function isRequired(field: DescField): boolean {
  return field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED
}

/**
 * Whether messages of this type have their defaults on a prototype, and a field is set when it is an own property: so
 * `create()` makes all proto2 messages, and those of editions that have a scalar or enum field with presence.
 */
export function hasPrototype(message: DescMessage): boolean {
  if (message.file.edition === Edition.EDITION_PROTO3) return false
  if (message.file.edition === Edition.EDITION_PROTO2) return true
  return message.fields.some(
    (field) => !isImplicit(field) && field.fieldKind !== "message" && field.oneof === undefined,
  )
}

/** The value that `create()` gives a singular scalar or enum field, as TypeScript; `noBytes` is the shared empty array. */
export function zeroValue(field: DescField & { fieldKind: "scalar" | "enum" }, noBytes: () => string): string {
  const value = field.getDefaultValue()
  if (value === undefined) {
    return field.fieldKind === "enum"
      ? `${field.enum.values[0]!.number}`
      : zeroOf(field.scalar, field.longAsString, noBytes)
  }
  if (typeof value === "bigint") return field.fieldKind === "scalar" && field.longAsString ? `"${value}"` : `${value}n`
  if (typeof value === "string") return JSON.stringify(value)
  if (value instanceof Uint8Array) return value.length === 0 ? noBytes() : `new Uint8Array([${value.join(", ")}])`
  return Object.is(value, -0) ? "-0" : `${value}`
}

export function zeroOf(scalar: ScalarType, longAsString: boolean, noBytes: () => string): string {
  const { zero, type } = scalars[scalar]
  if (type === "Uint8Array") return noBytes()
  return type === "bigint" && longAsString ? '"0"' : zero
}
