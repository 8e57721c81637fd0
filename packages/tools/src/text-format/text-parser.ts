import { FieldDescriptorProto_Type as Type } from "@bufbuild/protobuf/wkt"
import { bytesToByteString, isUtf8 } from "../compile/byte-string.js"
import { didYouMean, type Hint } from "../compile/did-you-mean.js"
import { type DynamicField, DynamicMessage, type DynamicValue, findEnumValue } from "../compile/dynamic-message.js"
import {
  checksUtf8,
  isClosed,
  isDelimited,
  isMessageField,
  isRepeated,
  oneofIndexOf,
} from "../compile/field-features.js"
import { floatValue, integerValue, stringValue } from "../compile/literal.js"
import { INTEGER_RANGES } from "../compile/option-value.js"
import type { EnumSymbol, MessageSymbol } from "../compile/symbols.js"
import { missingFields } from "./missing-fields.js"
import { TextFormatError, type TextToken } from "./text-format-error.js"

/** What text format cannot know from the text alone. */
export interface TextFormatTypes {
  field(message: MessageSymbol, name: string): DynamicField | undefined
  /** An extension, by a name as it is written within the message. */
  extension(message: MessageSymbol, name: string): DynamicField | undefined
  messageOf(field: DynamicField): MessageSymbol
  enumOf(field: DynamicField): EnumSymbol
  /** The message in an Any of this type URL; `typeName` is what is behind its last slash. */
  messageInAny(typeUrl: string, typeName: string): MessageSymbol | undefined
}

/** Reads a message between braces in text format (protobuf.dev, "Text Format Language Specification"). */
export function parseAggregate(
  tokens: readonly TextToken[],
  type: MessageSymbol,
  types: TextFormatTypes,
): DynamicMessage {
  const reader = new TextReader(tokens, types)
  reader.expect("{")
  return checkRequired(reader.message(type, "}"))
}

/** Reads a message without braces, up to the end; the last token is the one that says so. */
export function parseTokens(tokens: readonly TextToken[], type: MessageSymbol, types: TextFormatTypes): DynamicMessage {
  return checkRequired(new TextReader(tokens, types).message(type, "end"))
}

function checkRequired(message: DynamicMessage): DynamicMessage {
  const missing = missingFields(message, "")
  if (missing.length > 0) throw new TextFormatError(`Message missing required fields: ${missing.join(", ")}`)
  return message
}

/** Messages in messages that can be read back: protobuf's readers go no deeper. */
export const MAX_DEPTH = 100

/** Tokens that may stand in the name of an extension or the URL of a type. */
const URL_CHARACTERS = /^[\w\-.~!$&()*+,;=%/]+$/
/** A percent sign without its two digits. */
const BAD_ESCAPE = /%(?![\da-fA-F]{2}).{0,2}/
const IDENTIFIER = /^[A-Za-z_]\w*$/

/** Words that are numbers, and may have a minus before them. */
const NEGATIVE_WORDS: ReadonlySet<string> = new Set(["inf", "infinity", "nan"])

const END: TextToken = { kind: "end", text: "" }

class TextReader {
  private readonly tokens: readonly TextToken[]
  private readonly types: TextFormatTypes
  private index = 0
  private depth = 0

  constructor(tokens: readonly TextToken[], types: TextFormatTypes) {
    this.tokens = tokens
    this.types = types
  }

  private get token(): TextToken {
    return this.tokens[this.index] ?? END
  }

  private get atEnd(): boolean {
    return this.token.kind === "end"
  }

  /** @param at the token that the mistake is in; the current one when left out */
  private fail(message: string, { at, hint }: { at?: TextToken; hint?: Hint } = {}): never {
    throw new TextFormatError(message, at ?? this.token, hint)
  }

  private accept(text: string): boolean {
    if (this.token.text !== text) return false
    this.index++
    return true
  }

  expect(text: string): void {
    if (!this.accept(text)) this.fail(`Expected "${text}", found "${this.found}".`)
  }

  /** The current token as errors show it: the closing brace is no part of the text that C++ is given. */
  private get found(): string {
    return this.index >= this.tokens.length - 1 ? "" : this.token.text
  }

  private identifier(): string {
    const { kind, text } = this.token
    if (kind !== "identifier") this.fail(`Expected identifier, got: ${this.found}`)
    this.index++
    return text
  }

  /** The fields of a message, up to what closes it. */
  message(type: MessageSymbol, close: "}" | ">" | "end"): DynamicMessage {
    this.enter()
    const message = new DynamicMessage(type)
    while (close === "end" ? !this.atEnd : !this.accept(close)) {
      if (this.atEnd) this.fail(`Expected "${close}", found "".`)
      if (this.accept("[")) this.bracketed(message)
      else this.regular(message)
      if (!this.accept(",")) this.accept(";")
    }
    this.depth--
    return message
  }

  private regular(message: DynamicMessage): void {
    const at = this.token
    const name = this.identifier()
    const field = this.types.field(message.type, name) ?? this.group(message.type, name)
    if (field) {
      this.values(message, field, name)
    } else if (message.type.node.reservedName.includes(name)) {
      this.skipField()
    } else {
      const names = message.type.node.field.map((other) => other.name)
      this.fail(`Message type "${message.type.name}" has no field named "${name}".`, {
        at,
        hint: () => didYouMean(name, names),
      })
    }
  }

  /** A group goes by the name of its message as well. */
  private group(type: MessageSymbol, name: string): DynamicField | undefined {
    const field = this.types.field(type, name.toLowerCase())
    const isGroup = field && isDelimited(field.proto, field.file) && field.proto.typeName === `.${type.name}.${name}`
    return isGroup ? field : undefined
  }

  /** Goes one level down; whoever comes up again takes it from `depth`. */
  private enter(): void {
    if (++this.depth <= MAX_DEPTH) return
    this.fail(`Message is too deep, the parser exceeded the configured recursion limit of ${MAX_DEPTH}.`)
  }

  /** Moves over what comes after the name of a field that there was once. */
  private skipField(): void {
    if (this.accept(":") && this.token.text !== "{" && this.token.text !== "<") this.skipValue()
    else this.skipMessage()
  }

  private skipMessage(): void {
    this.enter()
    const close = this.accept("<") ? ">" : "}"
    if (close === "}") this.expect("{")
    while (this.token.text !== ">" && this.token.text !== "}") {
      if (this.accept("[")) this.bracketedName()
      else this.identifier()
      this.skipField()
      if (!this.accept(";")) this.accept(",")
    }
    this.expect(close)
    this.depth--
  }

  /** A list of values, or one that is no message. */
  private skipValue(): void {
    this.enter()
    if (this.token.kind === "string") this.string()
    else if (this.accept("[")) this.skipList()
    else {
      const isNegative = this.accept("-")
      const { kind, text } = this.token
      if (kind !== "integer" && kind !== "float" && kind !== "identifier") {
        this.fail(`Cannot skip field value, unexpected token: ${this.found}`)
      }
      if (isNegative && kind === "identifier" && !NEGATIVE_WORDS.has(text.toLowerCase())) {
        this.fail(`Invalid float number: ${text.toLowerCase()}`)
      }
      this.index++
    }
    this.depth--
  }

  private skipList(): void {
    if (this.accept("]")) return
    for (;;) {
      if (this.token.text === "{" || this.token.text === "<") this.skipMessage()
      else this.skipValue()
      if (this.accept("]")) return
      this.expect(",")
    }
  }

  /** `[extension.name]: …` or `[domain/type.name] { … }`. */
  private bracketed(message: DynamicMessage): void {
    const { name, typeName } = this.bracketedName()
    if (message.type.name === "google.protobuf.Any") {
      if (typeName === name) this.fail("Type URL prefix is missing")
      this.any(message, name, typeName)
      return
    }
    if (typeName !== name) this.fail('Extension name contains "/"')
    const field = this.types.extension(message.type, name)
    if (!field) {
      this.fail(`Extension "${name}" is not defined or is not an extension of "${message.type.name}".`)
    }
    this.values(message, field, name)
  }

  /** What stands between brackets; `typeName` is what is behind the last slash. */
  private bracketedName(): { readonly name: string; readonly typeName: string } {
    let name = ""
    while (this.token.kind !== "string" && URL_CHARACTERS.test(this.token.text)) {
      name += this.token.text
      this.index++
    }
    // Between brackets C++ knows no tokens but URLs and single characters.
    if (!this.accept("]")) this.fail(`Expected "]", found "${this.found.slice(0, 1)}".`)
    const slash = name.lastIndexOf("/")
    if (slash === 0) this.fail("Type URL prefix is empty")
    if (name.startsWith("/")) this.fail('Type URL starts with "/"')
    const badEscape = BAD_ESCAPE.exec(name.slice(0, slash + 1))
    if (badEscape) this.fail(`Invalid percent encode, got: "${badEscape[0]}"`)
    const typeName = name.slice(slash + 1)
    const badPart = typeName.split(".").find((part) => !IDENTIFIER.test(part))
    if (badPart !== undefined) this.fail(`Invalid identifier in type name, got: "${badPart}"`)
    return { name, typeName }
  }

  /** A google.protobuf.Any by the message in it. */
  private any(message: DynamicMessage, typeUrl: string, typeName: string): void {
    const urlField = this.types.field(message.type, "type_url")
    const valueField = this.types.field(message.type, "value")
    const type = this.types.messageInAny(typeUrl, typeName)
    if (!type || !urlField || !valueField) {
      this.fail(`Could not find type "${typeUrl}" stored in google.protobuf.Any.`)
    }
    this.accept(":")
    const value = this.braced(type)
    if (message.has(urlField) || message.has(valueField)) {
      this.fail("Non-repeated Any specified multiple times.")
    }
    message.add(urlField, typeUrl)
    message.add(valueField, bytesToByteString(value.toBinary()))
  }

  private values(message: DynamicMessage, field: DynamicField, name: string): void {
    this.checkNotSet(message, field, name)
    // Before a message the colon may be left out.
    if (!this.accept(":") && !isMessageField(field.proto)) {
      this.fail(`Expected ":", found "${this.found}".`)
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
    if (message.has(field)) this.fail(`Non-repeated field "${name}" is specified multiple times.`)
    const oneof = field.proto.extendee === "" ? oneofIndexOf(field.proto) : undefined
    const other = oneof === undefined ? undefined : message.memberOf(oneof)
    if (!other || oneof === undefined) return
    const oneofName = message.type.node.oneofDecl[oneof]?.name
    this.fail(
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
    if (type === Type.STRING) return this.text(field)
    if (type === Type.BYTES) return this.string()
    if (type === Type.BOOL) return this.boolean(field)
    const range = INTEGER_RANGES.get(type)
    const isNegative = range?.min !== 0n && this.accept("-")
    if (range) return this.integer(isNegative, range.min, range.max)
    if (type === Type.ENUM) return this.enumValue(field, isNegative)
    return isNegative ? -this.number() : this.number()
  }

  private text({ proto, file }: DynamicField): string {
    const at = this.token
    const value = this.string()
    if (checksUtf8(proto, file) && !isUtf8(value)) {
      this.fail(`String field "${proto.name}" contains invalid UTF-8.`, { at })
    }
    return value
  }

  private string(): string {
    if (this.token.kind !== "string") this.fail(`Expected string, got: ${this.found}`)
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
    this.fail(`Invalid value for boolean field "${field.proto.name}". Value: "${text}".`)
  }

  private integer(isNegative: boolean, min: bigint, max: bigint): bigint {
    const { kind, text } = this.token
    if (kind !== "integer") this.fail(`Expected integer, got: ${this.found}`)
    const value = isNegative ? -integerValue(text) : integerValue(text)
    if (value < min || value > max) this.fail(`Integer out of range (${text})`)
    this.index++
    return value
  }

  private number(): number {
    const { kind, text } = this.token
    let value: number | undefined
    if (kind === "integer") {
      if (text.length > 1 && text.startsWith("0")) this.fail(`Expect a decimal number, got: ${text}`)
      value = Number(integerValue(text))
    }
    if (kind === "float") value = floatValue(text)
    else if (/^inf(inity)?$/i.test(text)) value = Number.POSITIVE_INFINITY
    else if (/^nan$/i.test(text)) value = Number.NaN
    if (value === undefined) this.fail(`Expected double, got: ${this.found}`)
    this.index++
    return value
  }

  private enumValue(field: DynamicField, isNegative: boolean): number {
    const { kind, text } = this.token
    if (kind === "identifier" && !isNegative) {
      const { node } = this.types.enumOf(field)
      const number = findEnumValue(node, text)
      if (number === undefined) {
        const names = node.value.map((value) => value.name)
        this.fail(`Unknown enumeration value of "${text}" for field "${field.proto.name}".`, {
          hint: () => didYouMean(text, names),
        })
      }
      this.index++
      return number
    }
    if (kind !== "integer") this.fail(`Expected integer or identifier, got: ${this.found}`)
    const number = Number(this.integer(isNegative, -(2n ** 31n), 2n ** 31n - 1n))
    const { node, file } = this.types.enumOf(field)
    if (isClosed(node, file) && !node.value.some((value) => value.number === number)) {
      const written = isNegative ? `-${text}` : text
      this.fail(`Unknown enumeration value of "${written}" for field "${field.proto.name}".`)
    }
    return number
  }
}
