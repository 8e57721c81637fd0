import { checkPackage, declareFile } from "./declare.js"
import type { DiagnosticList } from "./diagnostics.js"
import { editionName, MAXIMUM_EDITION, MINIMUM_EDITION, UNSTABLE_EDITION } from "./editions.js"
import { FieldNumberHints } from "./field-number-hints.js"
import { importPosition } from "./import-position.js"
import { interpretFile } from "./interpret-file.js"
import { LinkContext } from "./link-context.js"
import { explainMapConflicts } from "./map-conflicts.js"
import { checkNamingStyle } from "./naming-style.js"
import type { ParsedFile } from "./parsed-file.js"
import { checkProtoLimits } from "./proto-limits.js"
import { resolveFile } from "./resolve.js"
import { Scope } from "./scope.js"
import { checkStrictVisibility } from "./symbol-visibility.js"
import type { SourceFile, SymbolTable } from "./symbols.js"
import { validateFile } from "./validate.js"

/**
 * Makes a parsed file whole: its names are declared, its type names resolved, its options interpreted and its contents
 * validated. Returns undefined, with nothing left in the symbol table, when the file has errors. What the file imports must
 * have been linked before.
 */
export function linkFile(
  file: SourceFile,
  parsed: ParsedFile,
  symbols: SymbolTable,
  builtIn: () => SymbolTable,
  diagnostics: DiagnosticList,
  reportUnusedImports: boolean,
): LinkContext | undefined {
  symbols.checkpoint()
  const context = new LinkContext(file, parsed, symbols, builtIn, new Scope(file, symbols), diagnostics)
  const hints = new FieldNumberHints()
  checkEdition(context)
  if (!checkPackage(context)) return undefined
  checkImports(context)
  declareFile(context, hints)
  resolveFile(context)
  hints.report(context)
  checkOptionImports(context)
  if (!context.failed) {
    const interpreter = interpretFile(context)
    if (!context.failed) validateFile(context)
    if (!context.failed) interpreter.removeEmptied()
  }
  if (context.failed) explainMapConflicts(context)
  else {
    if (reportUnusedImports) checkUnusedImports(context)
    checkNamingStyle(context)
    if (!context.failed) checkProtoLimits(context)
    if (!context.failed) checkStrictVisibility(context)
  }
  if (!context.failed) return context
  symbols.rollback()
  return undefined
}

function checkEdition(context: LinkContext): void {
  const { edition } = context.file.features
  let complaint: string
  if (edition < MINIMUM_EDITION) {
    complaint = `is earlier than the minimum supported edition ${editionName(MINIMUM_EDITION)}`
  } else if (edition > MAXIMUM_EDITION && edition !== UNSTABLE_EDITION) {
    complaint = `is later than the maximum supported edition ${editionName(MAXIMUM_EDITION)}`
  } else {
    return
  }
  context.errorAt(context.editionPosition, `Edition ${editionName(edition)} ${complaint}`)
}

function checkImports(context: LinkContext): void {
  const { proto, dependencies } = context.file
  const seen = new Set<string>()
  for (const [i, name] of [...proto.dependency, ...proto.optionDependency].entries()) {
    if (seen.has(name)) context.errorAt(importPosition(context.parsed, name), `Import "${name}" was listed twice.`)
    seen.add(name)
    if (i < dependencies.length && !dependencies[i]) reportMissing(context, name)
  }
}

/** Options can only be missed where there are any. */
function checkOptionImports(context: LinkContext): void {
  const { proto, optionDependencies } = context.file
  for (const [i, name] of proto.optionDependency.entries()) if (!optionDependencies[i]) reportMissing(context, name)
}

function reportMissing(context: LinkContext, name: string): void {
  context.errorAt(importPosition(context.parsed, name), `Import "${name}" was not found or had errors.`)
}

function checkUnusedImports(context: LinkContext): void {
  const { proto, dependencies, optionDependencies } = context.file
  for (const [i, dependency] of [...dependencies, ...optionDependencies].entries()) {
    if (!dependency || context.scope.used.has(dependency)) continue
    // A file that passes others on may be imported for these.
    if (proto.publicDependency.includes(i) || dependency.proto.publicDependency.length > 0) continue
    const { name } = dependency.proto
    context.warningAt(importPosition(context.parsed, name), `Import ${name} is unused.`)
  }
}
