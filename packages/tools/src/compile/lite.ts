import { FileOptions_OptimizeMode, type ServiceDescriptorProto } from "@bufbuild/protobuf/wkt"
import type { LinkContext } from "./link-context.js"
import type { SourceFile } from "./symbols.js"

/** Whether code for the file is for the lite runtime, which has no descriptors. */
export function isLite({ proto }: SourceFile): boolean {
  return proto.options?.optimizeFor === FileOptions_OptimizeMode.LITE_RUNTIME
}

// Field number of FileDescriptorProto.
const DEPENDENCY = 3

/** Code for the full runtime would ask what it imports for descriptors. */
export function checkLiteImports(context: LinkContext): void {
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

/** C++'s and Java's own kind of services needs descriptors as well. */
export function checkLiteService(context: LinkContext, service: ServiceDescriptorProto): void {
  const { options } = context.file.proto
  if (!isLite(context.file) || !(options?.ccGenericServices || options?.javaGenericServices)) return
  context.error(
    service,
    "name",
    "Files with optimize_for = LITE_RUNTIME cannot define services unless you set both options cc_generic_services and " +
      "java_generic_services to false.",
  )
}
