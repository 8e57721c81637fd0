import { create } from "@bufbuild/protobuf"
import {
  type MethodDescriptorProto,
  MethodDescriptorProtoSchema,
  type ServiceDescriptorProto,
  ServiceDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt"
import { parseHead } from "./declaration-head.js"
import { parseOptionStatement } from "./parse-option.js"
import { parseTypeName } from "./parse-type.js"
import type { Path } from "./source-info.js"
import type { TokenStream } from "./token-stream.js"

// Field numbers of ServiceDescriptorProto and MethodDescriptorProto.
const SERVICE = { method: 2, options: 3 } as const
const METHOD = { inputType: 2, outputType: 3, options: 4, clientStreaming: 5, serverStreaming: 6 } as const

/** `service Name { … }`. */
export function parseService(tokens: TokenStream, path: Path, services: ServiceDescriptorProto[]): void {
  tokens.within(path, (location) => {
    const node = parseHead(tokens, path, create(ServiceDescriptorProtoSchema), services, "service")
    tokens.expectEnd("{", location)
    tokens.block("service definition", () => {
      if (tokens.is("option")) parseOptionStatement(tokens, node, [...path, SERVICE.options])
      else parseMethod(tokens, node, [...path, SERVICE.method, node.method.length])
    })
  })
}

/** `rpc Name(stream Request) returns (stream Response);`, or with options in braces. */
function parseMethod(tokens: TokenStream, service: ServiceDescriptorProto, path: Path): void {
  tokens.within(path, (location) => {
    const node = parseHead(tokens, path, create(MethodDescriptorProtoSchema), service.method, "rpc", "method")
    tokens.expect("(")
    if (parseStream(tokens, [...path, METHOD.clientStreaming])) node.clientStreaming = true
    node.inputType = tokens.within([...path, METHOD.inputType], () => parseTypeName(tokens))
    tokens.expect(")")
    tokens.expect("returns")
    tokens.expect("(")
    if (parseStream(tokens, [...path, METHOD.serverStreaming])) node.serverStreaming = true
    node.outputType = tokens.within([...path, METHOD.outputType], () => parseTypeName(tokens))
    tokens.expect(")")
    if (!tokens.acceptEnd("{", location)) return tokens.expectEnd(";", location)
    parseMethodOptions(tokens, node, [...path, METHOD.options])
  })
}

function parseStream(tokens: TokenStream, path: Path): boolean {
  if (!tokens.is("stream")) return false
  tokens.within(path, () => tokens.expect("stream"))
  return true
}

function parseMethodOptions(tokens: TokenStream, method: MethodDescriptorProto, path: Path): void {
  // Braces with nothing in them still make an options message.
  tokens.options.set(method, [])
  tokens.block("method options", () => parseOptionStatement(tokens, method, path))
}
