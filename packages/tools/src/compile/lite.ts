import { FileOptions_OptimizeMode, type ServiceDescriptorProto } from "@bufbuild/protobuf/wkt"
import { importPosition } from "./import-position.js"
import type { LinkContext } from "./link-context.js"
import type { SourceFile } from "./symbols.js"

/** Whether code for the file is for the lite runtime, which has no descriptors. */
export function isLite({ proto }: SourceFile): boolean {
  return proto.options?.optimizeFor === FileOptions_OptimizeMode.LITE_RUNTIME
}

/** Code for the full runtime would ask what it imports for descriptors. */
export function checkLiteImports(context: LinkContext): void {
  if (isLite(context.file)) return
  const dependency = context.file.dependencies.find((file) => file && isLite(file))
  if (!dependency) return
  const { name } = dependency.proto
  context.errorAt(
    importPosition(context.parsed, name),
    "Files that do not use optimize_for = LITE_RUNTIME cannot import files which do use this option.  This file is not " +
      `lite, but it imports "${name}" which is.`,
  )
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
