import { FieldOptions_OptionTargetType as TargetType } from "@bufbuild/protobuf/wkt"
import { DynamicMessage } from "./dynamic-message.js"
import type { LinkContext } from "./link-context.js"
import type { OptionOwner } from "./parsed-file.js"

/** Reports options, and fields of options, that are set where their definition does not let them (`targets`). */
export function checkOptionTargets(context: LinkContext, owner: OptionOwner, options: DynamicMessage): void {
  const [target, name] = TARGETS[owner.$typeName]
  checkFields(context, options, target, name)
}

function checkFields(context: LinkContext, message: DynamicMessage, target: TargetType, targetName: string): void {
  for (const { field, values } of message.sortedEntries()) {
    const targets = field.proto.options?.targets ?? []
    if (targets.length > 0 && !targets.includes(target)) {
      // protoc gives no place for it.
      context.errorAt(undefined, `Option ${field.name} cannot be set on an entity of type \`${targetName}\`.`)
    }
    for (const value of values) if (value instanceof DynamicMessage) checkFields(context, value, target, targetName)
  }
}

const TARGETS: { readonly [name in OptionOwner["$typeName"]]: readonly [TargetType, string] } = {
  "google.protobuf.FileDescriptorProto": [TargetType.TARGET_TYPE_FILE, "file"],
  "google.protobuf.DescriptorProto.ExtensionRange": [TargetType.TARGET_TYPE_EXTENSION_RANGE, "extension range"],
  "google.protobuf.DescriptorProto": [TargetType.TARGET_TYPE_MESSAGE, "message"],
  "google.protobuf.FieldDescriptorProto": [TargetType.TARGET_TYPE_FIELD, "field"],
  "google.protobuf.OneofDescriptorProto": [TargetType.TARGET_TYPE_ONEOF, "oneof"],
  "google.protobuf.EnumDescriptorProto": [TargetType.TARGET_TYPE_ENUM, "enum"],
  "google.protobuf.EnumValueDescriptorProto": [TargetType.TARGET_TYPE_ENUM_ENTRY, "enum entry"],
  "google.protobuf.ServiceDescriptorProto": [TargetType.TARGET_TYPE_SERVICE, "service"],
  "google.protobuf.MethodDescriptorProto": [TargetType.TARGET_TYPE_METHOD, "method"],
}
