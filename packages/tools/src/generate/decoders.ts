import type { DescEnum, DescField, DescMessage, DescOneof } from "@bufbuild/protobuf"
import type { CodecScope } from "./codec-scope.js"
import { isDelimited } from "./encoders.js"
import { MapReaderWriter, mapReader } from "./map-readers.js"
import { literalKey, member } from "./names.js"
import { hasPrototype, isImplicit, zeroValue } from "./presence.js"
import type { Printer } from "./printer.js"
import { LENGTH_DELIMITED, START_GROUP, scalarOf, scalars, tagText } from "./scalars.js"
import { closedEnumOf, ValueReaderWriter } from "./value-readers.js"

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
  readonly #values: ValueReaderWriter
  readonly #maps: MapReaderWriter

  constructor(scope: CodecScope) {
    this.#scope = scope
    this.#printer = scope.printer
    this.#values = new ValueReaderWriter(scope)
    this.#maps = new MapReaderWriter(scope, this.#values)
  }

  print(message: DescMessage): void {
    const locals = this.#scope.locals()
    const members = message.members.map((member) => this.#collect(member, locals.choose(member.localName)))
    this.#printKnownValues(message)
    const constructorName = hasPrototype(message) ? this.#printConstructor(message) : undefined
    this.#printReader(message, members, constructorName)
    for (const field of message.fields) if (field.fieldKind === "map") this.#maps.print(message, field)
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
          this.#values.printTag()
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
