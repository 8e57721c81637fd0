import type { DescriptorProto, FieldDescriptorProto } from "@bufbuild/protobuf/wkt"
import type { DiagnosticList } from "./diagnostics.js"
import { editionName, MAXIMUM_EDITION } from "./editions.js"
import { findLifetimes } from "./feature-support.js"
import type { LinkContext } from "./link-context.js"
import { checkOptionTargets } from "./option-targets.js"
import type { SourceFile, SymbolTable } from "./symbols.js"
import { visitFile } from "./visit.js"

/** Reports options outside the editions they are for; what is to come is said only of files that were asked for. */
export function checkLifetimes(context: LinkContext, isAsked: boolean): void {
  for (const { severity, node, message } of findLifetimes(context)) {
    const { source } = context.parsed
    const position =
      node.$typeName === "google.protobuf.FileDescriptorProto" ? context.packagePosition : source.position(node, "name")
    if (severity === "error") context.errorAt(position, message)
    else if (isAsked) context.warningAt(position, message)
  }
}

/** What protoc's command line checks of the files it was given, when all of them are valid. It gives no places. */
export function checkCommandLine(contexts: readonly LinkContext[], diagnostics: DiagnosticList): void {
  for (const context of contexts) {
    checkRedaction(context)
    checkGenericServices(context)
    checkFieldNumbers(context)
  }
  for (const context of contexts) {
    visitFile(context.file.proto, (node) => {
      const options = context.interpreted.get(node)
      if (options) checkOptionTargets(context, node, options)
    })
  }
  const late = contexts.find(({ file, failed }) => !failed && file.features.edition > MAXIMUM_EDITION)
  if (!late || diagnostics.errorCount > 0) return
  late.errorAt(
    undefined,
    `is a file using edition ${editionName(late.file.features.edition)}, which is later than the protoc maximum supported ` +
      `edition ${editionName(MAXIMUM_EDITION)}.`,
  )
}

function checkGenericServices(context: LinkContext): void {
  const { options } = context.file.proto
  if (!options?.ccGenericServices && !options?.javaGenericServices && !options?.pyGenericServices) return
  context.warningAt(
    undefined,
    "Generic services (cc_generic_services, java_generic_services, and py_generic_services) are deprecated in favor of " +
      "using plugins that generate code specific to your particular RPC system. Additional code generator options may be " +
      "required to enable generic services and total removal of these options is planned in future breaking releases.",
  )
}

/** Field numbers that no message may use (protobuf.dev, "Assigning Field Numbers"). */
const FIRST_RESERVED = 19000
const LAST_RESERVED = 19999

function checkFieldNumbers(context: LinkContext): void {
  visitFile(context.file.proto, (node) => {
    if (node.$typeName !== "google.protobuf.FieldDescriptorProto") return
    if (node.number < FIRST_RESERVED || node.number > LAST_RESERVED) return
    context.errorAt(
      undefined,
      `Field numbers ${FIRST_RESERVED} through ${LAST_RESERVED} are reserved for the protocol buffer library implementation.`,
    )
  })
}

/** Options that say what to hide in logs have to be there when the program runs. */
function checkRedaction(context: LinkContext): void {
  for (const dependency of context.file.optionDependencies) {
    const marker = dependency && redactingOption(dependency, context.symbols)
    if (!dependency || marker === undefined) continue
    context.errorAt(
      undefined,
      `Option dependency ${dependency.proto.name} contains a custom option ${marker} marked debug_redact, which is used to ` +
        "mark fields that need to be redacted in debug string APIs. Switch to a regular import or remove the debug_redact " +
        "annotation to avoid potentially leaking sensitive data.",
    )
    return
  }
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
