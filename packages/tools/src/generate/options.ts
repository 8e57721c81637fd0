/** The kinds of file that are made of a .proto: `x_pb.ts`, `x_codec.ts`, `x_grpc.ts`. */
export const outputs = ["pb", "codec", "grpc"] as const
/** The kinds of files that there are. */
export type Output = (typeof outputs)[number]

/** What imports of generated files end in; `none` is for bundlers that find modules by themselves. */
export const importExtensions = ["js", "ts", "none"] as const
/** What the imports between generated files end in. */
export type ImportExtension = (typeof importExtensions)[number]

/** How enums are written: as TypeScript's `enum`, or as objects, which `erasableSyntaxOnly` allows. */
export const enumStyles = ["enum", "object"] as const
/** How enums are written: as TypeScript's, or as objects. */
export type EnumStyle = (typeof enumStyles)[number]

/** What is written, and how. */
export interface GenerateOptions {
  /** Default `js`. */
  readonly importExtension?: ImportExtension | undefined
  /** Default `enum`. */
  readonly enums?: EnumStyle | undefined
  /** Types of messages as protobuf's JSON has them: `GreeterJson`. Default false. */
  readonly jsonTypes?: boolean | undefined
  /** An `index.ts` in each folder, of all that is in it. Default false. */
  readonly index?: boolean | undefined
  /** Which files to make of each .proto. Default: all that it has something for. */
  readonly only?: readonly Output[] | undefined
  /** Write `x_codec.ts` and `x_grpc.ts` even where they are empty, for build systems that want to know names ahead. */
  readonly keepEmptyFiles?: boolean | undefined
  /** Whether what files import is generated with them. Default true. */
  readonly imports?: boolean | undefined
  /**
   * Packages that have the generated code of others' .proto files, by the beginning of the files' names: with
   * `google/` → `@example/google`, nothing is generated for `google/type/money.proto`, and what uses it imports
   * `@example/google/type/money_pb.js`.
   */
  readonly map?: ReadonlyMap<string, string> | undefined
}

/** `PREFIX=PACKAGE`, as flags and plugin options say it. @throws TypeError when it is not of that form */
export function parseMapping(text: string): readonly [prefix: string, target: string] {
  const at = text.indexOf("=")
  if (at < 0) throw new TypeError(`"${text}" is not of the form PREFIX=PACKAGE, for instance google/=@example/google`)
  const mapping = [text.slice(0, at), text.slice(at + 1)] as const
  checkMapping(...mapping)
  return mapping
}

/** @throws TypeError when imports could not lead there */
export function checkMapping(prefix: string, target: string): void {
  if (prefix === "") throw new TypeError(`"${prefix}=${target}" maps no files: a prefix is missing before the "="`)
  if (!packagePath.test(target)) {
    throw new TypeError(`"${prefix}=${target}": "${target}" is not a package, nor a path in one (@example/google/gen)`)
  }
}

const packagePath = /^[@#\w][\w.@~#-]*(?:\/[\w.~@-]+)*\/?$/
