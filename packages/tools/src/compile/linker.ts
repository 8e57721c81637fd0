import { FileOptions_OptimizeMode } from "@bufbuild/protobuf/wkt"
import { declareFile } from "./declare.js"
import type { DiagnosticList } from "./diagnostics.js"
import { FieldNumberHints } from "./field-number-hints.js"
import { interpretFile } from "./interpret-file.js"
import { LinkContext } from "./link-context.js"
import { explainMapConflicts } from "./map-conflicts.js"
import { checkOptionNames } from "./options.js"
import type { ParsedFile } from "./parsed-file.js"
import { resolveFile } from "./resolve.js"
import { Scope } from "./scope.js"
import type { SourceFile, SymbolTable } from "./symbols.js"
import { validateFile } from "./validate.js"

/**
 * Makes a parsed file whole: its names are declared, its type names resolved, its options interpreted and its contents
 * validated. Returns false, with nothing left in the symbol table, when the file has errors. What the file imports must
 * have been linked before.
 */
export function linkFile(
  file: SourceFile,
  parsed: ParsedFile,
  symbols: SymbolTable,
  builtIn: SymbolTable,
  diagnostics: DiagnosticList,
  reportUnusedImports: boolean,
): boolean {
  symbols.checkpoint()
  const context = new LinkContext(file, parsed, symbols, new Scope(file, symbols), diagnostics)
  const hints = new FieldNumberHints()
  checkImports(context)
  declareFile(context, hints)
  checkOptionNames(context)
  resolveFile(context)
  hints.report(context)
  if (context.failed) explainMapConflicts(context)
  if (!context.failed) {
    const interpreter = interpretFile(context, builtIn)
    if (!context.failed) {
      validateFile(context)
      checkLite(context)
    }
    if (!context.failed) interpreter.checkTargets()
  }
  if (context.failed) {
    symbols.rollback()
    return false
  }
  if (reportUnusedImports) checkUnusedImports(context)
  return true
}

// Field number of FileDescriptorProto.
const DEPENDENCY = 3

function checkImports(context: LinkContext): void {
  const { proto, dependencies } = context.file
  const seen = new Set<string>()
  for (const [i, name] of proto.dependency.entries()) {
    const position = context.parsed.source.find([DEPENDENCY, i])
    if (seen.has(name)) context.errorAt(position, `Import "${name}" was listed twice.`)
    seen.add(name)
    if (!dependencies[i]) context.errorAt(position, `Import "${name}" was not found or had errors.`)
  }
}

/** Code for the lite runtime has no descriptors, which code for the full one would ask it for. */
function checkLite(context: LinkContext): void {
  const { proto, dependencies } = context.file
  if (isLite(context.file)) return
  for (const [i, dependency] of dependencies.entries()) {
    if (!dependency || !isLite(dependency)) continue
    context.errorAt(
      context.parsed.source.find([DEPENDENCY, i]),
      "Files that do not use optimize_for = LITE_RUNTIME cannot import files which do use this option.  This file is not " +
        `lite, but it imports "${proto.dependency[i]}" which is.`,
    )
    return
  }
}

function isLite({ proto }: SourceFile): boolean {
  return proto.options?.optimizeFor === FileOptions_OptimizeMode.LITE_RUNTIME
}

function checkUnusedImports(context: LinkContext): void {
  const { proto, dependencies } = context.file
  for (const [i, dependency] of dependencies.entries()) {
    if (!dependency || context.scope.used.has(dependency)) continue
    // A file that passes others on may be imported for these.
    if (proto.publicDependency.includes(i) || dependency.proto.publicDependency.length > 0) continue
    const position = context.parsed.source.find([DEPENDENCY, i])
    context.warningAt(position, `Import ${dependency.proto.name} is unused.`)
  }
}
