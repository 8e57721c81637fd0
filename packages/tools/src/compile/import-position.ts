import type { Position } from "./diagnostics.js"
import type { ParsedFile } from "./parsed-file.js"

// Field numbers of FileDescriptorProto.
const DEPENDENCY = 3
const OPTION_DEPENDENCY = 15

/** Where a file imports another of this name; of several imports of one name, the last. */
export function importPosition({ proto, source }: ParsedFile, name: string): Position | undefined {
  const option = proto.optionDependency.lastIndexOf(name)
  return source.find(option >= 0 ? [OPTION_DEPENDENCY, option] : [DEPENDENCY, proto.dependency.lastIndexOf(name)])
}
