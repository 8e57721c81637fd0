import type { OptionOwner } from "./parsed-file.js"
import type { DeclaredSymbol, SourceFile, SymbolTable } from "./symbols.js"
import { enclosing } from "./symbols.js"
import { visitFile } from "./visit.js"

/** Enters the names of a precompiled file, which has no mistakes. */
export function declarePrecompiled(symbols: SymbolTable, file: SourceFile): void {
  const { proto } = file
  for (let name = proto.package; name !== ""; name = enclosing(name)) {
    symbols.add({ kind: "package", name, node: proto, file })
  }
  visitFile(proto, (node, name) => {
    const kind = kindOf(node)
    if (kind) symbols.add({ kind, name, node, file } as DeclaredSymbol)
  })
}

/** What the name of a declaration stands for; undefined for the file, and for extension ranges, which have none. */
function kindOf(node: OptionOwner): DeclaredSymbol["kind"] | undefined {
  switch (node.$typeName) {
    case "google.protobuf.FieldDescriptorProto":
      return node.extendee === "" ? "field" : "extension"
    default:
      return KINDS.get(node.$typeName)
  }
}

const KINDS: ReadonlyMap<OptionOwner["$typeName"], DeclaredSymbol["kind"]> = new Map([
  ["google.protobuf.DescriptorProto", "message"],
  ["google.protobuf.OneofDescriptorProto", "oneof"],
  ["google.protobuf.EnumDescriptorProto", "enum"],
  ["google.protobuf.EnumValueDescriptorProto", "value"],
  ["google.protobuf.ServiceDescriptorProto", "service"],
  ["google.protobuf.MethodDescriptorProto", "method"],
])
