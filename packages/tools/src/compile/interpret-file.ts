import type { DescriptorProto, EnumDescriptorProto, FieldDescriptorProto } from "@bufbuild/protobuf/wkt"
import { checkFeatures } from "./feature-rules.js"
import { FileFeatures } from "./features.js"
import type { LinkContext } from "./link-context.js"
import { OptionInterpreter, type ScopedOwner } from "./options.js"
import type { OptionOwner } from "./parsed-file.js"
import { enclosing, qualified } from "./symbols.js"

/** Interprets all options of a resolved file. Returns the interpreter, for the checks that need the whole file valid. */
export function interpretFile(context: LinkContext): OptionInterpreter {
  const interpreter = new OptionInterpreter(context)
  const owners = ownersWithOptions(context)
  // First what descriptor.proto itself defines: features among it decide how an extension of the same file is written.
  interpreter.interpret(owners, false)
  context.file.features = new FileFeatures(context.file.proto, (owner) => interpreter.explicitFeatures(owner))
  checkFeatures(context, interpreter)
  interpreter.interpret(owners, true)
  interpreter.checkRequired()
  keepRangeOptions(context, interpreter)
  return interpreter
}

/** Extensions in other files have to agree with what their range declares. */
function keepRangeOptions({ file, interpreted }: LinkContext, interpreter: OptionInterpreter): void {
  for (const owner of interpreted.keys()) {
    if (owner.$typeName !== "google.protobuf.DescriptorProto.ExtensionRange") continue
    const options = interpreter.rangeOptions(owner)
    if (options) file.rangeOptions.set(owner, options)
  }
}

/** The declarations that have options, in the order in which protoc builds them. */
function ownersWithOptions(context: LinkContext): ScopedOwner[] {
  const { proto } = context.file
  const { options } = context.parsed
  const owners: ScopedOwner[] = []

  const add = (owner: OptionOwner, scope: string): void => {
    if (options.has(owner)) owners.push({ owner, scope })
  }
  const addFields = (fields: FieldDescriptorProto[], scope: string): void => {
    for (const field of fields) add(field, qualified(scope, field.name))
  }
  const addEnum = (node: EnumDescriptorProto, name: string): void => {
    for (const value of node.value) add(value, qualified(enclosing(name), value.name))
    add(node, name)
  }
  const addMessage = (node: DescriptorProto, name: string): void => {
    for (const oneof of node.oneofDecl) add(oneof, `${name}.${oneof.name}`)
    addFields(node.field, name)
    for (const nested of node.enumType) addEnum(nested, `${name}.${nested.name}`)
    for (const range of node.extensionRange) add(range, name)
    addFields(node.extension, name)
    add(node, name)
    for (const nested of node.nestedType) addMessage(nested, `${name}.${nested.name}`)
  }

  for (const message of proto.messageType) addMessage(message, qualified(proto.package, message.name))
  for (const node of proto.enumType) addEnum(node, qualified(proto.package, node.name))
  for (const service of proto.service) {
    const name = qualified(proto.package, service.name)
    for (const method of service.method) add(method, `${name}.${method.name}`)
    add(service, name)
  }
  addFields(proto.extension, proto.package)
  // The file's own names are looked up as from a declaration in it.
  add(proto, qualified(proto.package, "dummy"))
  return owners
}
