import {
  type DescriptorProto,
  type FieldDescriptorProto,
  FeatureSet_EnforceNamingStyle as NamingStyle,
  type OneofDescriptorProto,
} from "@bufbuild/protobuf/wkt"
import type { LinkContext } from "./link-context.js"
import type { OptionOwner } from "./parsed-file.js"
import { visitFile } from "./visit.js"

/** Reports names that are not written as the style guide wants them, from edition 2024 on (`enforce_naming_style`). */
export function checkNamingStyle(context: LinkContext): void {
  if (context.file.proto.syntax !== "editions") return
  visitFile(context.file.proto, (node, _, parent) => {
    const style = context.file.features.of(node).enforceNamingStyle
    if (style === NamingStyle.STYLE_LEGACY) return
    checkName(context, node)
    if (style < NamingStyle.STYLE2026 || !isFieldOrOneof(node)) return
    const message = parent?.$typeName === "google.protobuf.DescriptorProto" ? parent : undefined
    const collision = explainCollision(node, message)
    if (collision === undefined) return
    const [kind] = STYLES[node.$typeName]
    context.error(
      node,
      "name",
      `${kind} name ${node.name} ${collision} (features.enforce_naming_style = STYLE2024 can be used to opt out of this ` +
        "check)",
    )
  })
}

function isFieldOrOneof(node: OptionOwner): node is FieldDescriptorProto | OneofDescriptorProto {
  return (
    node.$typeName === "google.protobuf.FieldDescriptorProto" ||
    node.$typeName === "google.protobuf.OneofDescriptorProto"
  )
}

function checkName(context: LinkContext, node: OptionOwner): void {
  if (node.$typeName === "google.protobuf.DescriptorProto.ExtensionRange") return
  const isFile = node.$typeName === "google.protobuf.FileDescriptorProto"
  const name = isFile ? node.package : node.name
  if (isFile && name === "") return
  const [kind, check] = STYLES[node.$typeName]
  const complaint = check(name)
  if (complaint === undefined) return
  const message =
    `${kind} name ${name} ${complaint} (features.enforce_naming_style = STYLE_LEGACY can be used to opt out of this ` +
    "check)"
  if (isFile) context.errorAt(context.packagePosition, message)
  else context.error(node, "name", message)
}

type NamedNode = Exclude<OptionOwner["$typeName"], "google.protobuf.DescriptorProto.ExtensionRange">

const STYLES: { readonly [name in NamedNode]: readonly [string, (name: string) => string | undefined] } = {
  "google.protobuf.FileDescriptorProto": ["Package", lowerSnakeCase],
  "google.protobuf.DescriptorProto": ["Message", titleCase],
  "google.protobuf.OneofDescriptorProto": ["Oneof", lowerSnakeCase],
  "google.protobuf.FieldDescriptorProto": ["Field", lowerSnakeCase],
  "google.protobuf.EnumDescriptorProto": ["Enum", titleCase],
  "google.protobuf.EnumValueDescriptorProto": ["Enum value", upperSnakeCase],
  "google.protobuf.ServiceDescriptorProto": ["Service", titleCase],
  "google.protobuf.MethodDescriptorProto": ["Method", titleCase],
}

function titleCase(name: string): string | undefined {
  if (/[^A-Za-z0-9]/.test(name)) return "should be TitleCase"
  return /^[A-Z]/.test(name) ? undefined : "should begin with a capital letter"
}

function lowerSnakeCase(name: string): string | undefined {
  if (/[^a-z0-9_.]/.test(name)) return "should be lower_snake_case"
  if (!/^[a-z]/.test(name)) return "should begin with a lower case letter"
  return underscores(name)
}

function upperSnakeCase(name: string): string | undefined {
  if (/[^A-Z0-9_]/.test(name)) return "should be UPPER_SNAKE_CASE"
  if (!/^[A-Z]/.test(name)) return "should begin with an upper case letter"
  return underscores(name)
}

function underscores(name: string): string | undefined {
  return /_[^A-Za-z]|_$/.test(name) ? "contains style violating underscores" : undefined
}

const PREFIXES = ["has_", "get_", "set_", "clear_"]
const SUFFIX = "_value"

/** Names for which generated code would have two meanings. */
function explainCollision(
  { name }: FieldDescriptorProto | OneofDescriptorProto,
  message: DescriptorProto | undefined,
): string | undefined {
  const exists = (other: string): boolean =>
    message !== undefined && [...message.field, ...message.oneofDecl].some((node) => node.name === other)
  const reason = "exists. This can cause collisions in generated code."
  for (const prefix of PREFIXES) {
    const rest = name.slice(prefix.length)
    if (name.startsWith(prefix) && exists(rest)) {
      return `should not begin with ${prefix} if a field named ${rest} ${reason}`
    }
  }
  const rest = name.slice(0, -SUFFIX.length)
  if (name.endsWith(SUFFIX) && exists(rest)) return `should not end with ${SUFFIX} if a field named ${rest} ${reason}`
  if (name !== "descriptor") return undefined
  return "should not be named descriptor. This can cause collisions in generated code."
}
