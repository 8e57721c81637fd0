import { fromBinary } from "@bufbuild/protobuf"
import { base64Decode } from "@bufbuild/protobuf/wire"
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt"
import { BUNDLED_DESCRIPTORS } from "./bundled-descriptors.js"
import { declarePrecompiled } from "./declare-precompiled.js"
import { FileFeatures, featuresInOptions } from "./features.js"
import { type SourceFile, SymbolTable } from "./symbols.js"

/** Defines the options messages: the file that custom options extend. */
export const DESCRIPTOR_PROTO = "google/protobuf/descriptor.proto"

/** The files that every compilation can import without their being anywhere: those that come with protoc. */
export function bundledFile(name: string): SourceFile | undefined {
  const known = decoded.get(name)
  if (known) return known
  const base64 = BUNDLED_DESCRIPTORS.get(name)
  if (base64 === undefined) return undefined
  const proto: FileDescriptorProto = fromBinary(FileDescriptorProtoSchema, base64Decode(base64))
  const file: SourceFile = {
    proto,
    dependencies: proto.dependency.map(bundledFile),
    optionDependencies: proto.optionDependency.map(bundledFile),
    features: new FileFeatures(proto, featuresInOptions),
    rangeOptions: new Map(),
  }
  decoded.set(name, file)
  return file
}

/** The names of all bundled files. */
export function bundledNames(): Iterable<string> {
  return BUNDLED_DESCRIPTORS.keys()
}

/** The names of descriptor.proto, for interpreting options where it is not imported. */
export function builtInSymbols(): SymbolTable {
  if (!builtIn) {
    builtIn = new SymbolTable()
    declarePrecompiled(builtIn, bundledFile(DESCRIPTOR_PROTO) as SourceFile)
  }
  return builtIn
}

const decoded = new Map<string, SourceFile>()
let builtIn: SymbolTable | undefined
