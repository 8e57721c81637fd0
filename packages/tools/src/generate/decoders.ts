import { type DescEnum, type DescField, type DescMessage, type DescOneof, ScalarType } from "@bufbuild/protobuf"
import { isWrapperDesc } from "@bufbuild/protobuf/wkt"
import type { CodecScope } from "./codec-scope.js"
import { isDelimited } from "./encoders.js"
import { isJsonStruct } from "./modules.js"
import { literalKey, member } from "./names.js"
import { hasPrototype, isImplicit, zeroOf, zeroValue } from "./presence.js"
import type { Printer } from "./printer.js"
import { LENGTH_DELIMITED, START_GROUP, scalarOf, scalars, tagText } from "./scalars.js"

type Member = DescField | DescOneof

/** A member of a message, and the local that collects it while its message is read. */
interface Collected {
  readonly member: Member
  readonly local: string
  /** What the local holds before anything was read; `undefined` says that the member is absent then. */
  readonly initial: string
  /** Whether the member is no property at all of a message that was sent without it. */
  readonly optional: boolean
}

/**
 * Prints the functions that read messages. Fields are collected in locals, and the message is made at the end in one
 * literal: objects that get their properties one after another cost more.
 */
export class DecoderWriter {
  readonly #scope: CodecScope
  readonly #printer: Printer

  constructor(scope: CodecScope) {
    this.#scope = scope
    this.#printer = scope.printer
  }

  print(message: DescMessage): void {
    const locals = this.#scope.locals()
    const members = message.members.map((member) => this.#collect(member, locals.choose(member.localName)))
    this.#printKnownValues(message)
    const constructorName = hasPrototype(message) ? this.#printConstructor(message) : undefined
    this.#printReader(message, members, constructorName)
    for (const field of message.fields) if (field.fieldKind === "map") this.#printMapReader(message, field)
  }

  #collect(member: Member, local: string): Collected {
    // Where every object inherits something of the name, absence has to be said.
    const omitted = !(member.localName in Object.prototype)
    if (member.kind === "oneof" || member.fieldKind === "message") {
      return { member, local, initial: "undefined", optional: member.kind === "field" && omitted }
    }
    if (member.fieldKind === "list") return { member, local, initial: "[]", optional: false }
    if (member.fieldKind === "map") return { member, local, initial: "{}", optional: false }
    // A prototype of the message's own has its default under the name.
    if (!isImplicit(member)) {
      return { member, local, initial: "undefined", optional: omitted || hasPrototype(member.parent) }
    }
    return { member, local, initial: zeroValue(member, () => this.#scope.wire("NO_BYTES")), optional: false }
  }

  #printReader(message: DescMessage, members: readonly Collected[], constructorName: string | undefined): void {
    const { read } = this.#scope.codecNames(message)
    const shape = this.#scope.shape(message)
    const wire = (name: string): string => this.#scope.wire(name)
    this.#printer.block(
      `export function ${read}(reader: ${this.#scope.readerType()}, stop: number, previous?: ${shape}): ${shape} {`,
      () => {
        this.#printer.line(`if (--reader.depth < 0) throw ${wire("tooDeep")}(${JSON.stringify(message.typeName)})`)
        this.#printer.line("const bytes = reader.bytes")
        this.#printer.line("let position = reader.position")
        this.#printLocals(shape, members, constructorName !== undefined)
        this.#printer.block("while (position < stop) {", () => {
          this.#printTag()
          if (message.fields.length > 0) this.#printer.block("switch (tag) {", () => this.#printCases(message, members))
          this.#printer.line(`unknown = ${wire("keepUnknown")}(reader, tag, position, unknown)`)
          this.#printer.line("position = reader.position")
        })
        this.#printer.line(`if (position !== stop) throw ${wire("truncated")}()`)
        this.#printer.line("reader.depth++")
        this.#printResult(message, members, constructorName)
      },
    )
    this.#printer.line()
  }

  /** Declares the locals; when a message field comes again, they go on from what it had (the encoding guide, "Last One Wins"). */
  #printLocals(shape: string, members: readonly Collected[], prototype: boolean): void {
    for (const { member, local, initial } of members) {
      const type = `${shape}[${JSON.stringify(member.localName)}]`
      if (initial === "undefined") this.#printer.line(`let ${local}: ${type} | undefined`)
      else this.#printer.line(`let ${local}: ${type} = ${initial}`)
    }
    this.#printer.line(`let unknown: ${this.#scope.unknownType()}[] | undefined`)
    this.#printer.block("if (previous !== undefined) {", () => {
      for (const {
        member: { localName },
        local,
        optional,
        member: source,
      } of members) {
        const value = member("previous", localName)
        const inherited = prototype && optional && source.kind === "field" && source.fieldKind !== "message"
        if (inherited) {
          this.#printer.line(
            `if (${this.#scope.wire("isSet")}(previous, ${JSON.stringify(localName)})) ${local} = ${value}`,
          )
        } else this.#printer.line(`${local} = ${value}`)
      }
      this.#printer.line("unknown = previous.$unknown")
    })
  }

  #printTag(): void {
    this.#printer.line("let tag = bytes[position++]!")
    this.#printer.block("if (tag > 0x7f) {", () => {
      this.#printer.line(`tag = ${this.#scope.wire("readTag")}(reader, position - 1)`)
      this.#printer.line("position = reader.position")
    })
  }

  #printCases(message: DescMessage, members: readonly Collected[]): void {
    const locals = new Map(members.map(({ member, local }) => [member, local]))
    for (const field of message.fields) {
      const local = locals.get(field.oneof ?? field)!
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
        this.#printRead(scalar, local, field)
        return
      }
      this.#printRead(scalar, "value", field, "let ")
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

  /**
   * Prints what reads a value at `position` into `target`, and leaves `position` behind it. `stop` is the local that
   * ends what is read. Of an entry's key and value only whether their UTF-8 is checked is the map's to say (`entryOf`).
   */
  #printRead(
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
    } else if (scalar === ScalarType.BOOL) this.#printReadBool(target, declare)
    else this.#printReadVarint(scalar, target, declare)
  }

  #printReadBool(target: string, declare: "" | "let "): void {
    this.#printer.line(`${declare}${target} = bytes[position++] === 1`)
    this.#printer.block(`if (!${target} && bytes[position - 1] !== 0) {`, () => {
      this.#printer.line(`${target} = ${this.#scope.wire("readBool")}(reader, position - 1)`)
      this.#printer.line("position = reader.position")
    })
  }

  #printReadVarint(scalar: ScalarType, target: string, declare: "" | "let "): void {
    const signed = scalar === ScalarType.INT32 ? " | 0" : ""
    this.#printer.line(`${declare}${target} = bytes[position++]!`)
    this.#printer.block(`if (${target} > 0x7f) {`, () => {
      this.#printer.line(`${target} = ${this.#scope.wire("readVarint32")}(reader, position - 1)${signed}`)
      this.#printer.line("position = reader.position")
    })
    if (scalar === ScalarType.SINT32) this.#printer.line(`${target} = ${this.#scope.wire("unzigzag")}(${target})`)
  }

  #printMessageCase(field: DescField & { fieldKind: "message" }, local: string): void {
    this.#printBounded(field, () => {
      const earlier =
        field.oneof === undefined
          ? local
          : `${local}?.case === ${JSON.stringify(field.localName)} ? ${local}.value : undefined`
      const value = this.#messageValue(field, earlier)
      const found = field.oneof === undefined ? value : `{ case: ${JSON.stringify(field.localName)}, value: ${value} }`
      this.#printer.line(`${local} = ${found}`)
    })
  }

  /** The expression that reads a message up to `end`, merging into what was read earlier. */
  #messageValue(field: DescField, earlier: string): string {
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
      this.#printBounded(field, () => this.#printer.line(`${local}.push(${this.#messageValue(field, "")})`))
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
          this.#printRead(scalar, "value", field, "let ")
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

  #mapReader(message: DescMessage, field: DescField): string {
    const { read } = this.#scope.codecNames(message)
    return this.#scope.extra(`${read}_${field.localName}`)
  }

  #printMapCase(message: DescMessage, field: DescField, local: string): void {
    const read = `${this.#mapReader(message, field)}(reader, end, ${local})`
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

  /** Prints the function that reads one entry of a map: a message of key and value, either of which may be left out. */
  #printMapReader(message: DescMessage, field: DescField & { fieldKind: "map" }): void {
    const type = `${this.#scope.shape(message)}[${JSON.stringify(field.localName)}]`
    const closed = closedEnumOf(field)
    const result = closed === undefined ? "void" : "boolean"
    const head = `function ${this.#mapReader(message, field)}(reader: ${this.#scope.readerType()}, stop: number, map: ${type}): ${result} {`
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
        this.#printTag()
        this.#printer.block("switch (tag) {", () => this.#printEntryCases(field))
        this.#printer.line(`position = ${this.#scope.wire("skipField")}(reader, tag, position)`)
      })
      this.#printer.line(`if (position !== stop) throw ${this.#scope.wire("truncated")}()`)
      const value =
        field.mapKind === "message" ? `value ?? ${this.#emptyMessage(field)}` : this.#scope.enumValue(field, "value")
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
      } else this.#printRead(field.mapKey, "key", undefined, "", field)
      this.#printer.line("continue")
    })
    if (field.mapKind !== "message") {
      const scalar = scalarOf(field)
      this.#printer.block(`case ${tagText(2, scalars[scalar].wireType)}: {`, () => {
        this.#printRead(scalar, "value", undefined, "", field)
        this.#printer.line("continue")
      })
      return
    }
    this.#printer.block(`case ${tagText(2, LENGTH_DELIMITED)}: {`, () => {
      this.#printer.line(`const end = ${this.#scope.wire("readLength")}(reader, position, stop)`)
      this.#printer.line(`value = ${this.#messageValue(field, "value")}`)
      this.#printer.line("position = end")
      this.#printer.line("continue")
    })
  }

  /** A map entry without a value has an empty message: read from no bytes at all. */
  #emptyMessage(field: DescField): string {
    if (isJsonStruct(field)) return "{}"
    return `${this.#scope.decoder(field.message!)}(reader, reader.position)`
  }

  /** Closed enums take only the values they declare; what else comes is kept as an unknown field. */
  #printKnownValues(message: DescMessage): void {
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

  #printConstructor(message: DescMessage): string {
    const shape = this.#scope.shape(message)
    const name = this.#scope.extra(`${this.#scope.codecNames(message).codec}_Message`)
    const call = this.#scope.wire("messageClass")
    this.#printer.block(
      `const ${name}: new () => ${shape} = ${call}(${JSON.stringify(message.typeName)}, {`,
      () => {
        for (const field of message.members) {
          if (field.kind === "oneof" || (field.fieldKind !== "scalar" && field.fieldKind !== "enum")) continue
          this.#printer.line(`${literalKey(field.localName)}: ${zeroValue(field, () => this.#scope.wire("NO_BYTES"))},`)
        }
      },
      "})",
    )
    this.#printer.line()
    return name
  }

  #printResult(message: DescMessage, members: readonly Collected[], constructorName: string | undefined): void {
    const shape = this.#scope.shape(message)
    const always = members.filter(({ optional }) => !optional)
    const collectedValue = ({ member, local }: Collected): string =>
      member.kind === "oneof" ? `${local} ?? { case: undefined }` : local
    if (constructorName === undefined) {
      this.#printer.block(`const message: ${shape} = {`, () => {
        this.#printer.line(`$typeName: ${JSON.stringify(message.typeName)},`)
        for (const collected of always) {
          const key = literalKey(collected.member.localName)
          const value = collectedValue(collected)
          this.#printer.line(key === value ? `${key},` : `${key}: ${value},`)
        }
      })
    } else {
      this.#printer.line(`const message = new ${constructorName}()`)
      for (const collected of always) {
        this.#printer.line(`${member("message", collected.member.localName)} = ${collectedValue(collected)}`)
      }
    }
    for (const {
      member: { localName },
      local,
      optional,
    } of members) {
      if (optional) this.#printer.line(`if (${local} !== undefined) ${member("message", localName)} = ${local}`)
    }
    this.#printer.line("if (unknown !== undefined) message.$unknown = unknown")
    this.#printer.line("return message")
  }
}

function closedEnumOf(field: DescField): DescEnum | undefined {
  return field.enum === undefined || field.enum.open ? undefined : field.enum
}

export function checksUtf8(field: DescField): boolean {
  return !("utf8Validation" in field) || field.utf8Validation !== false
}

/** The index type of a map's TypeScript type. */
function keyIndex(field: DescField & { fieldKind: "map" }): "number" | "string" {
  return scalars[field.mapKey].type === "number" ? "number" : "string"
}
