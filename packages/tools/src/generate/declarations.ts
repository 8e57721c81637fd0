import type { DescEnum, DescExtension, DescField, DescFile, DescMessage, DescService } from "@bufbuild/protobuf"
import { isFieldSet, ScalarType } from "@bufbuild/protobuf"
import { protoCamelCase, reflect } from "@bufbuild/protobuf/reflect"
import {
  Edition,
  FeatureSetSchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FieldOptions_JSTypeSchema,
  FieldOptionsSchema,
} from "@bufbuild/protobuf/wkt"

/** A field as the .proto file declares it, custom options left out. */
export function fieldDeclaration(field: DescField | DescExtension): string {
  const label = fieldLabel(field)
  const words = [...(label === "" ? [] : [label]), fieldType(field), field.name, "=", `${field.number}`]
  const options = fieldOptions(field)
  if (options.length > 0) words.push(`[${options.join(", ")}]`)
  return words.join(" ")
}

function fieldLabel(field: DescField | DescExtension): string {
  if (field.fieldKind === "list") return "repeated"
  if (field.fieldKind === "map") return ""
  const { edition } = field.kind === "extension" ? field.file : field.parent.file
  if (edition === Edition.EDITION_PROTO3) return field.proto.proto3Optional ? "optional" : ""
  if (edition !== Edition.EDITION_PROTO2) return ""
  if (field.proto.label === FieldDescriptorProto_Label.REQUIRED) return "required"
  return field.oneof === undefined && field.proto.label === FieldDescriptorProto_Label.OPTIONAL ? "optional" : ""
}

function fieldType(field: DescField | DescExtension): string {
  const value = field.message?.typeName ?? field.enum?.typeName ?? ScalarType[field.scalar!].toLowerCase()
  return field.fieldKind === "map" ? `map<${ScalarType[field.mapKey].toLowerCase()}, ${value}>` : value
}

function fieldOptions(field: DescField | DescExtension): string[] {
  const { proto } = field
  const options: string[] = []
  if (proto.options !== undefined && isFieldSet(proto.options, FieldOptionsSchema.field.packed)) {
    options.push(`packed = ${proto.options.packed}`)
  }
  if (isFieldSet(proto, FieldDescriptorProtoSchema.field.defaultValue)) {
    const quoted = proto.type === FieldDescriptorProto_Type.BYTES || proto.type === FieldDescriptorProto_Type.STRING
    options.push(`default = ${quoted ? `"${proto.defaultValue.replace('"', '\\"')}"` : proto.defaultValue}`)
  }
  if (field.kind === "field" && field.jsonName !== protoCamelCase(field.name)) {
    options.push(`json_name = "${field.jsonName}"`)
  }
  if (proto.options !== undefined && isFieldSet(proto.options, FieldOptionsSchema.field.jstype)) {
    options.push(`jstype = ${FieldOptions_JSTypeSchema.value[proto.options.jstype]?.name}`)
  }
  if (proto.options !== undefined && isFieldSet(proto.options, FieldOptionsSchema.field.deprecated)) {
    options.push("deprecated = true")
  }
  options.push(...featureOptions(field))
  return options
}

/** The features that an element sets, as editions spell them. */
export function featureOptions(
  desc: DescFile | DescMessage | DescEnum | DescField | DescExtension | DescService,
): string[] {
  const features = desc.proto.options?.features
  if (features === undefined) return []
  const reflected = reflect(FeatureSetSchema, features)
  const options: string[] = []
  for (const field of reflected.fields) {
    if (field.fieldKind !== "enum" || !reflected.isSet(field)) continue
    const value = field.enum.values.find(({ number }) => number === reflected.get(field))
    if (value !== undefined) options.push(`features.${field.name} = ${value.name}`)
  }
  return options
}
