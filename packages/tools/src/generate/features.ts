import type { DescEnum, DescField } from "@bufbuild/protobuf"

// What the features of editions, and the keywords of the syntaxes before, say of how a field is on the wire.

/** Whether its messages stand between tags of their own, as groups do (protobuf.dev, "Feature Settings for Editions", message_encoding). */
export function isDelimited(field: DescField): boolean {
  return "delimitedEncoding" in field && field.delimitedEncoding === true
}

/** Whether the strings of a field must be UTF-8 (protobuf.dev, "Feature Settings for Editions", utf8_validation). */
export function checksUtf8(field: DescField): boolean {
  return !("utf8Validation" in field) || field.utf8Validation !== false
}

/** The enum of a field that takes only the values it declares (protobuf.dev, "Enum Behavior"); undefined for any other. */
export function closedEnumOf(field: DescField): DescEnum | undefined {
  return field.enum === undefined || field.enum.open ? undefined : field.enum
}
