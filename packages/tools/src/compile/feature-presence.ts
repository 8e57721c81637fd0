import {
  type FieldDescriptorProto,
  FeatureSet_FieldPresence as Presence,
  FeatureSet_RepeatedFieldEncoding as RepeatedEncoding,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt"
import {
  hasPresence,
  isClosed,
  isMessageField,
  isPackable,
  isRepeated,
  isRequired,
  oneofIndexOf,
} from "./field-features.js"
import type { LinkContext } from "./link-context.js"
import type { OptionOwner } from "./parsed-file.js"

/** What a file of an edition may not say for all that is in it. */
export function checkFileFeatures(context: LinkContext): void {
  const { proto, features } = context.file
  if (proto.syntax !== "editions") return
  if (features.file.fieldPresence === Presence.LEGACY_REQUIRED) {
    context.errorAt(context.editionPosition, "Required presence can't be specified by default.")
  }
  if (proto.options?.javaStringCheckUtf8) {
    context.errorAt(
      context.editionPosition,
      "File option java_string_check_utf8 is not allowed under editions. Use the (pb.java).utf8_validation feature to " +
        "control this behavior.",
    )
  }
}

/** Whether the features of a field of an edition fit it (protoc's ValidateFieldFeatures). */
export function checkFieldFeatures(
  context: LinkContext,
  field: FieldDescriptorProto,
  parent: OptionOwner | undefined,
): void {
  const { file } = context
  if (file.proto.syntax !== "editions") return
  const complain = (message: string): void => context.error(field, "name", message)
  if (field.options && Object.hasOwn(field.options, "packed")) {
    complain(
      "Field option packed is not allowed under editions.  Use the repeated_field_encoding feature to control this behavior.",
    )
  }
  if (!isRepeated(field) && !hasPresence(field, file)) {
    if (Object.hasOwn(field, "defaultValue")) complain("Implicit presence fields can't specify defaults.")
    const type = field.type === Type.ENUM ? context.enumNamed(field.typeName) : undefined
    if (type && isClosed(type.node, type.file)) {
      complain("Implicit presence enum fields must always be open.")
    }
  }
  if (field.extendee !== "" && isRequired(field, file)) complain("Extensions can't be required.")
  // The entries of maps have the features of their maps, which are checked there.
  if (parent?.$typeName === "google.protobuf.DescriptorProto" && parent.options?.mapEntry) return
  checkOwnFeatures(context, field, complain)
}

/** Checks what the field itself sets. */
function checkOwnFeatures(
  context: LinkContext,
  field: FieldDescriptorProto,
  complain: (message: string) => void,
): void {
  const own = field.options?.features
  if (!own) return
  const { type } = field
  const entry = type === Type.MESSAGE ? context.messageNamed(field.typeName)?.node : undefined
  const map = entry?.options?.mapEntry ? entry : undefined
  if (Object.hasOwn(own, "fieldPresence")) {
    if (oneofIndexOf(field) !== undefined) complain("Oneof fields can't specify field presence.")
    else if (isRepeated(field)) complain("Repeated fields can't specify field presence.")
    else if (field.extendee !== "" && own.fieldPresence !== Presence.LEGACY_REQUIRED) {
      complain("Extensions can't specify field presence.")
    } else if (isMessageField(field) && own.fieldPresence === Presence.IMPLICIT) {
      complain("Message fields can't specify implicit presence.")
    }
  }
  if (!isRepeated(field) && Object.hasOwn(own, "repeatedFieldEncoding")) {
    complain("Only repeated fields can specify repeated field encoding.")
  }
  const hasStrings = type === Type.STRING || map?.field.some((part) => part.type === Type.STRING)
  if (!hasStrings && Object.hasOwn(own, "utf8Validation")) {
    complain("Only string fields can specify utf8 validation.")
  }
  if (!(isRepeated(field) && isPackable(type)) && own.repeatedFieldEncoding === RepeatedEncoding.PACKED) {
    complain("Only repeated primitive fields can specify PACKED repeated field encoding.")
  }
  if ((!isMessageField(field) || map) && Object.hasOwn(own, "messageEncoding")) {
    complain("Only message fields can specify message encoding.")
  }
}
