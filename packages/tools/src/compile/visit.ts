import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
} from "@bufbuild/protobuf/wkt"
import type { OptionOwner } from "./parsed-file.js"
import { qualified } from "./symbols.js"

/** What is done with a declaration; `parent` is the message, enum or service it stands in. */
export type Visitor = (node: OptionOwner, name: string, parent: OptionOwner | undefined) => void

/** Visits every declaration of a file by its full name, in the order of protoc's VisitDescriptors. */
export function visitFile(file: FileDescriptorProto, visit: Visitor): void {
  const scope = file.package
  visit(file, file.name, undefined)
  for (const message of file.messageType) visitMessage(message, qualified(scope, message.name), undefined, visit)
  for (const node of file.enumType) visitEnum(node, scope, undefined, visit)
  visitFields(file.extension, scope, undefined, visit)
  for (const service of file.service) {
    const name = qualified(scope, service.name)
    visit(service, name, undefined)
    for (const method of service.method) visit(method, `${name}.${method.name}`, service)
  }
}

function visitMessage(node: DescriptorProto, name: string, parent: DescriptorProto | undefined, visit: Visitor): void {
  visit(node, name, parent)
  for (const nested of node.enumType) visitEnum(nested, name, node, visit)
  for (const oneof of node.oneofDecl) visit(oneof, `${name}.${oneof.name}`, node)
  visitFields(node.field, name, node, visit)
  for (const nested of node.nestedType) visitMessage(nested, `${name}.${nested.name}`, node, visit)
  visitFields(node.extension, name, node, visit)
  for (const range of node.extensionRange) visit(range, name, node)
}

/** Values are named as if they stood beside their enum. */
function visitEnum(
  node: EnumDescriptorProto,
  scope: string,
  parent: DescriptorProto | undefined,
  visit: Visitor,
): void {
  visit(node, qualified(scope, node.name), parent)
  for (const value of node.value) visit(value, qualified(scope, value.name), node)
}

function visitFields(
  fields: readonly FieldDescriptorProto[],
  scope: string,
  parent: DescriptorProto | undefined,
  visit: Visitor,
): void {
  for (const field of fields) visit(field, qualified(scope, field.name), parent)
}
