import type { DescEnum, DescExtension, DescField, DescFile, DescMessage, ScalarType } from "@bufbuild/protobuf"
import { scalarJsonType } from "@bufbuild/protobuf/codegenv2"
import { isWrapperDesc } from "@bufbuild/protobuf/wkt"
import { docText } from "./comments.js"
import { type ModuleLayout, numericKeys } from "./modules.js"
import { namesOf, propertyKey } from "./names.js"
import type { Printer } from "./printer.js"

const PROTOBUF = "@bufbuild/protobuf"

/** Prints the types of messages and enums as protobuf's JSON has them: what `toJson` returns and `fromJson` takes. */
export class JsonTypes {
  readonly #file: DescFile
  readonly #layout: ModuleLayout
  readonly #printer: Printer

  constructor(file: DescFile, layout: ModuleLayout, printer: Printer) {
    this.#file = file
    this.#layout = layout
    this.#printer = printer
  }

  /** The type's name, imported where another file has it. */
  name(desc: DescMessage | DescEnum): string {
    const name = namesOf(desc.file).json(desc)
    return desc.file === this.#file ? name : this.#printer.type(name, this.#layout.types(desc.file))
  }

  printEnum(desc: DescEnum): void {
    const names = desc.values.map((value) => JSON.stringify(value.name))
    this.#printType(desc, desc.typeName === "google.protobuf.NullValue" ? "null" : names.join(" | "))
  }

  printMessage(message: DescMessage): void {
    const type = this.#wellKnownType(message)
    if (type !== undefined) this.#printType(message, type)
    else this.#printObject(message)
  }

  #printObject(message: DescMessage): void {
    this.#printer.docComment(docText(message))
    this.#printer.block(
      `export type ${this.name(message)} = {`,
      () => {
        for (const [i, field] of message.fields.entries()) {
          if (i > 0) this.#printer.line()
          this.#printer.docComment(docText(field))
          this.#printer.line(`${propertyKey(field.jsonName)}?: ${this.#fieldType(field)};`)
        }
      },
      "};",
    )
    this.#printer.line()
  }

  #printType(desc: DescMessage | DescEnum, type: string): void {
    this.#printer.docComment(docText(desc))
    this.#printer.line(`export type ${this.name(desc)} = ${type};`)
    this.#printer.line()
  }

  /** Some messages are no JSON object of their fields (https://protobuf.dev/programming-guides/json/). */
  #wellKnownType(message: DescMessage): string | undefined {
    switch (message.typeName) {
      case "google.protobuf.Any":
        return '{\n  "@type"?: string;\n}'
      case "google.protobuf.Timestamp":
      case "google.protobuf.Duration":
      case "google.protobuf.FieldMask":
        return "string"
      case "google.protobuf.Struct":
        return this.#printer.type("JsonObject", PROTOBUF)
      case "google.protobuf.Value":
        return this.#printer.type("JsonValue", PROTOBUF)
      case "google.protobuf.ListValue":
        return `${this.#printer.type("JsonValue", PROTOBUF)}[]`
      case "google.protobuf.Empty":
        return "Record<string, never>"
      default:
        return isWrapperDesc(message) ? this.#fieldType(message.fields[0]) : undefined
    }
  }

  #fieldType(field: DescField): string {
    const element = this.#elementType(field)
    if (field.fieldKind === "list") return element.includes("|") ? `(${element})[]` : `${element}[]`
    if (field.fieldKind !== "map") return element
    return `{ [key: ${numericKeys.has(field.mapKey) ? "number" : "string"}]: ${element} }`
  }

  #elementType(field: DescField | DescExtension): string {
    const type = field.enum ?? field.message
    return type === undefined ? scalarJsonType(field.scalar as ScalarType) : this.name(type)
  }
}
