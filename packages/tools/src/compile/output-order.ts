import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt"
import type { SourceFile } from "./symbols.js"

/**
 * Puts files after what they import, as protoc does with `--include_imports`. What is imported for its options alone
 * counts only for the files that were asked for.
 */
export class OutputOrder {
  private readonly failed: ReadonlySet<SourceFile>
  private readonly seen = new Map<SourceFile, boolean>()
  private readonly ordered: FileDescriptorProto[] = []

  /** `failed`: files that were linked and are wrong all the same. */
  constructor(failed: ReadonlySet<SourceFile>) {
    this.failed = failed
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
    const isWhole = optionImportsAreWhole && imports.every(Boolean) && !this.failed.has(file)
    this.seen.set(file, isWhole)
    if (isWhole) this.ordered.push(file.proto)
    return isWhole
  }
}
