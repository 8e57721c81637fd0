import {
  FeatureSet_VisibilityFeature_DefaultSymbolVisibility as DefaultVisibility,
  FeatureSet_VisibilityFeature_DefaultSymbolVisibilitySchema as DefaultVisibilitySchema,
  type DescriptorProto,
  type EnumDescriptorProto,
  SymbolVisibility,
} from "@bufbuild/protobuf/wkt"
import { MAX_FIELD_NUMBER } from "./language-limits.js"
import type { LinkContext } from "./link-context.js"
import { type EnumSymbol, enclosing, type MessageSymbol } from "./symbols.js"
import { visitFile } from "./visit.js"

/** Why a type of another file may not be used here; undefined when it may (edition 2024, `export` and `local`). */
export function explainInvisible(
  context: LinkContext,
  { name, node, file }: MessageSymbol | EnumSymbol,
  usage: "" | "target of extend",
): string | undefined {
  if (file === context.file || node.visibility === SymbolVisibility.VISIBILITY_EXPORT) return undefined
  const isMarked = node.visibility === SymbolVisibility.VISIBILITY_LOCAL
  const byDefault = file.features.of(node).defaultSymbolVisibility
  const isNested = enclosing(name) !== file.proto.package
  if (!isMarked && !isLocalByDefault(byDefault, isNested)) return undefined
  const reason = isMarked
    ? "It is explicitly marked 'local'"
    : "It defaulted to local from file-level 'option features.default_symbol_visibility = '" +
      `${DefaultVisibilitySchema.value[byDefault]?.name}';`
  return (
    `Symbol "${name}", defined in "${file.proto.name}" ${usage} is not visible from "${context.file.proto.name}". ` +
    `${reason} and cannot be accessed outside its own file`
  )
}

function isLocalByDefault(visibility: DefaultVisibility, isNested: boolean): boolean {
  if (visibility === DefaultVisibility.EXPORT_TOP_LEVEL) return isNested
  return visibility === DefaultVisibility.LOCAL_ALL || visibility === DefaultVisibility.STRICT
}

/** Under STRICT nothing nested is exported, save enums in a message that only gives them a name space. */
export function checkStrictVisibility(context: LinkContext): void {
  const { proto, features } = context.file
  if (proto.syntax !== "editions") return
  // Enums are reported after all messages.
  const enums: [node: EnumDescriptorProto, complaint: string][] = []
  visitFile(proto, (node, name, parent) => {
    if (parent?.$typeName !== "google.protobuf.DescriptorProto") return
    if (
      node.$typeName !== "google.protobuf.DescriptorProto" &&
      node.$typeName !== "google.protobuf.EnumDescriptorProto"
    ) {
      return
    }
    if (node.visibility !== SymbolVisibility.VISIBILITY_EXPORT) return
    if (features.of(node).defaultSymbolVisibility !== DefaultVisibility.STRICT) return
    // protoc gives no place for it.
    if (node.$typeName === "google.protobuf.DescriptorProto") {
      context.errorAbout(
        node,
        `"${name}" is a nested message and cannot be \`export\` with STRICT default_symbol_visibility. It must be moved to ` +
          "top-level, ideally in its own file in order to be `export`.",
      )
    } else if (!isNamespace(parent, context)) {
      enums.push([
        node,
        `"${name}" is a nested enum and cannot be marked \`export\` with STRICT default_symbol_visibility. It must be ` +
          "moved to top-level, ideally in its own file in order to be `export`. For C++ namespacing of enums in a " +
          `messages use: \`local message <OuterNamespace> { export enum ${name} {...} reserved 1 to max; }\``,
      ])
    }
  })
  for (const [node, complaint] of enums) context.errorAbout(node, complaint)
}

/** Whether a message at the top of a file is local and can have no fields. */
function isNamespace(message: DescriptorProto, context: LinkContext): boolean {
  const { proto, features } = context.file
  if (!proto.messageType.includes(message)) return false
  const byDefault = features.file.defaultSymbolVisibility
  const isLocal =
    message.visibility === SymbolVisibility.VISIBILITY_LOCAL ||
    (message.visibility === SymbolVisibility.VISIBILITY_UNSET &&
      (byDefault === DefaultVisibility.STRICT || byDefault === DefaultVisibility.LOCAL_ALL))
  const [range, ...others] = message.reservedRange
  return isLocal && others.length === 0 && range?.start === 1 && range.end === MAX_FIELD_NUMBER + 1
}
