import { FeatureSet_ProtoLimitsFeature_EnforceProtoLimits as Limits } from "@bufbuild/protobuf/wkt"
import { oneofIndexOf } from "./field-features.js"
import type { LinkContext } from "./link-context.js"
import { visitFile } from "./visit.js"

const FIELDS_PER_MESSAGE = 1500
const ONEOFS_PER_MESSAGE = 1000
const FIELDS_PER_ONEOF = 1200
const VALUES_PER_ENUM = 1700

/** Reports declarations with more parts than edition 2026 lets them have (`enforce_proto_limits`). */
export function checkProtoLimits(context: LinkContext): void {
  const { proto, features } = context.file
  if (proto.syntax !== "editions") return
  visitFile(proto, (node, _, parent) => {
    if (features.of(node).enforceProtoLimits === Limits.LEGACY_NO_EXPLICIT_LIMITS) return
    const complain = (kind: string, name: string, limit: number, parts: string): void => {
      const optOut = "(features.enforce_proto_limits = LEGACY_NO_EXPLICIT_LIMITS can be used to opt out of this check)"
      const message = `${kind} name ${name} should not contain more than ${limit} ${parts} ${optOut}`
      if (node.$typeName !== "google.protobuf.FileDescriptorProto") context.error(node, "name", message)
    }
    if (node.$typeName === "google.protobuf.DescriptorProto") {
      if (node.field.length > FIELDS_PER_MESSAGE) complain("Message", node.name, FIELDS_PER_MESSAGE, "fields")
      if (node.oneofDecl.length > ONEOFS_PER_MESSAGE) complain("Message", node.name, ONEOFS_PER_MESSAGE, "oneofs")
    } else if (node.$typeName === "google.protobuf.EnumDescriptorProto") {
      if (node.value.length > VALUES_PER_ENUM) complain("Enum", node.name, VALUES_PER_ENUM, "values")
    } else if (
      node.$typeName === "google.protobuf.OneofDescriptorProto" &&
      parent?.$typeName === "google.protobuf.DescriptorProto"
    ) {
      const index = parent.oneofDecl.indexOf(node)
      const count = parent.field.filter((field) => oneofIndexOf(field) === index).length
      if (count > FIELDS_PER_ONEOF) complain("Oneof", node.name, FIELDS_PER_ONEOF, "fields")
    }
  })
}
