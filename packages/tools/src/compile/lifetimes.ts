import {
  type Edition,
  type FieldDescriptorProto,
  type FieldOptions_FeatureSupport,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt"
import { DynamicMessage } from "./dynamic-message.js"
import { editionName } from "./editions.js"
import type { LinkContext } from "./link-context.js"
import type { OptionOwner } from "./parsed-file.js"
import { type EnumSymbol, enclosing, qualified } from "./symbols.js"
import { visitFile } from "./visit.js"

/** Reports options that there are not yet, no more, or not for long, in the file's edition (`feature_support`). */
export function findLifetimes(context: LinkContext): LifetimeFinding[] {
  const findings: LifetimeFinding[] = []
  if (context.interpreted.size === 0) return findings
  const { edition } = context.file.features
  visitFile(context.file.proto, (node) => {
    const options = context.interpreted.get(node)
    if (!options) return
    const report = (severity: LifetimeFinding["severity"], message: string): number =>
      findings.push({ severity, node, message })
    const features = options.fieldNamed("features")
    for (const value of features?.values ?? []) {
      if (value instanceof DynamicMessage) checkUses(context, edition, value, undefined, report)
    }
    checkUses(context, edition, options, features?.field.proto, report)
  })
  return findings
}

/** What is wrong with how an option is used, told when all that the file is compiled for has been compiled. */
interface LifetimeFinding {
  readonly severity: "error" | "warning"
  readonly node: OptionOwner
  readonly message: string
}

type Report = (severity: LifetimeFinding["severity"], message: string) => void

function checkUses(
  context: LinkContext,
  edition: Edition,
  message: DynamicMessage,
  except: FieldDescriptorProto | undefined,
  report: Report,
): void {
  for (const { field, values } of message.sortedEntries()) {
    const { proto, name } = field
    if (proto === except) continue
    for (const value of values) {
      if (value instanceof DynamicMessage) checkUses(context, edition, value, undefined, report)
      else if (proto.type === Type.ENUM) checkValueUse(context.enumNamed(proto.typeName), edition, value, report)
    }
    checkUse(edition, name, proto.options?.featureSupport, report)
  }
}

function checkValueUse(type: EnumSymbol | undefined, edition: Edition, number: unknown, report: Report): void {
  const value = type?.node.value.find((candidate) => candidate.number === number)
  if (!type || !value) return
  checkUse(edition, qualified(enclosing(type.name), value.name), value.options?.featureSupport, report)
}

function checkUse(
  edition: Edition,
  name: string,
  support: FieldOptions_FeatureSupport | undefined,
  report: Report,
): void {
  if (!support) return
  const { editionIntroduced, editionRemoved, editionDeprecated } = support
  if (edition < editionIntroduced) {
    report(
      "error",
      `${name} wasn't introduced until edition ${editionName(editionIntroduced)} and can't be used in edition ` +
        editionName(edition),
    )
  }
  if (Object.hasOwn(support, "editionRemoved") && edition >= editionRemoved) {
    const reason = Object.hasOwn(support, "removalError") ? `: ${support.removalError}` : ""
    report("error", `${name} has been removed in edition ${editionName(editionRemoved)}${reason}`)
  } else if (Object.hasOwn(support, "editionDeprecated") && edition >= editionDeprecated) {
    report(
      "warning",
      `${name} has been deprecated in edition ${editionName(editionDeprecated)}: ${support.deprecationWarning}`,
    )
  }
}
