import type { DescriptorProto, FieldDescriptorProto } from "@bufbuild/protobuf/wkt"
import type { LinkContext } from "./link-context.js"
import type { SourceFile, SymbolTable } from "./symbols.js"
import { visitFile } from "./visit.js"

/** What is wrong with an import for options alone: options that say what to hide in logs have to be there at run time. */
export function explainRedaction(context: LinkContext): string | undefined {
  for (const dependency of context.file.optionDependencies) {
    const marker = dependency && redactingOption(dependency, context.symbols)
    if (!dependency || marker === undefined) continue
    return (
      `Option dependency ${dependency.proto.name} contains a custom option ${marker} marked debug_redact, which is used to ` +
      "mark fields that need to be redacted in debug string APIs. Switch to a regular import or remove the debug_redact " +
      "annotation to avoid potentially leaking sensitive data."
    )
  }
  return undefined
}

/** The last option of a file whose values can mark what is to be hidden. */
function redactingOption({ proto }: SourceFile, symbols: SymbolTable): string | undefined {
  let found: string | undefined
  const visited = new Map<DescriptorProto, boolean>()
  visitFile(proto, (node, name) => {
    if (node.$typeName !== "google.protobuf.FieldDescriptorProto" || node.extendee === "") return
    if (canRedact(node, symbols, visited)) found = name
  })
  return found
}

function canRedact(field: FieldDescriptorProto, symbols: SymbolTable, visited: Map<DescriptorProto, boolean>): boolean {
  const type = field.typeName === "" ? undefined : symbols.get(field.typeName.slice(1))
  if (type?.kind === "enum") return type.node.value.some(({ options }) => options?.debugRedact)
  if (type?.kind !== "message") return false
  const known = visited.get(type.node)
  if (known !== undefined) return known
  visited.set(type.node, false)
  const result = type.node.field.some((part) => canRedact(part, symbols, visited))
  visited.set(type.node, result)
  return result
}
