import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf"
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  CodeGeneratorResponse_Feature,
  CodeGeneratorResponseSchema,
  Edition,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt"
import { type GeneratedFile, generate } from "./generate.js"
import { parsePluginOptions } from "./plugin-options.js"

/**
 * Answers a request of protoc or buf, as plugin.proto has it: bytes in, bytes out. Only the files that it names are
 * generated. What is wrong with options or descriptors is told in the response.
 * @throws Error when the bytes are no request
 */
export function answerPluginRequest(bytes: Uint8Array): Uint8Array {
  const request = fromBinary(CodeGeneratorRequestSchema, bytes)
  let files: GeneratedFile[] = []
  let error = ""
  try {
    files = generateFor(request)
  } catch (cause) {
    error = cause instanceof Error ? cause.message : String(cause)
  }
  const response = create(CodeGeneratorResponseSchema, {
    supportedFeatures: BigInt(
      CodeGeneratorResponse_Feature.PROTO3_OPTIONAL | CodeGeneratorResponse_Feature.SUPPORTS_EDITIONS,
    ),
    minimumEdition: Edition.EDITION_PROTO2,
    maximumEdition: Edition.EDITION_2026,
    file: files.map(({ path, text }) => ({ name: path, content: text })),
  })
  // Present, even if empty, it would be a failure.
  if (error !== "") response.error = error
  return toBinary(CodeGeneratorResponseSchema, response)
}

function generateFor(request: CodeGeneratorRequest): GeneratedFile[] {
  const options = parsePluginOptions(request.parameter)
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: request.protoFile }))
  const files = request.fileToGenerate.map((name) => {
    const file = registry.getFile(name)
    if (file === undefined) throw new Error(`${name} is to be generated, but is not among the files of the request`)
    return file
  })
  return generate(files, { ...options, imports: false })
}
