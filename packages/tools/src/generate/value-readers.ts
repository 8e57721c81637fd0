import { type DescField, ScalarType } from "@bufbuild/protobuf"
import { isWrapperDesc } from "@bufbuild/protobuf/wkt"
import type { CodecScope } from "./codec-scope.js"
import { checksUtf8 } from "./features.js"
import { isJsonStruct } from "./modules.js"
import type { Printer } from "./printer.js"
import { scalars } from "./scalars.js"

/**
 * Prints what reads one value, in a function whose locals are `reader`, its `bytes`, the `position` in them and the
 * `stop` that ends what is read.
 */
export class ValueReaderWriter {
  readonly #scope: CodecScope
  readonly #printer: Printer

  constructor(scope: CodecScope) {
    this.#scope = scope
    this.#printer = scope.printer
  }

  /** Prints what reads the tag of the next field into a local `tag`. */
  printTag(): void {
    this.#printer.line("let tag = bytes[position++]!")
    this.#printer.block("if (tag > 0x7f) {", () => {
      this.#printer.line(`tag = ${this.#scope.wire("readTag")}(reader, position - 1)`)
      this.#printer.line("position = reader.position")
    })
  }

  /**
   * Prints what reads a value at `position` into `target`, and leaves `position` behind it. `stop` is the local that
   * ends what is read. Of an entry's key and value only whether their UTF-8 is checked is the map's to say (`entryOf`).
   */
  printScalar(
    scalar: ScalarType,
    target: string,
    field: DescField | undefined,
    declare: "" | "let " = "",
    entryOf: DescField | undefined = field,
  ): void {
    const { name, read, wireType } = scalars[scalar]
    const asString = field !== undefined && "longAsString" in field && field.longAsString
    const converted = (expression: string): string => (asString ? `String(${expression})` : expression)
    if (read === "fixed") {
      const size = wireType === 5 ? 4 : 8
      this.#printer.line(`position += ${size}`)
      this.#printer.line(`if (position > stop) throw ${this.#scope.wire("truncated")}()`)
      this.#printer.line(
        `${declare}${target} = ${converted(`${this.#scope.wire(`read${name}`)}(bytes, position - ${size})`)}`,
      )
    } else if (read === "call") {
      const lossy = scalar === ScalarType.STRING && entryOf !== undefined && !checksUtf8(entryOf)
      const call = this.#scope.wire(lossy ? "readLossyString" : `read${name}`)
      this.#printer.line(`${declare}${target} = ${converted(`${call}(reader, position)`)}`)
      this.#printer.line("position = reader.position")
    } else if (scalar === ScalarType.BOOL) this.#printBool(target, declare)
    else this.#printVarint(scalar, target, declare)
  }

  #printBool(target: string, declare: "" | "let "): void {
    this.#printer.line(`${declare}${target} = bytes[position++] === 1`)
    this.#printer.block(`if (!${target} && bytes[position - 1] !== 0) {`, () => {
      this.#printer.line(`${target} = ${this.#scope.wire("readBool")}(reader, position - 1)`)
      this.#printer.line("position = reader.position")
    })
  }

  #printVarint(scalar: ScalarType, target: string, declare: "" | "let "): void {
    const signed = scalar === ScalarType.INT32 ? " | 0" : ""
    this.#printer.line(`${declare}${target} = bytes[position++]!`)
    this.#printer.block(`if (${target} > 0x7f) {`, () => {
      this.#printer.line(`${target} = ${this.#scope.wire("readVarint32")}(reader, position - 1)${signed}`)
      this.#printer.line("position = reader.position")
    })
    if (scalar === ScalarType.SINT32) this.#printer.line(`${target} = ${this.#scope.wire("unzigzag")}(${target})`)
  }

  /** The expression that reads a message up to `end`, merging into what was read earlier. */
  messageValue(field: DescField, earlier: string): string {
    const message = field.message!
    const rest = earlier === "" ? "" : `, ${earlier}`
    if (isJsonStruct(field)) return `${this.#scope.jsonStruct("readJsonStruct")}(reader, end${rest})`
    const read = this.#scope.decoder(message)
    if (field.fieldKind === "message" && field.oneof === undefined && isWrapperDesc(message)) {
      const previous = `${this.#scope.wire("wrapped")}(${JSON.stringify(message.typeName)}, ${earlier})`
      return `${read}(reader, end, ${previous}).value`
    }
    return `${read}(reader, end${rest})`
  }

  /** A map entry without a value has an empty message: read from no bytes at all. */
  emptyMessage(field: DescField): string {
    if (isJsonStruct(field)) return "{}"
    return `${this.#scope.decoder(field.message!)}(reader, reader.position)`
  }
}
