import type { DescriptorProto } from "@bufbuild/protobuf/wkt"
import { extensionInText } from "../text-format/extension-in-text.js"
import type { TextFormatTypes } from "../text-format/text-parser.js"
import type { DynamicField } from "./dynamic-message.js"
import type { LinkContext } from "./link-context.js"
import type { EnumSymbol, MessageSymbol } from "./symbols.js"

/** The types that options, and their values in text format, may speak of. */
export class OptionTypes implements TextFormatTypes {
  private readonly context: LinkContext

  constructor(context: LinkContext) {
    this.context = context
  }

  field(message: MessageSymbol, name: string): DynamicField | undefined {
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

  extension(message: MessageSymbol, name: string): DynamicField | undefined {
    return extensionInText(message, this.context.scope.lookup(name, message.name, false))
  }

  // The types of fields are resolved: they exist and are of their kind.
  messageOf({ proto }: DynamicField): MessageSymbol {
    return this.context.messageNamed(proto.typeName) as MessageSymbol
  }

  enumOf({ proto }: DynamicField): EnumSymbol {
    return this.context.enumNamed(proto.typeName) as EnumSymbol
  }

  messageInAny(typeUrl: string, typeName: string): MessageSymbol | undefined {
    return ANY_URL.test(typeUrl) ? this.context.messageNamed(`.${typeName}`) : undefined
  }
}

/** The fields of messages that options are made of; those of descriptor.proto are asked for by every file. */
const fieldsByName = new WeakMap<DescriptorProto, Map<string, DynamicField>>()

/** The only hosts whose types protoc knows. */
const ANY_URL = /^type\.(googleapis|googleprod)\.com\/[^/]*$/
