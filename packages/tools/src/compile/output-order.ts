import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt"
import type { LinkContext } from "./link-context.js"
import type { SourceFile } from "./symbols.js"

/**
 * Puts files after what they import, as protoc does with `--include_imports`. What is imported for its options alone
 * counts only for the files that were asked for.
 */
export class OutputOrder {
  private readonly contexts: ReadonlyMap<SourceFile, LinkContext>
  private readonly seen = new Map<SourceFile, boolean>()
  private readonly ordered: FileDescriptorProto[] = []

  constructor(contexts: ReadonlyMap<SourceFile, LinkContext>) {
    this.contexts = contexts
  }

  of(asked: readonly SourceFile[]): FileDescriptorProto[] {
    for (const file of asked) {
      const optionImports = file.optionDependencies.map((dependency) => this.add(dependency))
      this.add(file, optionImports.every(Boolean))
    }
    return this.ordered
  }

  /** Returns whether the file, and all it imports, is without errors. */
  private add(file: SourceFile | undefined, optionImportsAreWhole: boolean = true): boolean {
    if (!file) return false
    const known = this.seen.get(file)
    if (known !== undefined) return known
    const imports = file.dependencies.map((dependency) => this.add(dependency))
    const isWhole = optionImportsAreWhole && imports.every(Boolean) && this.contexts.get(file)?.failed !== true
    this.seen.set(file, isWhole)
    if (isWhole) this.ordered.push(file.proto)
    return isWhole
  }
}
