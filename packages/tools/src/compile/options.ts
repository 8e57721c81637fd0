import type { Message } from "@bufbuild/protobuf"
import { fromBinary } from "@bufbuild/protobuf"
import type { GenMessage } from "@bufbuild/protobuf/codegenv2"
import {
  type DescriptorProto,
  type DescriptorProto_ExtensionRange,
  EnumOptionsSchema,
  EnumValueOptionsSchema,
  type ExtensionRangeOptions,
  ExtensionRangeOptionsSchema,
  type FeatureSet,
  FeatureSetSchema,
  FieldOptionsSchema,
  FileOptionsSchema,
  MessageOptionsSchema,
  MethodOptionsSchema,
  OneofOptionsSchema,
  ServiceOptionsSchema,
} from "@bufbuild/protobuf/wkt"
import { messageSetItem } from "../text-format/desc-types.js"
import { missingFields } from "../text-format/missing-fields.js"
import { MAX_DEPTH } from "../text-format/text-cursor.js"
import { TextFormatError } from "../text-format/text-format-error.js"
import { parseAggregate, type TextFormatTypes } from "../text-format/text-parser.js"
import { DESCRIPTOR_PROTO } from "./bundled.js"
import type { Position } from "./diagnostics.js"
import type { Hint } from "./did-you-mean.js"
import { type DynamicField, DynamicMessage, type DynamicValue, isForSourceOnly } from "./dynamic-message.js"
import { isMessageField, isRepeated } from "./field-features.js"
import type { LinkContext } from "./link-context.js"
import { OptionValueError, scalarOption } from "./option-value.js"
import { type OptionNamePart, type OptionOwner, type OptionStatement, sets } from "./parsed-file.js"
import { suggestExtension, suggestOption } from "./suggest-name.js"
import { type EnumSymbol, enclosing, type MessageSymbol, qualified } from "./symbols.js"

/** The message type of each declaration's options. */
const OPTIONS_SCHEMAS: { readonly [name in OptionOwner["$typeName"]]: GenMessage<Message> } = {
  "google.protobuf.FileDescriptorProto": FileOptionsSchema,
  "google.protobuf.DescriptorProto": MessageOptionsSchema,
  "google.protobuf.DescriptorProto.ExtensionRange": ExtensionRangeOptionsSchema,
  "google.protobuf.FieldDescriptorProto": FieldOptionsSchema,
  "google.protobuf.OneofDescriptorProto": OneofOptionsSchema,
  "google.protobuf.EnumDescriptorProto": EnumOptionsSchema,
  "google.protobuf.EnumValueDescriptorProto": EnumValueOptionsSchema,
  "google.protobuf.ServiceDescriptorProto": ServiceOptionsSchema,
  "google.protobuf.MethodDescriptorProto": MethodOptionsSchema,
}

/** The only hosts whose types protoc knows. */
const ANY_URL = /^type\.(googleapis|googleprod)\.com\/[^/]*$/

/** A declaration that has options. */
export interface ScopedOwner {
  readonly owner: OptionOwner
  /** The full name from which the names of its options are looked up. */
  readonly scope: string
}

/**
 * Gives declarations their options: finds what each name means, checks the value against its type, and puts the
 * statement's location at the field it sets. The rules are those of protoc's OptionInterpreter (descriptor.cc).
 */
export class OptionInterpreter {
  private readonly context: LinkContext
  private readonly types: TextFormatTypes
  /** Declarations whose options are all for readers of the source. */
  private readonly emptied = new Set<OptionOwner>()
  /** Declarations with a mistake among the options that descriptor.proto defines: protoc gives them none of these. */
  private readonly failed = new Set<OptionOwner>()
  /** Where the options of a declaration stand. */
  private readonly paths = new Map<OptionOwner, readonly number[]>()

  constructor(context: LinkContext) {
    this.context = context
    this.types = {
      field: (message, name) => this.field(message, name),
      extension: (message, name) => this.extensionInText(message, name),
      messageOf: (field) => this.messageOf(field),
      enumOf: (field) => this.enumOf(field),
      messageInAny: (typeUrl, typeName) => (ANY_URL.test(typeUrl) ? this.message(typeName) : undefined),
    }
  }

  /**
   * Interprets those options of the declarations whose names begin with an extension, or those whose names do not, and
   * sets `options`. Stops at the first mistake in a declaration.
   */
  interpret(owners: readonly ScopedOwner[], extensions: boolean): void {
    const touched = new Map<OptionOwner, DynamicMessage>()
    for (const { owner, scope } of owners) {
      const written = this.context.parsed.options.get(owner) ?? []
      const statements = written.filter(({ name: [first] }) => isLate(first) === extensions)
      if (statements.length === 0 && written.length > 0) continue
      const options = this.optionsOf(owner)
      touched.set(owner, options)
      const path = written[0]?.location.path
      const succeeded = statements.every((statement) => this.set(owner, options, statement, scope))
      if (!succeeded && !extensions) this.failed.add(owner)
      if (path) this.paths.set(owner, this.paths.get(owner) ?? path)
    }
    this.finish(touched)
    // What descriptor.proto says of its own options, such as which are for the source only, is known just now.
    if (this.context.file.proto.name === DESCRIPTOR_PROTO) this.finish(touched)
  }

  private finish(touched: ReadonlyMap<OptionOwner, DynamicMessage>): void {
    for (const [owner, options] of touched) {
      const bytes = options.toBinary()
      owner.options = fromBinary(OPTIONS_SCHEMAS[owner.$typeName], bytes) as never
      if (bytes.length === 0 && !options.isEmpty) this.emptied.add(owner)
      else this.emptied.delete(owner)
    }
  }

  /** Takes away options of which nothing is left without those for readers of the source. */
  removeEmptied(): void {
    for (const owner of this.emptied) {
      owner.options = undefined
      const path = this.paths.get(owner)
      if (path) this.context.parsed.source.dropBelow(path)
    }
  }

  /** Reports messages in options that were put together field by field, and lack some they must have. */
  checkRequired(): void {
    for (const [owner, options] of this.context.interpreted) {
      const missing = missingFields(options, "")
      if (missing.length === 0) continue
      const [first] = this.context.parsed.options.get(owner) ?? []
      const complaint = `Options are missing required fields: ${missing.join(", ")}`
      this.context.errorAt(first?.nameAt, complaint, undefined, owner)
    }
  }

  /** The features that a declaration sets, those for readers of the source among them. */
  explicitFeatures(owner: OptionOwner): FeatureSet | undefined {
    if (this.failed.has(owner)) return undefined
    const features = this.context.interpreted.get(owner)?.fieldNamed("features")?.values[0]
    return features instanceof DynamicMessage
      ? fromBinary(FeatureSetSchema, features.toBinary({ withSourceOnly: true }))
      : undefined
  }

  /** The options of an extension range, its declarations among them. */
  rangeOptions(range: DescriptorProto_ExtensionRange): ExtensionRangeOptions | undefined {
    const options = this.context.interpreted.get(range)
    return options && fromBinary(ExtensionRangeOptionsSchema, options.toBinary({ withSourceOnly: true }))
  }

  private optionsOf(owner: OptionOwner): DynamicMessage {
    let options = this.context.interpreted.get(owner)
    if (!options) {
      const { typeName } = OPTIONS_SCHEMAS[owner.$typeName]
      options = new DynamicMessage(this.message(typeName) as MessageSymbol)
      this.context.interpreted.set(owner, options)
    }
    return options
  }

  /** Returns false, having said why, when the option cannot be set. */
  private set(owner: OptionOwner, options: DynamicMessage, statement: OptionStatement, from: string): boolean {
    try {
      const path = this.find(options, statement, from)
      const field = path.at(-1) as DynamicField
      const value = this.value(statement, field)
      // What an option with a mistake stands in has not been set either.
      let target = options
      for (const step of path.slice(0, -1)) target = target.child(step, this.messageOf(step))
      const index = target.count(field)
      target.add(field, value)
      if (path.some(({ proto }) => isForSourceOnly(proto))) {
        this.context.parsed.source.drop(statement.location)
      } else {
        const numbers = path.map(({ proto }) => proto.number)
        if (isRepeated(field.proto)) numbers.push(index)
        statement.location.path = [...statement.location.path, ...numbers]
      }
      return true
    } catch (error) {
      if (!(error instanceof OptionError)) throw error
      this.context.errorAt(error.position, error.message, error.hint, owner)
      return false
    }
  }

  /** Follows the parts of an option's name down to the field it sets; the result ends with it. */
  private find(options: DynamicMessage, statement: OptionStatement, from: string): DynamicField[] {
    const { name, nameAt } = statement
    if (name[0]?.text === "uninterpreted_option") {
      throw new OptionError(nameAt, 'Option must not use reserved name "uninterpreted_option".')
    }
    if (name.length > MAX_DEPTH) {
      throw new OptionError(nameAt, `Option name has ${name.length} parts, the limit is ${MAX_DEPTH}.`)
    }
    // Options of any kind are a use of descriptor.proto.
    this.context.scope.use(options.type.name)
    let { type } = options
    /** undefined: not set, nor is anything in it. */
    let target: DynamicMessage | undefined = options
    let written = ""
    const path: DynamicField[] = []
    for (const [i, part] of name.entries()) {
      written += (i > 0 ? "." : "") + (part.isExtension ? `(${part.text})` : part.text)
      const field = part.isExtension ? this.extension(part.text, from) : this.field(type, part.text)
      if (!field) {
        const suggest = part.isExtension ? suggestExtension : suggestOption
        const hint = (): string | undefined => suggest(this.context, part.text, from, type)
        throw new OptionError(nameAt, this.explainUnknown(written, part.isExtension), hint)
      }
      if (part.isExtension && field.proto.extendee !== `.${type.name}`) {
        throw new OptionError(
          nameAt,
          `Option field "${written}" is not a field or extension of message "${type.node.name}".`,
        )
      }
      path.push(field)
      if (field.file === this.context.file && sets(statement, "features")) {
        throw new OptionError(nameAt, `Feature "${written}" can't be used in the same file it's defined in.`)
      }
      if (i === name.length - 1) {
        if (!isRepeated(field.proto) && target?.has(field)) {
          throw new OptionError(nameAt, `Option "${written}" was already set.`)
        }
        return path
      }
      if (!isMessageField(field.proto)) {
        throw new OptionError(nameAt, `Option "${written}" is an atomic type, not a message.`)
      }
      if (isRepeated(field.proto)) {
        throw new OptionError(
          nameAt,
          `Option field "${written}" is a repeated message. Repeated message options must be initialized using an ` +
            "aggregate value.",
        )
      }
      target = target?.existingChild(field)
      type = this.messageOf(field)
    }
    throw new OptionError(nameAt, "Option must have a name.")
  }

  private explainUnknown(written: string, isExtension: boolean): string {
    const shadowed = isExtension ? this.context.scope.shadowedName : ""
    if (shadowed !== "") {
      return (
        `Option "${written}" is resolved to "(${shadowed})", which is not defined. The innermost scope is searched first ` +
        `in name resolution. Consider using a leading '.'(i.e., "(.${written.slice(1)}") to start from the outermost scope.`
      )
    }
    return (
      `Option "${written}" unknown. Ensure that your proto definition file imports the proto which defines the option ` +
      "(i.e. via import option after edition 2024)."
    )
  }

  private value(statement: OptionStatement, field: DynamicField): DynamicValue {
    const { value, valueAt } = statement
    try {
      if (!isMessageField(field.proto)) {
        const { scope } = this.context
        return scalarOption(
          field,
          value,
          () => this.enumOf(field),
          (enumType, name) => scope.use(qualified(enclosing(enumType.name), name))?.kind === "value",
        )
      }
      if (value.kind === "aggregate") return parseAggregate(value.tokens, this.messageOf(field), this.types)
      const { name } = field
      throw new OptionValueError(
        `Option "${name}" is a message. To set the entire message, use syntax like "${field.proto.name} = { <proto text ` +
          `format> }". To set fields within it, use syntax like "${field.proto.name}.foo = value".`,
      )
    } catch (error) {
      if (error instanceof OptionValueError) throw new OptionError(valueAt, error.message, error.hint)
      if (error instanceof TextFormatError) {
        const message = `Error while parsing option value for "${field.proto.name}": ${error.message}`
        throw new OptionError(valueAt, message, error.hint)
      }
      throw error
    }
  }

  /** An extension by its name; in a message set, by the name of its type as well. */
  private extensionInText(message: MessageSymbol, name: string): DynamicField | undefined {
    const symbol = this.context.scope.lookup(name, message.name, false)
    const extendee = `.${message.name}`
    if (symbol?.kind === "extension") {
      const { node: proto, file } = symbol
      return proto.extendee === extendee ? { proto, name: symbol.name, file } : undefined
    }
    return symbol?.kind === "message" ? messageSetItem(message, symbol) : undefined
  }

  private extension(name: string, from: string): DynamicField | undefined {
    const symbol = this.context.scope.lookup(name, from, false)
    return symbol?.kind === "extension" ? { proto: symbol.node, name: symbol.name, file: symbol.file } : undefined
  }

  private field(message: MessageSymbol, name: string): DynamicField | undefined {
    let fields = fieldsByName.get(message.node)
    if (!fields) {
      fields = new Map()
      for (const proto of message.node.field) {
        fields.set(proto.name, { proto, name: `${message.name}.${proto.name}`, file: message.file })
      }
      fieldsByName.set(message.node, fields)
    }
    return fields.get(name)
  }

  private message(name: string): MessageSymbol | undefined {
    const symbol = this.context.symbols.get(name) ?? this.context.builtIn().get(name)
    return symbol?.kind === "message" ? symbol : undefined
  }

  // The types of fields are resolved: they exist and are of their kind.
  private messageOf({ proto }: DynamicField): MessageSymbol {
    return this.message(proto.typeName.slice(1)) as MessageSymbol
  }

  private enumOf({ proto }: DynamicField): EnumSymbol {
    const name = proto.typeName.slice(1)
    return (this.context.symbols.get(name) ?? this.context.builtIn().get(name)) as EnumSymbol
  }
}

/** Whether the option waits until the features of the file are known: extensions are written by theirs. */
function isLate(first: OptionNamePart | undefined): boolean {
  return first?.isExtension === true || first?.text === "uninterpreted_option"
}

/** The fields of messages that options are made of; those of descriptor.proto are asked for by every file. */
const fieldsByName = new WeakMap<DescriptorProto, Map<string, DynamicField>>()

class OptionError extends Error {
  readonly position: Position | undefined
  readonly hint: Hint | undefined

  constructor(position: Position | undefined, message: string, hint?: Hint) {
    super(message)
    this.position = position
    this.hint = hint
  }
}
