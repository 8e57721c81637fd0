import type { DescEnum, DescField, DescMessage, DescOneof } from "@bufbuild/protobuf"
import type { CodecScope } from "./codec-scope.js"
import { closedEnumOf, isDelimited } from "./features.js"
import { mapReader } from "./map-readers.js"
import type { Printer } from "./printer.js"
import { LENGTH_DELIMITED, START_GROUP, scalarOf, scalars, tagText } from "./scalars.js"
import type { ValueReaderWriter } from "./value-readers.js"

/** Prints the cases of a reader's `switch (tag)`: each reads what a field has sent into the local that collects it. */
export class FieldCaseWriter {
  readonly #scope: CodecScope
  readonly #printer: Printer
  readonly #values: ValueReaderWriter

  constructor(scope: CodecScope, values: ValueReaderWriter) {
    this.#scope = scope
    this.#printer = scope.printer
    this.#values = values
  }

  /** @param localOf the local that a field, or its oneof, is collected in */
  print(message: DescMessage, localOf: (member: DescField | DescOneof) => string): void {
    for (const field of message.fields) {
      const local = localOf(field.oneof ?? field)
      if (field.fieldKind === "list") this.#printListCases(field, local)
      else if (field.fieldKind === "map") this.#printMapCase(message, field, local)
      else if (field.fieldKind === "message") this.#printMessageCase(field, local)
      else this.#printScalarCase(field, local)
    }
  }

  #printCase(field: DescField, wireType: number, body: () => void): void {
    this.#printer.line(`case ${tagText(field.number, wireType)}: { // ${field.name}`)
    this.#printer.indented(() => {
      body()
      this.#printer.line("continue")
    })
    this.#printer.line("}")
  }

  #printScalarCase(field: DescField & { fieldKind: "scalar" | "enum" }, local: string): void {
    const scalar = scalarOf(field)
    this.#printCase(field, scalars[scalar].wireType, () => {
      const closed = closedEnumOf(field)
      const read = this.#scope.enumValue(field, "value")
      if (field.oneof === undefined && closed === undefined && read === "value") {
        this.#values.printScalar(scalar, local, field)
        return
      }
      this.#values.printScalar(scalar, "value", field, "let ")
      const choice = read === "value" ? read : `value: ${read}`
      const found = field.oneof === undefined ? read : `{ case: ${JSON.stringify(field.localName)}, ${choice} }`
      this.#printKnown(closed, field, `${local} = ${found}`)
    })
  }

  /** Prints what is done with `value`: of a closed enum, only if that has it (protobuf.dev, "Enum Behavior"). */
  #printKnown(closed: DescEnum | undefined, field: DescField, statement: string): void {
    if (closed === undefined) {
      this.#printer.line(statement)
      return
    }
    this.#printer.line(`if (${this.#scope.knownValues(closed).name}.has(value)) ${statement}`)
    this.#printer.line(`else unknown = ${this.#scope.wire("keepUnknownEnum")}(value, ${field.number}, unknown)`)
  }

  #printMessageCase(field: DescField & { fieldKind: "message" }, local: string): void {
    this.#printBounded(field, () => {
      const earlier =
        field.oneof === undefined
          ? local
          : `${local}?.case === ${JSON.stringify(field.localName)} ? ${local}.value : undefined`
      const value = this.#values.messageValue(field, earlier)
      const found = field.oneof === undefined ? value : `{ case: ${JSON.stringify(field.localName)}, value: ${value} }`
      this.#printer.line(`${local} = ${found}`)
    })
  }

  /** A case whose body reads from `reader.position` to `end`: behind a length, or inside a group. */
  #printBounded(field: DescField, body: () => void): void {
    if (isDelimited(field)) {
      const tag = tagText(field.number, START_GROUP)
      this.#printCase(field, START_GROUP, () => {
        this.#printer.line(`const end = ${this.#scope.wire("findGroupEnd")}(reader, ${tag}, position)`)
        this.#printer.line("const next = reader.position")
        this.#printer.line("reader.position = position")
        body()
        this.#printer.line("position = next")
      })
      return
    }
    this.#printCase(field, LENGTH_DELIMITED, () => {
      this.#printer.line(`const end = ${this.#scope.wire("readLength")}(reader, position, stop)`)
      body()
      this.#printer.line("position = end")
    })
  }

  #printListCases(field: DescField & { fieldKind: "list" }, local: string): void {
    if (field.listKind === "message") {
      this.#printBounded(field, () => this.#printer.line(`${local}.push(${this.#values.messageValue(field, "")})`))
      return
    }
    const scalar = scalarOf(field)
    const { name, wireType } = scalars[scalar]
    const packable = wireType !== LENGTH_DELIMITED
    const closed = closedEnumOf(field)
    // Readers take packed and unpacked values both, whatever the field says (the encoding guide, "Packed Repeated Fields").
    const cases = [
      () =>
        this.#printCase(field, wireType, () => {
          this.#values.printScalar(scalar, "value", field, "let ")
          this.#printKnown(closed, field, `${local}.push(${this.#scope.enumValue(field, "value")})`)
        }),
    ]
    if (packable) {
      const read = `readPacked${name}`
      const asString = field.listKind === "scalar" && field.longAsString
      const packed = (): void =>
        this.#printBounded(field, () => {
          if (closed !== undefined) {
            const known = this.#scope.knownValues(closed).name
            const call = `${this.#scope.wire("readPackedEnum")}(reader, end, ${local}, ${known}, ${field.number}, unknown)`
            this.#printer.line(`unknown = ${call}`)
          } else if (asString) {
            this.#printer.line(
              `for (const value of ${this.#scope.wire(read)}(reader, end, [])) ${local}.push(String(value))`,
            )
          } else {
            const values = `${this.#scope.wire(read)}(reader, end, ${local})`
            this.#printer.line(`${local} = ${this.#scope.enumValue(field, values, "[]")}`)
          }
        })
      if (field.packed) cases.unshift(packed)
      else cases.push(packed)
    }
    for (const print of cases) print()
  }

  #printMapCase(message: DescMessage, field: DescField, local: string): void {
    const read = `${mapReader(this.#scope, message, field)}(reader, end, ${local})`
    this.#printBounded(field, () => {
      if (closedEnumOf(field) === undefined) {
        this.#printer.line(read)
        return
      }
      // An entry whose value its closed enum does not have is kept as a whole.
      const tag = tagText(field.number, LENGTH_DELIMITED)
      this.#printer.line(
        `if (!${read}) unknown = ${this.#scope.wire("keepUnknown")}(reader, ${tag}, position, unknown)`,
      )
    })
  }

  /** Closed enums take only the values they declare; what else comes is kept as an unknown field. */
  printKnownValues(message: DescMessage): void {
    for (const field of message.fields) {
      const closed = closedEnumOf(field)
      if (closed === undefined) continue
      const { name, isNew } = this.#scope.knownValues(closed)
      if (!isNew) continue
      const values = [...new Set(closed.values.map(({ number }) => number))].join(", ")
      this.#printer.line(`const ${name}: ReadonlySet<number> = new Set([${values}])`)
      this.#printer.line()
    }
  }
}
