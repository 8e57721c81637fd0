import { type DescExtension, type DescField, type DescFile, ScalarType } from "@bufbuild/protobuf"
import { modulePath } from "./module-path.js"
import type { EnumStyle, GenerateOptions, ImportExtension } from "./options.js"

/** Which generated files there are, hence where imports lead, and what is to be known of the modules there. */
export interface ModuleLayout {
  /** How they have their enums. */
  readonly enums: EnumStyle
  /** What imports of modules end in. */
  readonly extension: ImportExtension
  /** Where `x_pb.ts` is imported from. */
  types(file: DescFile): string
  /** Where `x_codec.ts` is imported from. */
  codecs(file: DescFile): string
  /** Where generated codecs find the functions they call. */
  readonly wire: string
  /** Where they find what writes and reads Struct as a JSON object. */
  readonly jsonStruct: string
  /** Where they find the types MessageCodec and ByteSink. */
  readonly codecTypes: string
}

/** The layout of a user's code: what is not among the files to generate may come from packages. */
export function moduleLayout(generated: ReadonlySet<DescFile>, options: GenerateOptions): ModuleLayout {
  const { importExtension = "js", map } = options
  // What is compiled into a package is JavaScript there, however the project at hand imports its own files.
  const packageEnding = importExtension === "none" ? "" : ".js"
  const elsewhere = (file: DescFile, suffix: "pb" | "codec"): string | undefined => {
    if (generated.has(file)) return undefined
    const mapped = mappedPath(file, map)
    if (mapped !== undefined) return `${mapped}_${suffix}${packageEnding}`
    if (!wellKnownFiles.has(file.proto.name)) return undefined
    // One module each: all of them together would cost a program that needs one its milliseconds at every start.
    if (suffix === "codec") return `@farcall/protobuf/wkt/${file.name.slice("google/protobuf/".length)}`
    return "@bufbuild/protobuf/wkt"
  }
  return {
    enums: options.enums ?? "enum",
    extension: importExtension,
    types: (file) => elsewhere(file, "pb") ?? modulePath(file, "pb"),
    codecs: (file) => elsewhere(file, "codec") ?? modulePath(file, "codec"),
    wire: "@farcall/protobuf/wire",
    jsonStruct: "@farcall/protobuf/wkt/json-struct",
    codecTypes: "@farcall/protobuf",
  }
}

/** The layout of `@farcall/protobuf` itself, which has the codecs of the well-known types in `src/gen`. */
export const wellKnownLayout: ModuleLayout = {
  enums: "enum",
  extension: "js",
  types: () => "@bufbuild/protobuf/wkt",
  codecs: (file) => modulePath(file, "codec"),
  wire: "./../wire/index.js",
  jsonStruct: "./../json-struct.js",
  codecTypes: "./../codec.js",
}

/** Whether a package has what would be generated for a file, so that imports alone do not make it one to generate. */
export function comesFromPackage(file: DescFile, { map }: GenerateOptions): boolean {
  return wellKnownFiles.has(file.proto.name) || mappedPath(file, map) !== undefined
}

/** Where a package has a file's modules, but for `_pb.js`: by the longest prefix of its name that is mapped. */
export function mappedPath(file: DescFile, map: GenerateOptions["map"]): string | undefined {
  let longest: string | undefined
  for (const prefix of map?.keys() ?? []) {
    if (file.proto.name.startsWith(prefix) && prefix.length > (longest?.length ?? 0)) longest = prefix
  }
  if (longest === undefined) return undefined
  const target = map!.get(longest)!
  const rest = file.name.slice(longest.length)
  return longest.endsWith("/") && !target.endsWith("/") ? `${target}/${rest}` : target + rest
}

/** Files that protoc brings along and whose types `@bufbuild/protobuf/wkt` exports. */
const wellKnownFiles: ReadonlySet<string> = new Set(
  `any api cpp_features descriptor duration empty field_mask go_features java_features source_context struct timestamp
  type wrappers compiler/plugin`
    .split(/\s+/)
    .map((name) => `google/protobuf/${name}.proto`),
)

/** Struct is a JsonObject wherever a field has it, except in Value, which is a part of Struct. */
export function isJsonStruct(field: DescField | DescExtension): boolean {
  return field.message?.typeName === "google.protobuf.Struct" && field.parent?.typeName !== "google.protobuf.Value"
}

/** Keys of maps that are numbers in JavaScript; all others are strings there. */
export const numericKeys: ReadonlySet<ScalarType> = new Set([
  ScalarType.INT32,
  ScalarType.UINT32,
  ScalarType.SINT32,
  ScalarType.FIXED32,
  ScalarType.SFIXED32,
])
