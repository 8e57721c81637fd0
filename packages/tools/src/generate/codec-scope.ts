import type { DescEnum, DescField, DescFile, DescMessage } from "@bufbuild/protobuf"
import { nestedTypes } from "@bufbuild/protobuf/reflect"
import { modulePath } from "./module-path.js"
import type { ModuleLayout } from "./modules.js"
import { type CodecNames, identifierOf, LocalNames, namesOf } from "./names.js"
import { Printer } from "./printer.js"

/** What generated codecs use without importing it: a message of such a name is imported by another. */
const globals: readonly string[] = ["Object", "String", "Set", "ReadonlySet", "Uint8Array", "Infinity", "NaN"]

/** The names that generated codecs of one file speak of, and the printer that collects what they import. */
export class CodecScope {
  readonly printer: Printer
  readonly #file: DescFile
  readonly #layout: ModuleLayout
  readonly #initTypes: Map<DescMessage, string> = new Map()
  readonly #knownValues: Map<DescEnum, string> = new Map()
  readonly #extra: Map<string, string> = new Map()

  constructor(file: DescFile, layout: ModuleLayout) {
    this.#file = file
    this.#layout = layout
    this.printer = new Printer(modulePath(file, "codec"), layout.extension)
    for (const name of globals) this.printer.declare(name)
    for (const desc of nestedTypes(file)) {
      if (desc.kind !== "message") continue
      const { codec, encode, read } = this.codecNames(desc)
      for (const name of [codec, encode, read]) this.printer.declare(name)
    }
    for (const desc of nestedTypes(file)) {
      if (desc.kind === "message") this.#initTypes.set(desc, this.declare(`${identifierOf(desc)}Init`))
    }
  }

  codecNames(message: DescMessage): CodecNames {
    return namesOf(message.file).codec(message)
  }

  /** Declares a name of the file's own, changed until it is free. */
  declare(name: string): string {
    let free = name
    while (this.printer.isTaken(free)) free += "$"
    this.printer.declare(free)
    return free
  }

  locals(): LocalNames {
    return new LocalNames((name) => this.printer.isTaken(name))
  }

  /** A function of the runtime. */
  wire(name: string): string {
    return this.printer.value(name, this.#layout.wire)
  }

  readerType(): string {
    return this.printer.type("Reader", this.#layout.wire)
  }

  sinkType(): string {
    return this.printer.type("ByteSink", this.#layout.codecTypes)
  }

  codecType(): string {
    return this.printer.type("MessageCodec", this.#layout.codecTypes)
  }

  unknownType(): string {
    return this.printer.type("UnknownField", "@bufbuild/protobuf")
  }

  shape(message: DescMessage): string {
    return this.printer.type(namesOf(message.file).shape(message), this.#layout.types(message.file))
  }

  /** The type of what an encoder takes. */
  initType(message: DescMessage): string {
    return this.#initTypes.get(message)!
  }

  initTypeDefinition(message: DescMessage): string {
    const schema = this.printer.type(namesOf(message.file).schema(message), this.#layout.types(message.file))
    return `${this.printer.type("MessageInitShape", "@bufbuild/protobuf")}<typeof ${schema}>`
  }

  /** A number that was read for a field, or what else it is; objects as enums need to be told that it is one of theirs. */
  enumValue(field: DescField, value: string, list: "" | "[]" = ""): string {
    if (field.enum === undefined || this.#layout.enums === "enum") return value
    return `${value} as ${this.printer.type(namesOf(field.enum.file).shape(field.enum), this.#layout.types(field.enum.file))}${list}`
  }

  /** The codec of a type, of this file or another. */
  codec(message: DescMessage): string {
    return this.#fromCodecs(message, this.codecNames(message).codec)
  }

  /** The function that writes messages of a type, of this file or another. */
  encoder(message: DescMessage): string {
    return this.#fromCodecs(message, this.codecNames(message).encode)
  }

  decoder(message: DescMessage): string {
    return this.#fromCodecs(message, this.codecNames(message).read)
  }

  /** What writes or reads a field of type google.protobuf.Struct, which is a JSON object. */
  jsonStruct(name: "encodeJsonStruct" | "readJsonStruct"): string {
    return this.printer.value(name, this.#layout.jsonStruct)
  }

  /** A function of this file beside the codecs, declared on first use: what reads the entries of one map. */
  extra(name: string): string {
    let declared = this.#extra.get(name)
    if (declared === undefined) {
      declared = this.declare(name)
      this.#extra.set(name, declared)
    }
    return declared
  }

  /** The set of a closed enum's values; `isNew` when the file does not have it yet. */
  knownValues(desc: DescEnum): { name: string; isNew: boolean } {
    const known = this.#knownValues.get(desc)
    if (known !== undefined) return { name: known, isNew: false }
    const name = this.declare(`known${identifierOf(desc)}`)
    this.#knownValues.set(desc, name)
    return { name, isNew: true }
  }

  #fromCodecs(message: DescMessage, name: string): string {
    return message.file === this.#file ? name : this.printer.value(name, this.#layout.codecs(message.file))
  }
}
