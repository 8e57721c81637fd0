import type { DescField, DescMessage, DescOneof } from "@bufbuild/protobuf"
import type { CodecScope } from "./codec-scope.js"
import { FieldCaseWriter } from "./field-cases.js"
import { MapReaderWriter } from "./map-readers.js"
import { literalKey, member } from "./names.js"
import { hasPrototype, isImplicit, zeroValue } from "./presence.js"
import type { Printer } from "./printer.js"
import { ValueReaderWriter } from "./value-readers.js"

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
  readonly #cases: FieldCaseWriter
  readonly #maps: MapReaderWriter

  constructor(scope: CodecScope) {
    this.#scope = scope
    this.#printer = scope.printer
    this.#values = new ValueReaderWriter(scope)
    this.#cases = new FieldCaseWriter(scope, this.#values)
    this.#maps = new MapReaderWriter(scope, this.#values)
  }

  print(message: DescMessage): void {
    const locals = this.#scope.locals()
    const members = message.members.map((member) => this.#collect(member, locals.choose(member.localName)))
    this.#cases.printKnownValues(message)
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
          if (message.fields.length > 0) {
            const locals = new Map(members.map(({ member, local }) => [member, local]))
            this.#printer.block("switch (tag) {", () => this.#cases.print(message, (member) => locals.get(member)!))
          }
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
