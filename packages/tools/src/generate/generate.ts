import type { DescFile } from "@bufbuild/protobuf"
import { checkNames } from "./check-names.js"
import { generateCodecs } from "./codecs.js"
import { generateMessages } from "./messages.js"
import { moduleLayout, wellKnownFiles } from "./modules.js"
import { generateServices } from "./services.js"

/** A file to write: a path below the output folder, with forward slashes, and its text. */
export interface GeneratedFile {
  readonly path: string
  readonly text: string
}

/**
 * Generates TypeScript for .proto files and for all that they import: `x_pb.ts`, `x_codec.ts`, and `x_grpc.ts` where
 * there are services. The well-known types are left out, as packages have them, unless they are asked for themselves.
 * @throws TypeError when a descriptor has a name that no .proto file could have
 */
export function generate(files: readonly DescFile[]): GeneratedFile[] {
  const wanted = withImports(files)
  const layout = moduleLayout(wanted)
  const generated: GeneratedFile[] = []
  for (const file of wanted) {
    checkNames(file)
    generated.push({ path: `${file.name}_pb.ts`, text: generateMessages(file, layout) })
    generated.push({ path: `${file.name}_codec.ts`, text: generateCodecs(file, layout) })
    if (file.services.length > 0) generated.push({ path: `${file.name}_grpc.ts`, text: generateServices(file, layout) })
  }
  return generated
}

function withImports(files: readonly DescFile[]): Set<DescFile> {
  const wanted = new Set<DescFile>(files)
  // A set that grows while it is walked is walked to its end.
  for (const file of wanted) {
    for (const dependency of file.dependencies) if (!wellKnownFiles.has(dependency.proto.name)) wanted.add(dependency)
  }
  return wanted
}
