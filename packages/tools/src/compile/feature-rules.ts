import type { DescriptorProto, EnumDescriptorProto } from "@bufbuild/protobuf/wkt"
import type { LinkContext } from "./link-context.js"
import type { DescriptorNode } from "./source-info.js"

/** Features belong to editions: reports options of proto3 declarations that set any. */
export function checkFeatures(context: LinkContext): void {
  const { proto } = context.file
  if (proto.options?.features) context.errorAt(context.parsed.source.find([SYNTAX]), MESSAGE)
  for (const message of proto.messageType) checkMessage(context, message)
  for (const node of proto.enumType) checkEnum(context, node)
  for (const extension of proto.extension) checkNode(context, extension)
  for (const service of proto.service) {
    checkNode(context, service)
    for (const method of service.method) checkNode(context, method)
  }
}

const MESSAGE = "Features are only valid under editions."
// Field number of FileDescriptorProto.
const SYNTAX = 12

type NodeWithFeatures = DescriptorNode & { readonly options?: { readonly features?: unknown } | undefined }

function checkNode(context: LinkContext, node: NodeWithFeatures): void {
  if (node.options?.features) context.error(node, "name", MESSAGE)
}

function checkMessage(context: LinkContext, node: DescriptorProto): void {
  checkNode(context, node)
  for (const oneof of node.oneofDecl) {
    // protoc gives no place for it.
    if (oneof.options?.features) context.errorAt(undefined, MESSAGE)
  }
  for (const field of node.field) checkNode(context, field)
  for (const nested of node.enumType) checkEnum(context, nested)
  for (const extension of node.extension) checkNode(context, extension)
  for (const nested of node.nestedType) checkMessage(context, nested)
}

function checkEnum(context: LinkContext, node: EnumDescriptorProto): void {
  checkNode(context, node)
  for (const value of node.value) checkNode(context, value)
}
