import type { DescExtension, DescField, DescFile } from "@bufbuild/protobuf"

/** Which generated files there are, and hence where imports lead. */
export interface ModuleLayout {
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

/** The layout of a user's code: well-known types come from packages, unless they are among the files to generate. */
export function moduleLayout(generated: ReadonlySet<DescFile>): ModuleLayout {
  const isBundled = (file: DescFile): boolean => wellKnownFiles.has(file.proto.name) && !generated.has(file)
  return {
    types: (file) => (isBundled(file) ? "@bufbuild/protobuf/wkt" : modulePath(file, "pb")),
    // One module each: all of them together would cost a program that needs one its milliseconds at every start.
    codecs: (file) =>
      isBundled(file)
        ? `@farcall/protobuf/wkt/${file.name.slice("google/protobuf/".length)}`
        : modulePath(file, "codec"),
    wire: "@farcall/protobuf/wire",
    jsonStruct: "@farcall/protobuf/wkt/json-struct",
    codecTypes: "@farcall/protobuf",
  }
}

/** The layout of `@farcall/protobuf` itself, which has the codecs of the well-known types in `src/gen`. */
export const wellKnownLayout: ModuleLayout = {
  types: () => "@bufbuild/protobuf/wkt",
  codecs: (file) => modulePath(file, "codec"),
  wire: "./../wire/index.js",
  jsonStruct: "./../json-struct.js",
  codecTypes: "./../codec.js",
}

/** A generated module below the output folder, as an import sees it: `./helloworld/greeter_pb.js`. */
export function modulePath(file: DescFile, suffix: "pb" | "codec" | "grpc"): string {
  return `./${file.name}_${suffix}.js`
}

/** Files that protoc brings along and whose types `@bufbuild/protobuf/wkt` exports. */
export const wellKnownFiles: ReadonlySet<string> = new Set(
  `any api cpp_features descriptor duration empty field_mask go_features java_features source_context struct timestamp
  type wrappers compiler/plugin`
    .split(/\s+/)
    .map((name) => `google/protobuf/${name}.proto`),
)

/** Struct is a JsonObject wherever a field has it, except in Value, which is a part of Struct. */
export function isJsonStruct(field: DescField | DescExtension): boolean {
  return field.message?.typeName === "google.protobuf.Struct" && field.parent?.typeName !== "google.protobuf.Value"
}
