import type {
  AnyDesc,
  DescEnum,
  DescExtension,
  DescFile,
  DescMessage,
  DescMethod,
  DescService,
} from "@bufbuild/protobuf"
import { nestedTypes } from "@bufbuild/protobuf/reflect"

/** The names that one .proto file's generated code exports. */
interface FileNames {
  /** Messages and enums: the TypeScript type, `Outer_Inner`. */
  shape(desc: DescMessage | DescEnum): string
  /** The descriptor: `file_greeter`, `Outer_InnerSchema`, for services and extensions their own name. */
  schema(desc: DescFile | DescMessage | DescEnum | DescExtension | DescService): string
  /** Messages and enums: the type of their JSON, `Outer_InnerJson`. */
  json(desc: DescMessage | DescEnum): string
  /** Messages: what `x_codec.ts` exports. */
  codec(desc: DescMessage): CodecNames
}

export interface CodecNames {
  readonly codec: string
  readonly encode: string
  readonly read: string
}

/** The names of a file: the same from wherever they are asked for. */
export function namesOf(file: DescFile): FileNames {
  let names = known.get(file)
  if (names === undefined) {
    names = chooseNames(file)
    known.set(file, names)
  }
  return names
}

const known: WeakMap<DescFile, FileNames> = new WeakMap()

/** As protoc-gen-es chooses them, in this order: all types, all descriptors, all types of JSON; a name that is taken gets `$`, `$1`, … */
function chooseNames(file: DescFile): FileNames {
  const shapes = new Map<AnyDesc, string>()
  const schemas = new Map<AnyDesc, string>()
  const json = new Map<AnyDesc, string>()
  const codecs = new Map<AnyDesc, CodecNames>()
  const types = [...nestedTypes(file)]

  const taken = new Set<string>()
  for (const desc of types) {
    if (desc.kind === "message") shapes.set(desc, choose(identifierOf(desc), taken, safeType))
    else if (desc.kind === "enum") shapes.set(desc, choose(identifierOf(desc), taken, safeEnum))
  }
  schemas.set(file, choose(`file_${file.name.replace(/[^a-zA-Z0-9_]+/g, "_")}`, taken))
  for (const desc of types) {
    const isType = desc.kind === "message" || desc.kind === "enum"
    const name = isType ? `${identifierOf(desc)}Schema` : identifierOf(desc)
    schemas.set(desc, choose(name, taken, safeConstant))
  }
  for (const desc of types) {
    if (desc.kind === "message" || desc.kind === "enum") json.set(desc, choose(`${identifierOf(desc)}Json`, taken))
  }

  const takenByCodecs = new Set<string>()
  for (const desc of types) {
    if (desc.kind !== "message") continue
    const name = identifierOf(desc)
    const capital = name.charAt(0).toUpperCase() + name.slice(1)
    codecs.set(desc, {
      codec: choose(`${name}Codec`, takenByCodecs),
      encode: choose(`encode${capital}`, takenByCodecs),
      read: choose(`read${capital}`, takenByCodecs),
    })
  }
  return {
    shape: (desc) => shapes.get(desc)!,
    schema: (desc) => schemas.get(desc)!,
    json: (desc) => json.get(desc)!,
    codec: (desc) => codecs.get(desc)!,
  }
}

function choose(name: string, taken: Set<string>, safe: (name: string) => string = safeIdentifier): string {
  let choice = safe(name)
  for (let i = 0; taken.has(choice); i++) choice = safe(name + (i === 0 ? "$" : `$${i}`))
  taken.add(choice)
  return choice
}

/** The name within the package, nested names joined by an underscore: `Outer_Inner`. */
export function identifierOf(desc: DescMessage | DescEnum | DescExtension | DescService): string {
  const scope = desc.file.proto.package
  const name = scope === "" ? desc.typeName : desc.typeName.slice(scope.length + 1)
  return name.replaceAll(".", "_")
}

/** Escapes a name that TypeScript reserves, or that generated code needs for itself, as protoc-gen-es does. */
export function safeIdentifier(name: string): string {
  return reserved.has(name) ? `${name}$` : name
}

// Beyond that, names are escaped with which protoc-gen-es's output does not compile.

/** As `safeIdentifier`, for a constant: in a module nothing may be declared by these names. */
export function safeConstant(name: string): string {
  return noConstants.has(name) ? `${name}$` : safeIdentifier(name)
}

/** As `safeIdentifier`, for a type: these mean something where types stand. */
function safeType(name: string): string {
  return noTypes.has(name) ? `${name}$` : safeIdentifier(name)
}

/** As `safeIdentifier`, for an enum, which is both. */
function safeEnum(name: string): string {
  return noConstants.has(name) ? `${name}$` : safeType(name)
}

/**
 * The names by which programs call the methods of a service: protobuf-es's, and where two of a service differ only in how
 * they are capitalised, the later one gets a `$`.
 */
export function methodNames(service: DescService): Map<DescMethod, string> {
  const names = new Map<DescMethod, string>()
  const taken = new Set<string>()
  for (const method of service.methods) {
    let name = method.localName
    while (taken.has(name)) name += "$"
    taken.add(name)
    names.set(method, name)
  }
  return names
}

const noConstants: ReadonlySet<string> = new Set(["arguments", "await", "eval", "undefined"])

const noTypes: ReadonlySet<string> = new Set(
  "any as await infer keyof never readonly symbol undefined unique unknown".split(" "),
)

const reserved: ReadonlySet<string> = new Set(
  `break case catch class const continue debugger default delete do else export extends false finally for function if
  import in instanceof new null return super switch this throw true try typeof var void while with yield
  enum implements interface let package private protected public static
  Object bigint number boolean string object globalThis Uint8Array Partial`.split(/\s+/),
)

/** A property's name as it stands in a type. */
export function propertyKey(name: string): string {
  return plainIdentifier.test(name) ? name : JSON.stringify(name)
}

/** As `propertyKey`, in an object literal, where `__proto__` would set the prototype unless it is computed. */
export function literalKey(name: string): string {
  return name === "__proto__" ? '["__proto__"]' : propertyKey(name)
}

/** Access to a property. */
export function member(object: string, name: string): string {
  return plainIdentifier.test(name) ? `${object}.${name}` : `${object}[${JSON.stringify(name)}]`
}

const plainIdentifier = /^[A-Za-z_$][\w$]*$/

/** Names that generated functions have for themselves, or that mean something in every scope. */
const reservedLocals: ReadonlySet<string> = new Set(
  `message sink position reader stop previous bytes tag unknown start end value key entry list await async arguments eval
  undefined NaN Infinity Set String truncated unzigzag missing wrapped tooDeep`.split(/\s+/),
)

/** Functions that generated code imports are called so; no local may hide one. */
const looksImported = /^(encode|read|write|keep|check|begin|end|decode|skip|find|set|is|message|key)[A-Z]\w*$/

/** Chooses the names of a function's local variables: the field's own name wherever nothing else has it. */
export class LocalNames {
  readonly #taken: Set<string> = new Set()
  readonly #isDeclared: (name: string) => boolean

  /** @param isDeclared whether the file has a name of that spelling, which a local would hide */
  constructor(isDeclared: (name: string) => boolean) {
    this.#isDeclared = isDeclared
  }

  choose(name: string): string {
    let local = plainIdentifier.test(name) ? name : `$${name.replace(/[^\w$]/g, "_")}`
    while (
      this.#taken.has(local) ||
      reserved.has(local) ||
      reservedLocals.has(local) ||
      looksImported.test(local) ||
      this.#isDeclared(local)
    ) {
      local += "$"
    }
    this.#taken.add(local)
    return local
  }
}
