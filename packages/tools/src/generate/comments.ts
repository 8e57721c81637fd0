import type { AnyDesc, DescFile } from "@bufbuild/protobuf"
import { parentTypes } from "@bufbuild/protobuf/reflect"
import { featureOptions, fieldDeclaration } from "./declarations.js"
import { sourceComment } from "./source-comments.js"

/** The doc comment of an element: its comments in the .proto file, what it was generated from, whether it is deprecated. */
export function docText(desc: Exclude<AnyDesc, DescFile>): string {
  const comment = sourceComment(desc)
  const lines = [...(comment === "" ? [] : [comment, ""]), origin(desc)]
  if (isDeprecated(desc)) lines.push("@deprecated")
  return lines.join("\n")
}

/** Fields, values and methods are deprecated by themselves; types also by what they stand in, the file included. */
export function isDeprecated(desc: AnyDesc): boolean {
  if (desc.kind === "oneof") return parentTypes(desc).some((parent) => parent.deprecated)
  if (desc.deprecated) return true
  if (desc.kind === "field" || desc.kind === "enum_value" || desc.kind === "rpc") return false
  return parentTypes(desc).some((parent) => parent.deprecated)
}

/** The line that tells what a declaration was generated from. */
function origin(desc: Exclude<AnyDesc, DescFile>): string {
  switch (desc.kind) {
    case "field":
      return `@generated from field: ${fieldDeclaration(desc)};`
    case "extension":
      return `@generated from extension: ${fieldDeclaration(desc)};`
    case "enum_value":
      return `@generated from enum value: ${desc.name} = ${desc.number}${desc.proto.options?.deprecated ? " [deprecated = true]" : ""};`
    case "message":
    case "enum": {
      const options = featureOptions(desc)
      if (options.length === 0) return `@generated from ${desc}`
      return `@generated from ${desc}\n@generated with ${options.length > 1 ? "options" : "option"} ${options.join(", ")}`
    }
    default:
      return `@generated from ${desc}`
  }
}
