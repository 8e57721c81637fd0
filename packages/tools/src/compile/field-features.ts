import {
  type EnumDescriptorProto,
  FeatureSet_EnumType as EnumType,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label as Label,
  FeatureSet_MessageEncoding as MessageEncoding,
  FeatureSet_FieldPresence as Presence,
  FeatureSet_RepeatedFieldEncoding as RepeatedEncoding,
  FieldDescriptorProto_Type as Type,
  FeatureSet_Utf8Validation as Utf8Validation,
} from "@bufbuild/protobuf/wkt"
import type { SourceFile } from "./symbols.js"

// What the keywords of proto2 and proto3 say, and the features of editions, in one voice.

const NEVER_PACKED: ReadonlySet<Type> = new Set([Type.STRING, Type.BYTES, Type.MESSAGE, Type.GROUP])

/** Integers of 64 bits. */
export const LONG_TYPES: ReadonlySet<Type> = new Set([
  Type.INT64,
  Type.UINT64,
  Type.SINT64,
  Type.FIXED64,
  Type.SFIXED64,
])

export function isRepeated(field: FieldDescriptorProto): boolean {
  return field.label === Label.REPEATED
}

/** Whether repeated values of this type may share one length-delimited record. */
export function isPackable(type: Type): boolean {
  return !NEVER_PACKED.has(type)
}

/** The index of the oneof a field is in; undefined when it is in none. */
export function oneofIndexOf(field: FieldDescriptorProto): number | undefined {
  return Object.hasOwn(field, "oneofIndex") ? field.oneofIndex : undefined
}

/** Whether the field holds a message, however it is written on the wire. */
export function isMessageField(field: FieldDescriptorProto): boolean {
  return field.type === Type.MESSAGE || field.type === Type.GROUP
}

/** Whether repeated values are written in one record (protobuf.dev, "Encoding", "Repeated Elements"). */
export function isPacked(field: FieldDescriptorProto, file: SourceFile): boolean {
  if (!isPackable(field.type)) return false
  const { options } = field
  if (file.proto.syntax !== "editions" && options && Object.hasOwn(options, "packed")) return options.packed
  return file.features.of(field).repeatedFieldEncoding === RepeatedEncoding.PACKED
}

/** Whether a zero that was set is told apart from none (protobuf.dev, "Field Presence"). */
export function hasPresence(field: FieldDescriptorProto, file: SourceFile): boolean {
  if (isRepeated(field)) return false
  if (field.extendee !== "" || isMessageField(field) || oneofIndexOf(field) !== undefined) return true
  return file.features.of(field).fieldPresence !== Presence.IMPLICIT
}

export function isRequired(field: FieldDescriptorProto, file: SourceFile): boolean {
  if (field.label === Label.REQUIRED) return true
  return field.label === Label.OPTIONAL && file.features.of(field).fieldPresence === Presence.LEGACY_REQUIRED
}

/** Whether a message is written between tags of its own: a group, or what editions make of it. */
export function isDelimited(field: FieldDescriptorProto, file: SourceFile): boolean {
  if (field.type === Type.GROUP) return true
  return field.type === Type.MESSAGE && file.features.of(field).messageEncoding === MessageEncoding.DELIMITED
}

/** Whether the bytes of a string have to be UTF-8. */
export function checksUtf8(field: FieldDescriptorProto, file: SourceFile): boolean {
  return file.features.of(field).utf8Validation === Utf8Validation.VERIFY
}

/** Whether the enum holds no values but its own. */
export function isClosed(node: EnumDescriptorProto, file: SourceFile): boolean {
  return file.features.of(node).enumType === EnumType.CLOSED
}
