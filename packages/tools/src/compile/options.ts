import type { Message } from "@bufbuild/protobuf"
import { fromBinary } from "@bufbuild/protobuf"
import type { GenMessage } from "@bufbuild/protobuf/codegenv2"
import {
  type DescriptorProto,
  EnumOptionsSchema,
  EnumValueOptionsSchema,
  ExtensionRangeOptionsSchema,
  FieldOptionsSchema,
  FileOptionsSchema,
  MessageOptionsSchema,
  MethodOptionsSchema,
  OneofOptionsSchema,
  ServiceOptionsSchema,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt"
import type { Position } from "./diagnostics.js"
import { type DynamicField, DynamicMessage, type DynamicValue, isForSourceOnly, isRepeated } from "./dynamic-message.js"
import type { LinkContext } from "./link-context.js"
import { checkOptionTargets } from "./option-targets.js"
import { OptionValueError, scalarOption } from "./option-value.js"
import type { OptionOwner, OptionStatement } from "./parsed-file.js"
import type { EnumSymbol, MessageSymbol, SymbolTable } from "./symbols.js"
import { MAX_DEPTH, parseTextFormat, TextFormatError, type TextFormatTypes } from "./text-format.js"

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
  /** descriptor.proto's own names, for files that do not import it. */
  private readonly builtIn: SymbolTable
  private readonly types: TextFormatTypes
  private readonly interpreted = new Map<OptionOwner, DynamicMessage>()

  constructor(context: LinkContext, builtIn: SymbolTable) {
    this.context = context
    this.builtIn = builtIn
    this.types = {
      field: (message, name) => this.field(message, name),
      extension: (message, name) => {
        const found = this.extension(name, message.name)
        return found?.proto.extendee === `.${message.name}` ? found : undefined
      },
      messageOf: (field) => this.messageOf(field),
      enumOf: (field) => this.enumOf(field),
      message: (name) => this.message(name),
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
      const statements = written.filter(({ name }) => name[0]?.isExtension === extensions)
      if (statements.length === 0 && written.length > 0) continue
      const options = this.optionsOf(owner)
      touched.set(owner, options)
      statements.every((statement) => this.set(options, statement, scope))
    }
    for (const [owner, options] of touched) {
      owner.options = fromBinary(OPTIONS_SCHEMAS[owner.$typeName], options.toBinary()) as never
    }
  }

  private optionsOf(owner: OptionOwner): DynamicMessage {
    let options = this.interpreted.get(owner)
    if (!options) {
      const { typeName } = OPTIONS_SCHEMAS[owner.$typeName]
      options = new DynamicMessage(this.message(typeName) as MessageSymbol)
      this.interpreted.set(owner, options)
    }
    return options
  }

  /** Checks where the options that have been interpreted are set. */
  checkTargets(): void {
    for (const [owner, options] of this.interpreted) checkOptionTargets(this.context, owner, options)
  }

  /** Returns false, having said why, when the option cannot be set. */
  private set(options: DynamicMessage, statement: OptionStatement, from: string): boolean {
    try {
      const { target, field, path } = this.find(options, statement, from)
      const index = target.count(field)
      target.add(field, this.value(statement, field))
      if (path.some(isForSourceOnly)) {
        this.context.parsed.source.drop(statement.location)
      } else {
        const numbers = path.map(({ proto }) => proto.number)
        if (isRepeated(field.proto)) numbers.push(index)
        statement.location.path = [...statement.location.path, ...numbers]
      }
      return true
    } catch (error) {
      if (!(error instanceof OptionError)) throw error
      this.context.errorAt(error.position, error.message)
      return false
    }
  }

  /** Follows the parts of an option's name down to the field it sets. */
  private find(
    options: DynamicMessage,
    { name, nameAt }: OptionStatement,
    from: string,
  ): { target: DynamicMessage; field: DynamicField; path: DynamicField[] } {
    if (name[0]?.text === "uninterpreted_option") {
      throw new OptionError(nameAt, 'Option must not use reserved name "uninterpreted_option".')
    }
    if (name.length > MAX_DEPTH) {
      throw new OptionError(nameAt, `Option name has ${name.length} parts, the limit is ${MAX_DEPTH}.`)
    }
    let target = options
    let written = ""
    const path: DynamicField[] = []
    for (const [i, part] of name.entries()) {
      written += (i > 0 ? "." : "") + (part.isExtension ? `(${part.text})` : part.text)
      const { type } = target
      const field = part.isExtension ? this.extension(part.text, from) : this.field(type, part.text)
      if (!field) throw new OptionError(nameAt, this.explainUnknown(written, part.isExtension))
      if (part.isExtension && field.proto.extendee !== `.${type.name}`) {
        throw new OptionError(
          nameAt,
          `Option field "${written}" is not a field or extension of message "${type.node.name}".`,
        )
      }
      path.push(field)
      if (i === name.length - 1) {
        if (!isRepeated(field.proto) && target.has(field)) {
          throw new OptionError(nameAt, `Option "${written}" was already set.`)
        }
        return { target, field, path }
      }
      if (field.proto.type !== Type.MESSAGE && field.proto.type !== Type.GROUP) {
        throw new OptionError(nameAt, `Option "${written}" is an atomic type, not a message.`)
      }
      if (isRepeated(field.proto)) {
        throw new OptionError(
          nameAt,
          `Option field "${written}" is a repeated message. Repeated message options must be initialized using an ` +
            "aggregate value.",
        )
      }
      target = target.child(field, this.messageOf(field))
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
    const { type } = field.proto
    try {
      if (type !== Type.MESSAGE && type !== Type.GROUP) return scalarOption(field, value, () => this.enumOf(field))
      if (value.kind === "aggregate") return parseTextFormat(value.tokens, this.messageOf(field), this.types)
      const { name } = field
      throw new OptionValueError(
        `Option "${name}" is a message. To set the entire message, use syntax like "${field.proto.name} = { <proto text ` +
          `format> }". To set fields within it, use syntax like "${field.proto.name}.foo = value".`,
      )
    } catch (error) {
      if (error instanceof OptionValueError) throw new OptionError(valueAt, error.message)
      if (error instanceof TextFormatError) {
        throw new OptionError(valueAt, `Error while parsing option value for "${field.proto.name}": ${error.message}`)
      }
      throw error
    }
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
    const symbol = this.context.symbols.get(name) ?? this.builtIn.get(name)
    return symbol?.kind === "message" ? symbol : undefined
  }

  // The types of fields are resolved: they exist and are of their kind.
  private messageOf({ proto }: DynamicField): MessageSymbol {
    return this.message(proto.typeName.slice(1)) as MessageSymbol
  }

  private enumOf({ proto }: DynamicField): EnumSymbol {
    const name = proto.typeName.slice(1)
    return (this.context.symbols.get(name) ?? this.builtIn.get(name)) as EnumSymbol
  }
}

/** Reports options whose names have an empty part: `()`. Nothing of such a file is interpreted. */
export function checkOptionNames(context: LinkContext): void {
  for (const statements of context.parsed.options.values()) {
    for (const { name } of statements) {
      // protoc gives no place for it.
      const hasGap = name.some(({ text }) => text === "")
      if (hasGap) context.errorAt(undefined, "Uninterpreted option is missing name or value.")
    }
  }
}

/** The fields of messages that options are made of; those of descriptor.proto are asked for by every file. */
const fieldsByName = new WeakMap<DescriptorProto, Map<string, DynamicField>>()

class OptionError extends Error {
  readonly position: Position

  constructor(position: Position, message: string) {
    super(message)
    this.position = position
  }
}
