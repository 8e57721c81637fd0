import { create } from "@bufbuild/protobuf"
import { type DescriptorProto, OneofDescriptorProtoSchema } from "@bufbuild/protobuf/wkt"

/**
 * An `optional` field of proto3 is the only member of a oneof of its own, so that programs which know nothing of it still
 * see presence. These oneofs come after all others.
 */
export function addSyntheticOneofs(message: DescriptorProto): void {
  if (!message.field.some((field) => field.proto3Optional)) return
  const taken = new Set([...message.field, ...message.oneofDecl].map(({ name }) => name))
  const seen = new Set<string>()
  for (const field of message.field) {
    if (!field.proto3Optional) continue
    field.oneofIndex = message.oneofDecl.length
    // No second underscore: C++ keeps such names for itself.
    let name = field.name.startsWith("_") ? field.name : `_${field.name}`
    // A second field of a name is refused: a name that no other has will do, without a long line of X.
    if (seen.has(field.name)) name += ` ${field.oneofIndex}`
    while (taken.has(name)) name = `X${name}`
    seen.add(field.name)
    taken.add(name)
    message.oneofDecl.push(create(OneofDescriptorProtoSchema, { name }))
  }
}
