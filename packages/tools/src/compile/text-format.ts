import { type DescriptorProto, FieldDescriptorProto_Type as Type } from "@bufbuild/protobuf/wkt"
import { bytesToByteString } from "./byte-string.js"
import { didYouMean, type Hint } from "./did-you-mean.js"
import { type DynamicField, DynamicMessage, type DynamicValue, findEnumValue } from "./dynamic-message.js"
import { isClosed, isDelimited, isMessageField, isRepeated, isRequired, oneofIndexOf } from "./field-features.js"
import { floatValue, integerValue, stringValue } from "./literal.js"
import { INTEGER_RANGES } from "./option-value.js"
import type { AggregateToken } from "./parsed-file.js"
import type { EnumSymbol, MessageSymbol } from "./symbols.js"

/** What text format cannot know from the text alone. */
export interface TextFormatTypes {
  field(message: MessageSymbol, name: string): DynamicField | undefined
  /** An extension, by a name as it is written within the message. */
  extension(message: MessageSymbol, name: string): DynamicField | undefined
  messageOf(field: DynamicField): MessageSymbol
  enumOf(field: DynamicField): EnumSymbol
  /** The message of an Any, by its full name. */
  message(name: string): MessageSymbol | undefined
}

/** What is wrong with a text, in the words of C++'s TextFormat. */
export class TextFormatError extends Error {
  readonly hint: Hint | undefined

  constructor(message: string, hint?: Hint) {
    super(message)
    this.hint = hint
  }
}

/** Reads a message between braces in text format (protobuf.dev, "Text Format Language Specification"). */
export function parseTextFormat(
  tokens: readonly AggregateToken[],
  type: MessageSymbol,
  types: TextFormatTypes,
): DynamicMessage {
  const reader = new TextReader(tokens, types)
  reader.expect("{")
  const message = reader.message(type, "}")
  const missing = missingFields(message, "")
  if (missing.length > 0) {
    throw new TextFormatError(`Message missing required fields: ${missing.join(", ")}`)
  }
  return message
}

function requiredFields({ node, file }: MessageSymbol): readonly string[] {
  let names = requiredByMessage.get(node)
  if (!names) {
    names = node.field.filter((field) => isRequired(field, file)).map(({ name }) => name)
    requiredByMessage.set(node, names)
  }
  return names
}

const requiredByMessage = new WeakMap<DescriptorProto, readonly string[]>()

/** The required fields that are not set, by their way from the message. */
export function missingFields(message: DynamicMessage, prefix: string): string[] {
  const missing = requiredFields(message.type)
    .filter((name) => !message.fieldNamed(name))
    .map((name) => prefix + name)
  for (const { field, values } of message.sortedEntries()) {
    const name = field.proto.extendee === "" ? field.proto.name : `(${field.name})`
    for (const [i, value] of values.entries()) {
      if (!(value instanceof DynamicMessage)) continue
      const index = isRepeated(field.proto) ? `[${i}]` : ""
      missing.push(...missingFields(value, `${prefix}${name}${index}.`))
    }
  }
  return missing
}

/** Messages in messages that can be read back: protobuf's readers go no deeper. */
export const MAX_DEPTH = 100

/** What may stand in the name of an extension or the URL of a type, beside identifiers. */
const NAME_SYMBOLS: ReadonlySet<string> = new Set([".", "/", "-"])

/** The only hosts whose types protoc knows. */
const ANY_PREFIX = /^type\.(googleapis|googleprod)\.com\/[^/]*$/

const END: AggregateToken = { kind: "end", text: "" }

class TextReader {
  private readonly tokens: readonly AggregateToken[]
  private readonly types: TextFormatTypes
  private index = 0
  private depth = 0

  constructor(tokens: readonly AggregateToken[], types: TextFormatTypes) {
    this.tokens = tokens
    this.types = types
  }

  private get token(): AggregateToken {
    return this.tokens[this.index] ?? END
  }

  private accept(text: string): boolean {
    if (this.token.text !== text) return false
    this.index++
    return true
  }

  expect(text: string): void {
    if (!this.accept(text)) throw new TextFormatError(`Expected "${text}", found "${this.found}".`)
  }

  /** The current token as errors show it: the closing brace is no part of the text that C++ is given. */
  private get found(): string {
    return this.index >= this.tokens.length - 1 ? "" : this.token.text
  }

  private identifier(): string {
    const { kind, text } = this.token
    if (kind !== "identifier") throw new TextFormatError(`Expected identifier, got: ${this.found}`)
    this.index++
    return text
  }

  message(type: MessageSymbol, close: "}" | ">"): DynamicMessage {
    if (++this.depth > MAX_DEPTH) {
      throw new TextFormatError(
        `Message is too deep, the parser exceeded the configured recursion limit of ${MAX_DEPTH}.`,
      )
    }
    const message = new DynamicMessage(type)
    while (!this.accept(close)) {
      if (this.token === END) throw new TextFormatError(`Expected "${close}", found "".`)
      if (this.accept("[")) this.bracketed(message)
      else this.regular(message)
      if (!this.accept(",")) this.accept(";")
    }
    this.depth--
    return message
  }

  private regular(message: DynamicMessage): void {
    const name = this.identifier()
    const field = this.types.field(message.type, name) ?? this.group(message.type, name)
    if (field) {
      this.values(message, field, name)
    } else if (message.type.node.reservedName.includes(name)) {
      this.skipValue()
    } else {
      throw new TextFormatError(`Message type "${message.type.name}" has no field named "${name}".`, () =>
        didYouMean(
          name,
          message.type.node.field.map((other) => other.name),
        ),
      )
    }
  }

  /** A group goes by the name of its message as well. */
  private group(type: MessageSymbol, name: string): DynamicField | undefined {
    const field = this.types.field(type, name.toLowerCase())
    const isGroup = field && isDelimited(field.proto, field.file) && field.proto.typeName === `.${type.name}.${name}`
    return isGroup ? field : undefined
  }

  /** Moves over the value of a field that there was once. */
  private skipValue(depth: number = 1): void {
    if (depth > MAX_DEPTH) {
      throw new TextFormatError(
        `Message is too deep, the parser exceeded the configured recursion limit of ${MAX_DEPTH}.`,
      )
    }
    this.accept(":")
    if (this.accept("[")) {
      while (!this.accept("]")) {
        this.skipValue(depth + 1)
        if (!this.accept(",") && this.token.text !== "]")
          throw new TextFormatError(`Expected ",", found "${this.found}".`)
      }
      return
    }
    const close = this.accept("{") ? "}" : this.accept("<") ? ">" : undefined
    if (close) {
      while (!this.accept(close)) {
        if (this.token === END) throw new TextFormatError(`Expected "${close}", found "".`)
        this.index++
      }
      return
    }
    this.accept("-")
    if (this.token.kind === "string") this.string()
    else if (this.token.kind === "symbol" || this.token === END) {
      throw new TextFormatError(`Cannot skip field value, unexpected token: ${this.found}`)
    } else this.index++
  }

  /** `[extension.name]: …` or `[domain/type.name] { … }`. */
  private bracketed(message: DynamicMessage): void {
    let name = ""
    while (this.token.kind === "identifier" || NAME_SYMBOLS.has(this.token.text)) {
      name += this.token.text
      this.index++
    }
    const typeName = name.slice(name.lastIndexOf("/") + 1)
    this.expect("]")
    if (typeName.split(".").includes("")) throw new TextFormatError(`Invalid identifier in type name, got: ""`)
    if (message.type.name === "google.protobuf.Any") {
      if (typeName === name) throw new TextFormatError("Type URL prefix is missing")
      this.any(message, name, typeName)
      return
    }
    if (typeName !== name) throw new TextFormatError('Extension name contains "/"')
    const field = this.types.extension(message.type, name)
    if (!field) {
      throw new TextFormatError(`Extension "${name}" is not defined or is not an extension of "${message.type.name}".`)
    }
    this.values(message, field, name)
  }

  /** A google.protobuf.Any by the message in it. */
  private any(message: DynamicMessage, typeUrl: string, typeName: string): void {
    const urlField = this.types.field(message.type, "type_url")
    const valueField = this.types.field(message.type, "value")
    const type = ANY_PREFIX.test(typeUrl) ? this.types.message(typeName) : undefined
    if (!type || !urlField || !valueField) {
      throw new TextFormatError(`Could not find type "${typeUrl}" stored in google.protobuf.Any.`)
    }
    this.accept(":")
    const value = this.braced(type)
    if (message.has(urlField) || message.has(valueField)) {
      throw new TextFormatError("Non-repeated Any specified multiple times.")
    }
    message.add(urlField, typeUrl)
    message.add(valueField, bytesToByteString(value.toBinary()))
  }

  private values(message: DynamicMessage, field: DynamicField, name: string): void {
    this.checkNotSet(message, field, name)
    // Before a message the colon may be left out.
    if (!this.accept(":") && !isMessageField(field.proto)) {
      throw new TextFormatError(`Expected ":", found "${this.found}".`)
    }
    if (isRepeated(field.proto) && this.accept("[")) {
      for (let isFirst = true; !this.accept("]"); isFirst = false) {
        if (!isFirst) this.expect(",")
        message.add(field, this.value(field))
      }
    } else {
      message.add(field, this.value(field))
    }
  }

  private checkNotSet(message: DynamicMessage, field: DynamicField, name: string): void {
    if (isRepeated(field.proto)) return
    if (message.has(field)) throw new TextFormatError(`Non-repeated field "${name}" is specified multiple times.`)
    const oneof = field.proto.extendee === "" ? oneofIndexOf(field.proto) : undefined
    const other = oneof === undefined ? undefined : message.memberOf(oneof)
    if (!other || oneof === undefined) return
    const oneofName = message.type.node.oneofDecl[oneof]?.name
    throw new TextFormatError(
      `Field "${name}" is specified along with field "${other.proto.name}", another member of oneof "${oneofName}".`,
    )
  }

  private value(field: DynamicField): DynamicValue {
    if (isMessageField(field.proto)) return this.braced(this.types.messageOf(field))
    return this.scalar(field)
  }

  private braced(type: MessageSymbol): DynamicMessage {
    if (this.accept("<")) return this.message(type, ">")
    this.expect("{")
    return this.message(type, "}")
  }

  private scalar(field: DynamicField): DynamicValue {
    const { type } = field.proto
    if (type === Type.STRING || type === Type.BYTES) return this.string()
    if (type === Type.BOOL) return this.boolean(field)
    const isNegative = this.accept("-")
    const range = INTEGER_RANGES.get(type)
    if (range) return this.integer(isNegative, range.min, range.max)
    if (type === Type.ENUM) return this.enumValue(field, isNegative)
    return isNegative ? -this.number() : this.number()
  }

  private string(): string {
    if (this.token.kind !== "string") throw new TextFormatError(`Expected string, got: ${this.found}`)
    let value = ""
    for (; this.token.kind === "string"; this.index++) value += stringValue(this.token.text)
    return value
  }

  private boolean(field: DynamicField): boolean {
    const { kind, text } = this.token
    if (kind === "integer") return this.integer(false, 0n, 1n) === 1n
    const name = this.identifier()
    if (name === "true" || name === "True" || name === "t") return true
    if (name === "false" || name === "False" || name === "f") return false
    throw new TextFormatError(`Invalid value for boolean field "${field.proto.name}". Value: "${text}".`)
  }

  private integer(isNegative: boolean, min: bigint, max: bigint): bigint {
    const { kind, text } = this.token
    if (kind !== "integer") throw new TextFormatError(`Expected integer, got: ${this.found}`)
    const value = isNegative ? -integerValue(text) : integerValue(text)
    if (value < min || value > max) throw new TextFormatError(`Integer out of range (${text})`)
    this.index++
    return value
  }

  private number(): number {
    const { kind, text } = this.token
    let value: number | undefined
    if (kind === "integer") value = Number(integerValue(text))
    else if (kind === "float") value = floatValue(text)
    else if (/^inf(inity)?$/i.test(text)) value = Number.POSITIVE_INFINITY
    else if (/^nan$/i.test(text)) value = Number.NaN
    if (value === undefined) throw new TextFormatError(`Expected double, got: ${this.found}`)
    this.index++
    return value
  }

  private enumValue(field: DynamicField, isNegative: boolean): number {
    const { kind, text } = this.token
    if (kind === "identifier" && !isNegative) {
      const { node } = this.types.enumOf(field)
      const number = findEnumValue(node, text)
      if (number === undefined) {
        throw new TextFormatError(`Unknown enumeration value of "${text}" for field "${field.proto.name}".`, () =>
          didYouMean(
            text,
            node.value.map((value) => value.name),
          ),
        )
      }
      this.index++
      return number
    }
    if (kind !== "integer") throw new TextFormatError(`Expected integer or identifier, got: ${this.found}`)
    const number = Number(this.integer(isNegative, -(2n ** 31n), 2n ** 31n - 1n))
    const { node, file } = this.types.enumOf(field)
    if (isClosed(node, file) && !node.value.some((value) => value.number === number)) {
      const written = isNegative ? `-${text}` : text
      throw new TextFormatError(`Unknown enumeration value of "${written}" for field "${field.proto.name}".`)
    }
    return number
  }
}
