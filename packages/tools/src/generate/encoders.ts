import { type DescField, type DescMessage, type DescOneof, ScalarType } from "@bufbuild/protobuf"
import { isWrapperDesc } from "@bufbuild/protobuf/wkt"
import type { CodecScope } from "./codec-scope.js"
import { isDelimited } from "./features.js"
import { isJsonStruct } from "./modules.js"
import { type LocalNames, member } from "./names.js"
import { hasPrototype, isImplicit, isRequired, zeroValue } from "./presence.js"
import type { Printer } from "./printer.js"
import { END_GROUP, LENGTH_DELIMITED, START_GROUP, scalarOf, scalars, tagText } from "./scalars.js"

type SingularField = DescField & { fieldKind: "scalar" | "enum" | "message" }

/** Prints the functions that write messages: fields in the order of their numbers, as protobuf-es writes them. */
export class EncoderWriter {
  readonly #scope: CodecScope
  readonly #printer: Printer

  constructor(scope: CodecScope) {
    this.#scope = scope
    this.#printer = scope.printer
  }

  print(message: DescMessage): void {
    const { encode } = this.#scope.codecNames(message)
    const init = this.#scope.initType(message)
    const locals = this.#scope.locals()
    this.#printer.block(
      `export function ${encode}(message: ${init}, sink: ${this.#scope.sinkType()}, position: number): number {`,
      () => {
        const typeName = JSON.stringify(message.typeName)
        this.#printer.line(
          `if (message?.$typeName !== ${typeName}) ${this.#scope.wire("checkMessage")}(message, ${typeName})`,
        )
        this.#printFields(message, locals)
        this.#printer.line("const unknown = (message as { $unknown?: ", this.#scope.unknownType(), "[] }).$unknown")
        this.#printer.line(
          `return unknown === undefined ? position : ${this.#scope.wire("writeUnknown")}(sink, position, unknown)`,
        )
      },
    )
    this.#printer.line()
  }

  #printFields(message: DescMessage, locals: LocalNames): void {
    const fields = [...message.fields].sort((a, b) => a.number - b.number)
    const oneofs = new Map<DescOneof, string>()
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!
      if (field.oneof !== undefined) {
        // Neighbours of one oneof share a switch; those that other fields part are asked for where their number stands.
        const neighbours = [field as SingularField]
        while (fields[i + 1]?.oneof === field.oneof) neighbours.push(fields[++i] as SingularField)
        this.#printOneof(field.oneof, neighbours, oneofs, locals)
        continue
      }
      const local = locals.choose(field.localName)
      this.#printer.line(`const ${local} = ${this.#memberValue(field.localName)}`)
      if (field.fieldKind === "list") this.#printList(field, local)
      else if (field.fieldKind === "map") this.#printMap(field, local)
      else this.#printSingular(message, field, local)
    }
  }

  /** A member of the message; one that every object inherits (`hasOwnProperty`) only if the message has its own. */
  #memberValue(localName: string): string {
    const value = member("message", localName)
    if (!(localName in Object.prototype)) return value
    return `${this.#scope.wire("isSet")}(message, ${JSON.stringify(localName)}) ? ${value} : undefined`
  }

  #printOneof(
    oneof: DescOneof,
    fields: readonly SingularField[],
    declared: Map<DescOneof, string>,
    locals: LocalNames,
  ): void {
    let local = declared.get(oneof)
    if (local === undefined) {
      local = locals.choose(oneof.localName)
      declared.set(oneof, local)
      this.#printer.line(`const ${local} = ${this.#memberValue(oneof.localName)}`)
    }
    const value = `${local}.value`
    this.#printer.block(`switch (${local}?.case) {`, () => {
      for (const field of fields) {
        this.#printer.block(`case ${JSON.stringify(field.localName)}: {`, () => {
          if (field.fieldKind === "message") this.#printMessage(field, value)
          else this.#printer.line(this.#scalarStatement(field, value))
          this.#printer.line("break")
        })
      }
    })
  }

  #printSingular(message: DescMessage, field: SingularField, local: string): void {
    const condition = this.#presenceCondition(message, field, local)
    if (field.fieldKind === "message") {
      this.#printer.line(`if (${condition}) {`)
      this.#printer.indented(() => {
        if (isWrapperDesc(field.message)) this.#printWrapper(field, local)
        else this.#printMessage(field, local)
      })
      this.#printer.line("}")
    } else this.#printer.line(`if (${condition}) ${this.#scalarStatement(field, local)}`)
    if (isRequired(field)) this.#printer.line(`else ${this.#scope.wire("missing")}(${label(field)})`)
  }

  #presenceCondition(message: DescMessage, field: SingularField, local: string): string {
    const isThere = `${local} != null`
    if (field.fieldKind === "message") return isThere
    if (isImplicit(field)) return `${isThere} && ${this.#differsFromZero(field, local)}`
    if (!hasPrototype(message)) return isThere
    return `${isThere} && ${this.#scope.wire("isSet")}(message, ${JSON.stringify(field.localName)})`
  }

  #differsFromZero(field: DescField & { fieldKind: "scalar" | "enum" }, local: string): string {
    if (field.fieldKind === "enum") return `${local} !== ${field.enum.values[0]!.number}`
    switch (scalars[field.scalar].type) {
      case "Uint8Array":
        return `${local}.length !== 0`
      case "bigint":
        return field.longAsString ? `${local} !== "0"` : `${local} != 0n`
      case "number":
        // Minus zero is a value of its own in floats.
        return field.scalar === ScalarType.FLOAT || field.scalar === ScalarType.DOUBLE
          ? `!Object.is(${local}, 0)`
          : `${local} !== 0`
      default:
        return `${local} !== ${zeroValue(field, () => "")}`
    }
  }

  #scalarStatement(field: DescField, value: string): string {
    const { name, wireType } = scalars[scalarOf(field)]
    const write = this.#scope.wire(`write${name}`)
    return `position = ${write}(sink, position, ${tagText(field.number, wireType)}, ${value}, ${label(field)})`
  }

  /** Prints what writes a message field with its tag and length, or between its group tags. */
  #printMessage(field: DescField, value: string): void {
    const encode = this.#messageEncoder(field)
    if (isDelimited(field)) {
      const writeTag = this.#scope.wire("writeTag")
      this.#printer.line(`position = ${writeTag}(sink, position, ${tagText(field.number, START_GROUP)})`)
      this.#printer.line(`position = ${encode}(${value}, sink, position)`)
      this.#printer.line(`position = ${writeTag}(sink, position, ${tagText(field.number, END_GROUP)})`)
      return
    }
    this.#printLengthDelimited(field.number, (start) => `${encode}(${value}, sink, ${start})`)
  }

  /** What writes a field's messages, or the objects that stand for them. */
  #messageEncoder(field: DescField): string {
    return isJsonStruct(field) ? this.#scope.jsonStruct("encodeJsonStruct") : this.#scope.encoder(field.message!)
  }

  #printWrapper(field: SingularField & { fieldKind: "message" }, value: string): void {
    const inner = field.message.fields[0] as DescField & { fieldKind: "scalar" }
    const { name, wireType } = scalars[inner.scalar]
    const write = this.#scope.wire(`write${name}`)
    this.#printLengthDelimited(
      field.number,
      (start) =>
        `${this.#differsFromZero(inner, value)} ? ${write}(sink, ${start}, ${tagText(1, wireType)}, ${value}, ${label(field)}) : ${start}`,
    )
  }

  #printLengthDelimited(number: number, content: (start: string) => string): void {
    const begin = this.#scope.wire("beginLength")
    const end = this.#scope.wire("endLength")
    this.#printer.line(`const start = ${begin}(sink, position, ${tagText(number, LENGTH_DELIMITED)})`)
    this.#printer.line(`position = ${end}(sink, start, ${content("start")})`)
  }

  #printList(field: DescField & { fieldKind: "list" }, local: string): void {
    if (field.packed) {
      const write = this.#scope.wire(`writePacked${scalars[scalarOf(field)].name}`)
      const tag = tagText(field.number, LENGTH_DELIMITED)
      this.#printer.line(`if (${local} != null) position = ${write}(sink, position, ${tag}, ${local}, ${label(field)})`)
      return
    }
    this.#printer.block(`if (${local} != null) {`, () => {
      this.#printer.line(`${this.#scope.wire("checkList")}(${local}, ${label(field)})`)
      if (field.listKind === "message") {
        this.#printer.block(`for (const value of ${local}) {`, () => this.#printMessage(field, "value"))
      } else this.#printer.line(`for (const value of ${local}) ${this.#scalarStatement(field, "value")}`)
    })
  }

  #printMap(field: DescField & { fieldKind: "map" }, local: string): void {
    this.#printer.block(`if (${local} != null) {`, () => {
      this.#printer.line(`${this.#scope.wire("checkMap")}(${local}, ${label(field)})`)
      this.#printer.block(`for (const key of Object.keys(${local})) {`, () => {
        const begin = this.#scope.wire("beginLength")
        const end = this.#scope.wire("endLength")
        this.#printer.line(`const entry = ${begin}(sink, position, ${tagText(field.number, LENGTH_DELIMITED)})`)
        this.#printMapKey(field)
        this.#printMapValue(field, isNumeric(field.mapKey) ? `${local}[key as unknown as number]!` : `${local}[key]!`)
        this.#printer.line(`position = ${end}(sink, entry, position)`)
      })
    })
  }

  #printMapKey(field: DescField & { fieldKind: "map" }): void {
    const { name, wireType } = scalars[field.mapKey]
    const convert = keyConverters[field.mapKey]
    const key = convert === undefined ? "key" : `${this.#scope.wire(convert)}(key, ${label(field)})`
    const write = this.#scope.wire(`write${name}`)
    this.#printer.line(`position = ${write}(sink, entry, ${tagText(1, wireType)}, ${key}, ${label(field)})`)
  }

  #printMapValue(field: DescField & { fieldKind: "map" }, value: string): void {
    if (field.mapKind === "message") {
      const encode = this.#messageEncoder(field)
      this.#printLengthDelimited(2, (start) => `${encode}(${value}, sink, ${start})`)
      return
    }
    const { name, wireType } = scalars[scalarOf(field)]
    const write = this.#scope.wire(`write${name}`)
    this.#printer.line(`position = ${write}(sink, position, ${tagText(2, wireType)}, ${value}, ${label(field)})`)
  }
}

/** A field as errors name it. */
function label(field: DescField): string {
  return JSON.stringify(`${field.parent.typeName}.${field.name}`)
}

function isNumeric(scalar: ScalarType): boolean {
  return scalars[scalar].type === "number"
}

/** What turns a property's name into a key. */
const keyConverters: Readonly<Partial<Record<ScalarType, string>>> = {
  [ScalarType.BOOL]: "keyToBool",
  [ScalarType.INT32]: "keyToInt32",
  [ScalarType.SINT32]: "keyToInt32",
  [ScalarType.SFIXED32]: "keyToInt32",
  [ScalarType.UINT32]: "keyToUint32",
  [ScalarType.FIXED32]: "keyToUint32",
  [ScalarType.INT64]: "keyToInt64",
  [ScalarType.SINT64]: "keyToInt64",
  [ScalarType.SFIXED64]: "keyToInt64",
  [ScalarType.UINT64]: "keyToUint64",
  [ScalarType.FIXED64]: "keyToUint64",
}
