import { MAX_DEPTH } from "../text-format/text-cursor.js"
import type { DynamicField, DynamicMessage } from "./dynamic-message.js"
import { isMessageField, isRepeated } from "./field-features.js"
import type { LinkContext } from "./link-context.js"
import { OptionError } from "./option-error.js"
import type { OptionTypes } from "./option-types.js"
import { type OptionStatement, sets } from "./parsed-file.js"
import { suggestExtension, suggestOption } from "./suggest-name.js"

/** Finds the fields that the names of options lead to. */
export class OptionPaths {
  private readonly context: LinkContext
  private readonly types: OptionTypes

  constructor(context: LinkContext, types: OptionTypes) {
    this.context = context
    this.types = types
  }

  /** Follows the parts of an option's name down to the field it sets; the result ends with it. */
  find(options: DynamicMessage, statement: OptionStatement, from: string): DynamicField[] {
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
      const field = part.isExtension ? this.extension(part.text, from) : this.types.field(type, part.text)
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
      type = this.types.messageOf(field)
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

  private extension(name: string, from: string): DynamicField | undefined {
    const symbol = this.context.scope.lookup(name, from, false)
    return symbol?.kind === "extension" ? { proto: symbol.node, name: symbol.name, file: symbol.file } : undefined
  }
}
