import type { Message } from "@bufbuild/protobuf"
import { fromBinary } from "@bufbuild/protobuf"
import type { GenMessage } from "@bufbuild/protobuf/codegenv2"
import {
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
import { missingFields } from "../text-format/missing-fields.js"
import { TextFormatError } from "../text-format/text-format-error.js"
import { parseAggregate } from "../text-format/text-parser.js"
import { DESCRIPTOR_PROTO } from "./bundled.js"
import { type DynamicField, DynamicMessage, type DynamicValue } from "./dynamic-message.js"
import { isMessageField, isRepeated } from "./field-features.js"
import type { LinkContext } from "./link-context.js"
import { OptionError } from "./option-error.js"
import { OptionPaths } from "./option-path.js"
import { OptionTypes } from "./option-types.js"
import { OptionValueError, scalarOption } from "./option-value.js"
import type { OptionNamePart, OptionOwner, OptionStatement } from "./parsed-file.js"
import { enclosing, type MessageSymbol, qualified } from "./symbols.js"
import { isForSourceOnly, toBinary } from "./write-dynamic.js"

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
  private readonly types: OptionTypes
  private readonly paths: OptionPaths
  /** Declarations whose options are all for readers of the source. */
  private readonly emptied = new Set<OptionOwner>()
  /** Declarations with a mistake among the options that descriptor.proto defines: protoc gives them none of these. */
  private readonly failed = new Set<OptionOwner>()
  /** Where the options of a declaration stand. */
  private readonly places = new Map<OptionOwner, readonly number[]>()

  constructor(context: LinkContext) {
    this.context = context
    this.types = new OptionTypes(context)
    this.paths = new OptionPaths(context, this.types)
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
      if (path) this.places.set(owner, this.places.get(owner) ?? path)
    }
    this.finish(touched)
    // What descriptor.proto says of its own options, such as which are for the source only, is known just now.
    if (this.context.file.proto.name === DESCRIPTOR_PROTO) this.finish(touched)
  }

  private finish(touched: ReadonlyMap<OptionOwner, DynamicMessage>): void {
    for (const [owner, options] of touched) {
      const bytes = toBinary(options, { forDescriptor: true })
      owner.options = fromBinary(OPTIONS_SCHEMAS[owner.$typeName], bytes) as never
      if (bytes.length === 0 && !options.isEmpty) this.emptied.add(owner)
      else this.emptied.delete(owner)
    }
  }

  /** Takes away options of which nothing is left without those for readers of the source. */
  removeEmptied(): void {
    for (const owner of this.emptied) {
      owner.options = undefined
      const path = this.places.get(owner)
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
    return features instanceof DynamicMessage ? fromBinary(FeatureSetSchema, toBinary(features)) : undefined
  }

  /** The options of an extension range, its declarations among them. */
  rangeOptions(range: DescriptorProto_ExtensionRange): ExtensionRangeOptions | undefined {
    const options = this.context.interpreted.get(range)
    return options && fromBinary(ExtensionRangeOptionsSchema, toBinary(options))
  }

  private optionsOf(owner: OptionOwner): DynamicMessage {
    let options = this.context.interpreted.get(owner)
    if (!options) {
      const { typeName } = OPTIONS_SCHEMAS[owner.$typeName]
      options = new DynamicMessage(this.context.messageNamed(`.${typeName}`) as MessageSymbol)
      this.context.interpreted.set(owner, options)
    }
    return options
  }

  /** Returns false, having said why, when the option cannot be set. */
  private set(owner: OptionOwner, options: DynamicMessage, statement: OptionStatement, from: string): boolean {
    try {
      const path = this.paths.find(options, statement, from)
      const field = path.at(-1) as DynamicField
      const value = this.value(statement, field)
      // What an option with a mistake stands in has not been set either.
      let target = options
      for (const step of path.slice(0, -1)) target = target.child(step, this.types.messageOf(step))
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

  private value(statement: OptionStatement, field: DynamicField): DynamicValue {
    const { value, valueAt } = statement
    try {
      if (!isMessageField(field.proto)) {
        const { scope } = this.context
        return scalarOption(
          field,
          value,
          () => this.types.enumOf(field),
          (enumType, name) => scope.use(qualified(enclosing(enumType.name), name))?.kind === "value",
        )
      }
      if (value.kind === "aggregate") return parseAggregate(value.tokens, this.types.messageOf(field), this.types)
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
}

/** Whether the option waits until the features of the file are known: extensions are written by theirs. */
function isLate(first: OptionNamePart | undefined): boolean {
  return first?.isExtension === true || first?.text === "uninterpreted_option"
}
