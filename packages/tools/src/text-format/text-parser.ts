import { FieldDescriptorProto_Type as Type } from "@bufbuild/protobuf/wkt"
import { bytesToByteString, isUtf8 } from "../compile/byte-string.js"
import { didYouMean } from "../compile/did-you-mean.js"
import { type DynamicField, DynamicMessage, type DynamicValue } from "../compile/dynamic-message.js"
import { findEnumValue, suggestEnumValue } from "../compile/enum-value.js"
import {
  checksUtf8,
  isClosed,
  isDelimited,
  isMessageField,
  isRepeated,
  oneofIndexOf,
} from "../compile/field-features.js"
import { INT32, INTEGER_RANGES } from "../compile/integer-ranges.js"
import { floatValue, integerValue } from "../compile/literal.js"
import type { EnumSymbol, MessageSymbol } from "../compile/symbols.js"
import { toBinary } from "../compile/write-dynamic.js"
import { missingFields } from "./missing-fields.js"
import { skipField } from "./skip-field.js"
import { TextCursor } from "./text-cursor.js"
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
  const cursor = new TextCursor(tokens)
  cursor.expect("{")
  return checkRequired(new TextReader(cursor, types).message(type, "}"))
}

/** Reads a message without braces, up to the end; the last token is the one that says so. */
export function parseTokens(tokens: readonly TextToken[], type: MessageSymbol, types: TextFormatTypes): DynamicMessage {
  return checkRequired(new TextReader(new TextCursor(tokens), types).message(type, "end"))
}

function checkRequired(message: DynamicMessage): DynamicMessage {
  const missing = missingFields(message, "")
  if (missing.length > 0) throw new TextFormatError(`Message missing required fields: ${missing.join(", ")}`)
  return message
}

class TextReader {
  private readonly cursor: TextCursor
  private readonly types: TextFormatTypes

  constructor(cursor: TextCursor, types: TextFormatTypes) {
    this.cursor = cursor
    this.types = types
  }

  /** The fields of a message, up to what closes it. */
  message(type: MessageSymbol, close: "}" | ">" | "end"): DynamicMessage {
    this.cursor.enter()
    const message = new DynamicMessage(type)
    while (close === "end" ? !this.cursor.atEnd : !this.cursor.accept(close)) {
      if (this.cursor.atEnd) this.cursor.fail(`Expected "${close}", found "".`)
      if (this.cursor.accept("[")) this.bracketed(message)
      else this.regular(message)
      if (!this.cursor.accept(",")) this.cursor.accept(";")
    }
    this.cursor.leave()
    return message
  }

  private regular(message: DynamicMessage): void {
    const at = this.cursor.token
    const name = this.cursor.identifier()
    const field = this.types.field(message.type, name) ?? this.group(message.type, name)
    if (field) {
      this.values(message, field, name)
    } else if (message.type.node.reservedName.includes(name)) {
      skipField(this.cursor)
    } else {
      const names = message.type.node.field.map((other) => other.name)
      this.cursor.fail(`Message type "${message.type.name}" has no field named "${name}".`, {
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

  /** `[extension.name]: …` or `[domain/type.name] { … }`. */
  private bracketed(message: DynamicMessage): void {
    const { name, typeName } = this.cursor.bracketedName()
    if (message.type.name === "google.protobuf.Any") {
      if (typeName === name) this.cursor.fail("Type URL prefix is missing")
      this.any(message, name, typeName)
      return
    }
    if (typeName !== name) this.cursor.fail('Extension name contains "/"')
    const field = this.types.extension(message.type, name)
    if (!field) {
      this.cursor.fail(`Extension "${name}" is not defined or is not an extension of "${message.type.name}".`)
    }
    this.values(message, field, name)
  }

  /** A google.protobuf.Any by the message in it. */
  private any(message: DynamicMessage, typeUrl: string, typeName: string): void {
    const urlField = this.types.field(message.type, "type_url")
    const valueField = this.types.field(message.type, "value")
    const type = this.types.messageInAny(typeUrl, typeName)
    if (!type || !urlField || !valueField) {
      this.cursor.fail(`Could not find type "${typeUrl}" stored in google.protobuf.Any.`)
    }
    this.cursor.accept(":")
    const value = this.braced(type)
    if (message.has(urlField) || message.has(valueField)) {
      this.cursor.fail("Non-repeated Any specified multiple times.")
    }
    message.add(urlField, typeUrl)
    // What is for readers of the source stays: protoc does not look into an Any's bytes.
    message.add(valueField, bytesToByteString(toBinary(value)))
  }

  private values(message: DynamicMessage, field: DynamicField, name: string): void {
    this.checkNotSet(message, field, name)
    // Before a message the colon may be left out.
    if (!this.cursor.accept(":") && !isMessageField(field.proto)) {
      this.cursor.fail(`Expected ":", found "${this.cursor.found}".`)
    }
    if (isRepeated(field.proto) && this.cursor.accept("[")) {
      for (let isFirst = true; !this.cursor.accept("]"); isFirst = false) {
        if (!isFirst) this.cursor.expect(",")
        message.add(field, this.value(field))
      }
    } else {
      message.add(field, this.value(field))
    }
  }

  private checkNotSet(message: DynamicMessage, field: DynamicField, name: string): void {
    if (isRepeated(field.proto)) return
    if (message.has(field)) this.cursor.fail(`Non-repeated field "${name}" is specified multiple times.`)
    const oneof = field.proto.extendee === "" ? oneofIndexOf(field.proto) : undefined
    const other = oneof === undefined ? undefined : message.memberOf(oneof)
    if (!other || oneof === undefined) return
    const oneofName = message.type.node.oneofDecl[oneof]?.name
    this.cursor.fail(
      `Field "${name}" is specified along with field "${other.proto.name}", another member of oneof "${oneofName}".`,
    )
  }

  private value(field: DynamicField): DynamicValue {
    if (isMessageField(field.proto)) return this.braced(this.types.messageOf(field))
    return this.scalar(field)
  }

  private braced(type: MessageSymbol): DynamicMessage {
    if (this.cursor.accept("<")) return this.message(type, ">")
    this.cursor.expect("{")
    return this.message(type, "}")
  }

  private scalar(field: DynamicField): DynamicValue {
    const { type } = field.proto
    if (type === Type.STRING) return this.text(field)
    if (type === Type.BYTES) return this.cursor.string()
    if (type === Type.BOOL) return this.boolean(field)
    const range = INTEGER_RANGES.get(type)
    const isNegative = range?.min !== 0n && this.cursor.accept("-")
    if (range) return this.cursor.integer(isNegative, range.min, range.max)
    if (type === Type.ENUM) return this.enumValue(field, isNegative)
    return isNegative ? -this.number() : this.number()
  }

  private text({ proto, file }: DynamicField): string {
    const at = this.cursor.token
    const value = this.cursor.string()
    if (checksUtf8(proto, file) && !isUtf8(value)) {
      this.cursor.fail(`String field "${proto.name}" contains invalid UTF-8.`, { at })
    }
    return value
  }

  private boolean(field: DynamicField): boolean {
    const { kind, text } = this.cursor.token
    if (kind === "integer") return this.cursor.integer(false, 0n, 1n) === 1n
    const name = this.cursor.identifier()
    if (name === "true" || name === "True" || name === "t") return true
    if (name === "false" || name === "False" || name === "f") return false
    this.cursor.fail(`Invalid value for boolean field "${field.proto.name}". Value: "${text}".`)
  }

  private number(): number {
    const { kind, text } = this.cursor.token
    let value: number | undefined
    if (kind === "integer") {
      if (text.length > 1 && text.startsWith("0")) this.cursor.fail(`Expect a decimal number, got: ${text}`)
      value = Number(integerValue(text))
    }
    if (kind === "float") value = floatValue(text)
    else if (/^inf(inity)?$/i.test(text)) value = Number.POSITIVE_INFINITY
    else if (/^nan$/i.test(text)) value = Number.NaN
    if (value === undefined) this.cursor.fail(`Expected double, got: ${this.cursor.found}`)
    this.cursor.advance()
    return value
  }

  private enumValue(field: DynamicField, isNegative: boolean): number {
    const { kind, text } = this.cursor.token
    if (kind === "identifier" && !isNegative) {
      const { node } = this.types.enumOf(field)
      const number = findEnumValue(node, text)
      if (number === undefined) {
        this.cursor.fail(`Unknown enumeration value of "${text}" for field "${field.proto.name}".`, {
          hint: () => suggestEnumValue(node, text),
        })
      }
      this.cursor.advance()
      return number
    }
    if (kind !== "integer") this.cursor.fail(`Expected integer or identifier, got: ${this.cursor.found}`)
    const number = Number(this.cursor.integer(isNegative, INT32.min, INT32.max))
    const { node, file } = this.types.enumOf(field)
    if (isClosed(node, file) && !node.value.some((value) => value.number === number)) {
      const written = isNegative ? `-${text}` : text
      this.cursor.fail(`Unknown enumeration value of "${written}" for field "${field.proto.name}".`)
    }
    return number
  }
}
