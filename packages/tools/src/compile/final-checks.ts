import type { DiagnosticList, Position } from "./diagnostics.js"
import { editionName, MAXIMUM_EDITION } from "./editions.js"
import { holds } from "./half-open-range.js"
import { LIBRARY_NUMBERS } from "./language-limits.js"
import { findLifetimes } from "./lifetimes.js"
import type { LinkContext } from "./link-context.js"
import { misplacedOptions } from "./option-targets.js"
import type { OptionOwner } from "./parsed-file.js"
import { explainRedaction } from "./redaction.js"
import type { SourceFile } from "./symbols.js"
import { visitFile } from "./visit.js"

/** Reports options outside the editions they are for; what is to come is said only of files that were asked for. */
export function checkLifetimes(context: LinkContext, isAsked: boolean): void {
  for (const { severity, node, message } of findLifetimes(context)) {
    const { source } = context.parsed
    const position =
      node.$typeName === "google.protobuf.FileDescriptorProto" ? context.packagePosition : source.position(node, "name")
    if (severity === "error") context.errorAt(position, message, undefined, node)
    else if (isAsked) context.warningAt(position, message)
  }
}

/**
 * What protoc's command line checks of the files it was given, told when all of them are valid. It gives no places. The
 * findings are kept, and not what they are found in, which is large.
 */
export class CommandLineChecks {
  private readonly ofContents: Finding[] = []
  private readonly ofTargets: Finding[] = []
  private readonly ofEdition: Finding[] = []

  /** Looks at a file that was asked for, when it has been linked. */
  add(context: LinkContext): void {
    const { proto, features } = context.file
    const finding = (severity: Finding["severity"], message: string, about: OptionOwner = proto): Finding => ({
      severity,
      file: context.file,
      near: context.nearest(about),
      message,
    })
    const redacting = explainRedaction(context)
    if (redacting !== undefined) this.ofContents.push(finding("error", redacting))
    if (hasGenericServices(context)) this.ofContents.push(finding("warning", GENERIC_SERVICES))
    visitFile(proto, (node) => {
      if (node.$typeName === "google.protobuf.FieldDescriptorProto" && holds(LIBRARY_NUMBERS, node.number)) {
        this.ofContents.push(finding("error", RESERVED_NUMBERS, node))
      }
      const options = context.interpreted.get(node)
      for (const message of options ? misplacedOptions(node, options) : []) {
        this.ofTargets.push(finding("error", message, node))
      }
    })
    if (features.edition <= MAXIMUM_EDITION) return
    const [edition, maximum] = [editionName(features.edition), editionName(MAXIMUM_EDITION)]
    const what = `is a file using edition ${edition}, which is later than the protoc maximum supported edition ${maximum}.`
    this.ofEdition.push(finding("error", what))
  }

  /** Returns the files that are not valid after all. */
  report(diagnostics: DiagnosticList): SourceFile[] {
    const found = [...this.ofContents, ...this.ofTargets]
    if (!found.some(({ severity }) => severity === "error")) found.push(...this.ofEdition.slice(0, 1))
    for (const { severity, file, near, message } of found) {
      if (severity === "error") diagnostics.error(file.proto.name, undefined, message, undefined, near)
      else diagnostics.warning(file.proto.name, undefined, message)
    }
    return found.filter(({ severity }) => severity === "error").map(({ file }) => file)
  }
}

interface Finding {
  readonly severity: "error" | "warning"
  readonly file: SourceFile
  readonly near: Position | undefined
  readonly message: string
}

function hasGenericServices({ file }: LinkContext): boolean {
  const { options } = file.proto
  return options?.ccGenericServices || options?.javaGenericServices || options?.pyGenericServices || false
}

const GENERIC_SERVICES =
  "Generic services (cc_generic_services, java_generic_services, and py_generic_services) are deprecated in favor of " +
  "using plugins that generate code specific to your particular RPC system. Additional code generator options may be " +
  "required to enable generic services and total removal of these options is planned in future breaking releases."

const RESERVED_NUMBERS =
  "Field numbers 19000 through 19999 are reserved for the protocol buffer library implementation."
