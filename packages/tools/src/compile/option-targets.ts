import { FieldOptions_OptionTargetType as TargetType } from "@bufbuild/protobuf/wkt"
import { DynamicMessage } from "./dynamic-message.js"
import type { OptionOwner } from "./parsed-file.js"

/** What is wrong with options, and fields of options, that are set where their definition does not let them (`targets`). */
export function misplacedOptions(owner: OptionOwner, options: DynamicMessage): string[] {
  const [target, name] = TARGETS[owner.$typeName]
  const complaints: string[] = []
  checkFields(options, target, name, complaints)
  return complaints
}

function checkFields(message: DynamicMessage, target: TargetType, targetName: string, complaints: string[]): void {
  for (const { field, values } of message.sortedEntries()) {
    const targets = field.proto.options?.targets ?? []
    if (targets.length > 0 && !targets.includes(target)) {
      complaints.push(`Option ${field.name} cannot be set on an entity of type \`${targetName}\`.`)
    }
    for (const value of values) if (value instanceof DynamicMessage) checkFields(value, target, targetName, complaints)
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
