import type { DescriptorProto, EnumDescriptorProto, FieldDescriptorProto } from "@bufbuild/protobuf/wkt"
import type { LinkContext } from "./link-context.js"
import { isKept, OptionInterpreter } from "./options.js"
import { enclosing, qualified, type SymbolTable } from "./symbols.js"

/** Interprets all options of a resolved file, in the order in which protoc meets them. */
export function interpretFile(context: LinkContext, builtIn: SymbolTable): void {
  const { proto } = context.file
  const { source } = context.parsed
  const interpreter = new OptionInterpreter(context, builtIn)

  const interpretFields = (fields: FieldDescriptorProto[], scope: string): void => {
    for (const field of fields) interpreter.interpret(field, qualified(scope, field.name))
  }
  const interpretEnum = (node: EnumDescriptorProto, name: string): void => {
    for (const value of node.value) interpreter.interpret(value, qualified(enclosing(name), value.name))
    interpreter.interpret(node, name)
  }
  const interpretMessage = (node: DescriptorProto, name: string): void => {
    for (const oneof of node.oneofDecl) interpreter.interpret(oneof, `${name}.${oneof.name}`)
    interpretFields(node.field, name)
    for (const nested of node.nestedType) interpretMessage(nested, `${name}.${nested.name}`)
    for (const nested of node.enumType) interpretEnum(nested, `${name}.${nested.name}`)
    for (const range of node.extensionRange) interpreter.interpret(range, name)
    interpretFields(node.extension, name)
    interpreter.interpret(node, name)
  }

  for (const message of proto.messageType) interpretMessage(message, qualified(proto.package, message.name))
  for (const node of proto.enumType) interpretEnum(node, qualified(proto.package, node.name))
  for (const service of proto.service) {
    const name = qualified(proto.package, service.name)
    for (const method of service.method) interpreter.interpret(method, `${name}.${method.name}`)
    interpreter.interpret(service, name)
  }
  interpretFields(proto.extension, proto.package)
  // The file's own names are looked up as from a declaration in it.
  interpreter.interpret(proto, qualified(proto.package, "dummy"))
  source.locations = source.locations.filter(isKept)
}
