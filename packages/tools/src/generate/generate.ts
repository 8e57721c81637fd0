import type { DescFile } from "@bufbuild/protobuf"
import { checkNames } from "./check-names.js"
import { generateCodecs } from "./codecs.js"
import { fileHead } from "./file-head.js"
import { indexFiles } from "./index-files.js"
import { generateMessages } from "./messages.js"
import { comesFromPackage, type ModuleLayout, mappedPath, moduleLayout } from "./modules.js"
import { type GenerateOptions, outputs } from "./options.js"
import { generateServices } from "./services.js"

/** A file to write: a path below the output folder, with forward slashes, and its text. */
export interface GeneratedFile {
  readonly path: string
  readonly text: string
}

/**
 * Generates TypeScript for .proto files and for all that they import: `x_pb.ts`, `x_codec.ts` where there are messages,
 * and `x_grpc.ts` where there are services. The well-known types, which packages have, are left out, unless they are
 * asked for themselves.
 * @throws UnusableName, a TypeError, when there can be no code for a name
 */
export function generate(files: readonly DescFile[], options: GenerateOptions = {}): GeneratedFile[] {
  const wanted = filesToGenerate(files, options)
  const layout = moduleLayout(wanted, options)
  const generated = [...wanted].flatMap((file) => generateFile(file, layout, options))
  if (options.index) generated.push(...indexFiles(generated, layout.extension))
  return generated
}

/** The files asked for, but for those that are mapped to packages, and behind them those that they import. */
export function filesToGenerate(files: readonly DescFile[], options: GenerateOptions = {}): Set<DescFile> {
  const wanted = new Set<DescFile>(files.filter((file) => mappedPath(file, options.map) === undefined))
  if (options.imports === false) return wanted
  // A set that grows while it is walked is walked to its end.
  for (const file of wanted) {
    for (const dependency of file.dependencies) if (!comesFromPackage(dependency, options)) wanted.add(dependency)
  }
  return wanted
}

/** What comes of one .proto file. */
export function generateFile(file: DescFile, layout: ModuleLayout, options: GenerateOptions): GeneratedFile[] {
  checkNames(file)
  const { only = outputs, keepEmptyFiles = false } = options
  const generated: GeneratedFile[] = []
  if (only.includes("pb")) {
    generated.push({ path: `${file.name}_pb.ts`, text: generateMessages(file, layout, options) })
  }
  if (only.includes("codec")) {
    const path = `${file.name}_codec.ts`
    if (file.messages.length > 0) generated.push({ path, text: generateCodecs(file, layout) })
    else if (keepEmptyFiles) generated.push({ path, text: emptyModule(file) })
  }
  if (only.includes("grpc")) {
    const path = `${file.name}_grpc.ts`
    if (file.services.length > 0) generated.push({ path, text: generateServices(file, layout) })
    else if (keepEmptyFiles) generated.push({ path, text: emptyModule(file) })
  }
  return generated
}

function emptyModule(file: DescFile): string {
  return `${fileHead(file)}\n\nexport {}\n`
}
