import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf"
import type { CodecScope } from "./codec-scope.js"
import { checksUtf8, closedEnumOf } from "./features.js"
import { zeroOf } from "./presence.js"
import type { Printer } from "./printer.js"
import { LENGTH_DELIMITED, scalarOf, scalars, tagText } from "./scalars.js"
import type { ValueReaderWriter } from "./value-readers.js"

/** Prints the functions that read the entries of maps. */
export class MapReaderWriter {
  readonly #scope: CodecScope
  readonly #printer: Printer
  readonly #values: ValueReaderWriter

  constructor(scope: CodecScope, values: ValueReaderWriter) {
    this.#scope = scope
    this.#printer = scope.printer
    this.#values = values
  }

  /** Prints the function that reads one entry of a map: a message of key and value, either of which may be left out. */
  print(message: DescMessage, field: DescField & { fieldKind: "map" }): void {
    const type = `${this.#scope.shape(message)}[${JSON.stringify(field.localName)}]`
    const closed = closedEnumOf(field)
    const result = closed === undefined ? "void" : "boolean"
    const head = `function ${mapReader(this.#scope, message, field)}(reader: ${this.#scope.readerType()}, stop: number, map: ${type}): ${result} {`
    this.#printer.block(head, () => {
      const noBytes = (): string => this.#scope.wire("NO_BYTES")
      this.#printer.line("const bytes = reader.bytes")
      this.#printer.line("let position = reader.position")
      this.#printer.line(`let key = ${zeroOf(field.mapKey, false, noBytes)}`)
      if (field.mapKind === "message") this.#printer.line(`let value: ${type}[${keyIndex(field)}] | undefined`)
      else {
        const zero = field.mapKind === "enum" ? `${field.enum.values[0]!.number}` : zeroOf(field.scalar, false, noBytes)
        const isCast = this.#scope.enumValue(field, "value") !== "value"
        this.#printer.line(`let value: ${isCast ? "number" : `${type}[${keyIndex(field)}]`} = ${zero}`)
      }
      this.#printer.block("while (position < stop) {", () => {
        this.#values.printTag()
        this.#printer.block("switch (tag) {", () => this.#printEntryCases(field))
        this.#printer.line(`position = ${this.#scope.wire("skipField")}(reader, tag, position)`)
      })
      this.#printer.line(`if (position !== stop) throw ${this.#scope.wire("truncated")}()`)
      const value =
        field.mapKind === "message"
          ? `value ?? ${this.#values.emptyMessage(field)}`
          : this.#scope.enumValue(field, "value")
      if (closed !== undefined) {
        this.#printer.line(`if (!${this.#scope.knownValues(closed).name}.has(value)) return false`)
      }
      if (field.mapKey === ScalarType.STRING) this.#printer.line(`${this.#scope.wire("setEntry")}(map, key, ${value})`)
      else this.#printer.line(`map[${scalars[field.mapKey].type === "number" ? "key" : "String(key)"}] = ${value}`)
      if (closed !== undefined) this.#printer.line("return true")
    })
    this.#printer.line()
  }

  #printEntryCases(field: DescField & { fieldKind: "map" }): void {
    this.#printer.block(`case ${tagText(1, scalars[field.mapKey].wireType)}: {`, () => {
      if (field.mapKey === ScalarType.STRING && checksUtf8(field)) {
        this.#printer.line(`key = ${this.#scope.wire("readKey")}(reader, position)`)
        this.#printer.line("position = reader.position")
      } else this.#values.printScalar(field.mapKey, "key", undefined, "", field)
      this.#printer.line("continue")
    })
    if (field.mapKind !== "message") {
      const scalar = scalarOf(field)
      this.#printer.block(`case ${tagText(2, scalars[scalar].wireType)}: {`, () => {
        this.#values.printScalar(scalar, "value", undefined, "", field)
        this.#printer.line("continue")
      })
      return
    }
    this.#printer.block(`case ${tagText(2, LENGTH_DELIMITED)}: {`, () => {
      this.#printer.line(`const end = ${this.#scope.wire("readLength")}(reader, position, stop)`)
      this.#printer.line(`value = ${this.#values.messageValue(field, "value")}`)
      this.#printer.line("position = end")
      this.#printer.line("continue")
    })
  }
}

/** The name of the function that reads the entries of this map. */
export function mapReader(scope: CodecScope, message: DescMessage, field: DescField): string {
  const { read } = scope.codecNames(message)
  return scope.extra(`${read}_${field.localName}`)
}

/** The index type of a map's TypeScript type. */
function keyIndex(field: DescField & { fieldKind: "map" }): "number" | "string" {
  return scalars[field.mapKey].type === "number" ? "number" : "string"
}
