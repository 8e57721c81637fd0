import type {
  DescEnum,
  DescExtension,
  DescField,
  DescFile,
  DescMessage,
  DescOneof,
  DescService,
} from "@bufbuild/protobuf"
import { embedFileDesc, pathInFileDesc, scalarTypeScriptType } from "@bufbuild/protobuf/codegenv2"
import { nestedTypes } from "@bufbuild/protobuf/reflect"
import { isWrapperDesc } from "@bufbuild/protobuf/wkt"
import { docText, isDeprecated } from "./comments.js"
import { printEnumShape } from "./enums.js"
import { fileHead } from "./file-head.js"
import { JsonTypes } from "./json-types.js"
import { modulePath } from "./module-path.js"
import { isJsonStruct, type ModuleLayout, numericKeys } from "./modules.js"
import { namesOf, propertyKey } from "./names.js"
import type { GenerateOptions } from "./options.js"
import { Printer } from "./printer.js"

const PROTOBUF = "@bufbuild/protobuf"
const CODEGEN = "@bufbuild/protobuf/codegenv2"

/** What `x_pb.ts` is: the types of messages and enums, and their schemas, as protoc-gen-es writes them. */
export function generateMessages(file: DescFile, layout: ModuleLayout, options: GenerateOptions): string {
  return new MessagesFile(file, layout, options).generate()
}

class MessagesFile {
  readonly #file: DescFile
  readonly #layout: ModuleLayout
  readonly #printer: Printer
  readonly #fileSchema: string
  readonly #json: JsonTypes | undefined

  constructor(file: DescFile, layout: ModuleLayout, options: GenerateOptions) {
    this.#file = file
    this.#layout = layout
    this.#printer = new Printer(modulePath(file, "pb"), layout.extension, ";")
    this.#fileSchema = namesOf(file).schema(file)
    this.#json = options.jsonTypes ? new JsonTypes(file, layout, this.#printer) : undefined
  }

  generate(): string {
    const names = namesOf(this.#file)
    this.#printer.declare(this.#fileSchema)
    for (const desc of nestedTypes(this.#file)) {
      this.#printer.declare(names.schema(desc))
      if (desc.kind !== "message" && desc.kind !== "enum") continue
      this.#printer.declare(names.shape(desc))
      if (this.#json !== undefined) this.#printer.declare(names.json(desc))
    }
    this.#printFile()
    for (const desc of nestedTypes(this.#file)) {
      if (desc.kind === "message") this.#printMessage(desc)
      else if (desc.kind === "enum") this.#printEnum(desc)
      else if (desc.kind === "extension") this.#printExtension(desc)
      else this.#printService(desc)
    }
    return this.#printer.toString(fileHead(this.#file))
  }

  #printFile(): void {
    const type = this.#printer.type("GenFile", CODEGEN)
    const call = this.#printer.value("fileDesc", CODEGEN)
    const embedded = JSON.stringify(embedFileDesc(this.#file.proto).base64())
    const dependencies = this.#file.dependencies.map((file) => this.#schema(file))
    this.#printDescription(this.#file)
    this.#printer.line(`export const ${this.#fileSchema}: ${type} = /*@__PURE__*/`)
    this.#printer.line(`  ${call}(${embedded}${dependencies.length > 0 ? `, [${dependencies.join(", ")}]` : ""});`)
    this.#printer.line()
  }

  /** The comment of a schema: what it describes, and what it is for. */
  #printDescription(desc: DescFile | DescMessage | DescEnum): void {
    const lines = [`Describes the ${desc}.`]
    if (desc.kind === "message")
      lines.push(`Use \`create(${namesOf(this.#file).schema(desc)})\` to create a new message.`)
    if (isDeprecated(desc)) lines.push("@deprecated")
    this.#printer.docComment(lines.join("\n"))
  }

  #printSchema(desc: DescMessage | DescEnum | DescExtension | DescService, type: string, hydrate: string): void {
    const path = pathInFileDesc(desc).join(", ")
    const call = this.#printer.value(hydrate, CODEGEN)
    this.#printer.line(`export const ${namesOf(this.#file).schema(desc)}: ${type} = /*@__PURE__*/`)
    this.#printer.line(`  ${call}(${this.#fileSchema}, ${path});`)
    this.#printer.line()
  }

  #printMessage(message: DescMessage): void {
    const shape = namesOf(this.#file).shape(message)
    const base = this.#printer.type("Message", PROTOBUF)
    this.#printer.docComment(docText(message))
    this.#printer.block(
      `export type ${shape} = ${base}<${JSON.stringify(message.typeName)}> & {`,
      () => {
        for (const [i, member] of message.members.entries()) {
          if (i > 0) this.#printer.line()
          if (member.kind === "oneof") this.#printOneof(member)
          else this.#printField(member)
        }
      },
      "};",
    )
    this.#printer.line()
    this.#json?.printMessage(message)
    this.#printDescription(message)
    const types = this.#json === undefined ? shape : `${shape}, {jsonType: ${this.#json.name(message)}}`
    this.#printSchema(message, `${this.#printer.type("GenMessage", CODEGEN)}<${types}>`, "messageDesc")
  }

  #printField(field: DescField): void {
    const optional = field.fieldKind === "message" || (field.fieldKind !== "list" && field.proto.proto3Optional)
    this.#printer.docComment(docText(field))
    const type = this.#fieldType(field)
    this.#printer.line(
      `${propertyKey(field.localName)}${optional ? "?" : ""}: ${type}${optional ? " | undefined" : ""};`,
    )
  }

  #printOneof(oneof: DescOneof): void {
    this.#printer.docComment(docText(oneof))
    this.#printer.line(`${propertyKey(oneof.localName)}: {`)
    for (const [i, field] of oneof.fields.entries()) {
      if (i > 0) this.#printer.line("} | {")
      this.#printer.indented(() => {
        this.#printer.docComment(docText(field))
        this.#printer.line(`value: ${this.#fieldType(field)};`)
        this.#printer.line(`case: ${JSON.stringify(field.localName)};`)
      })
    }
    this.#printer.line("} | { case: undefined; value?: undefined };")
  }

  #printEnum(desc: DescEnum): void {
    const shape = namesOf(this.#file).shape(desc)
    printEnumShape(desc, shape, this.#layout.enums, this.#printer)
    this.#json?.printEnum(desc)
    this.#printDescription(desc)
    const types = this.#json === undefined ? shape : `${shape}, ${this.#json.name(desc)}`
    this.#printSchema(desc, `${this.#printer.type("GenEnum", CODEGEN)}<${types}>`, "enumDesc")
  }

  #printExtension(extension: DescExtension): void {
    const type = this.#printer.type("GenExtension", CODEGEN)
    const extendee = this.#shape(extension.extendee)
    this.#printer.docComment(docText(extension))
    this.#printSchema(extension, `${type}<${extendee}, ${this.#fieldType(extension)}>`, "extDesc")
  }

  #printService(service: DescService): void {
    this.#printer.docComment(docText(service))
    const type = this.#printer.type("GenService", CODEGEN)
    const call = this.#printer.value("serviceDesc", CODEGEN)
    this.#printer.block(
      `export const ${namesOf(this.#file).schema(service)}: ${type}<{`,
      () => {
        // Of two that differ only in how they are capitalised, the descriptor has the later one by name.
        for (const method of new Map(service.methods.map((each) => [each.localName, each])).values()) {
          this.#printer.docComment(docText(method))
          this.#printer.block(
            `${propertyKey(method.localName)}: {`,
            () => {
              this.#printer.line(`methodKind: ${JSON.stringify(method.methodKind)};`)
              this.#printer.line(`input: typeof ${this.#schemaType(method.input)};`)
              this.#printer.line(`output: typeof ${this.#schemaType(method.output)};`)
            },
            "},",
          )
        }
      },
      "}> = /*@__PURE__*/",
    )
    this.#printer.line(`  ${call}(${this.#fileSchema}, ${pathInFileDesc(service).join(", ")});`)
    this.#printer.line()
  }

  #fieldType(field: DescField | DescExtension): string {
    switch (field.fieldKind) {
      case "list":
        return `${this.#elementType(field)}[]`
      case "map":
        return `{ [key: ${numericKeys.has(field.mapKey) ? "number" : "string"}]: ${this.#elementType(field)} }`
      default:
        return this.#elementType(field)
    }
  }

  #elementType(field: DescField | DescExtension): string {
    if (field.enum !== undefined) return this.#shape(field.enum)
    if (field.message !== undefined) return this.#messageType(field, field.message)
    return scalarTypeScriptType(field.scalar!, "longAsString" in field && field.longAsString)
  }

  /** Two well-known types have a shape of their own in fields: wrappers are plain values, Struct is a JSON object. */
  #messageType(field: DescField | DescExtension, message: DescMessage): string {
    if (field.fieldKind === "message" && field.oneof === undefined && isWrapperDesc(message)) {
      return scalarTypeScriptType(message.fields[0]!.scalar, false)
    }
    if (isJsonStruct(field)) return this.#printer.type("JsonObject", PROTOBUF)
    return this.#shape(message)
  }

  #shape(desc: DescMessage | DescEnum): string {
    const name = namesOf(desc.file).shape(desc)
    return desc.file === this.#file ? name : this.#printer.type(name, this.#layout.types(desc.file))
  }

  #schema(desc: DescFile): string {
    return this.#printer.value(namesOf(desc).schema(desc), this.#layout.types(desc))
  }

  #schemaType(desc: DescMessage): string {
    const name = namesOf(desc.file).schema(desc)
    return desc.file === this.#file ? name : this.#printer.type(name, this.#layout.types(desc.file))
  }
}
