import type { DescFile, DescMessage } from "@bufbuild/protobuf"
import { nestedTypes } from "@bufbuild/protobuf/reflect"
import { CodecScope } from "./codec-scope.js"
import { DecoderWriter } from "./decoders.js"
import { EncoderWriter } from "./encoders.js"
import { printFieldTable } from "./field-tables.js"
import { fileHead } from "./file-head.js"
import type { ModuleLayout } from "./modules.js"

/** What `x_codec.ts` is: for each message a function that writes it, one that reads it, and the codec of both. */
export function generateCodecs(file: DescFile, layout: ModuleLayout): string {
  const scope = new CodecScope(file, layout)
  const encoders = new EncoderWriter(scope)
  const decoders = new DecoderWriter(scope)
  for (const desc of nestedTypes(file)) {
    if (desc.kind !== "message") continue
    printCodec(scope, desc)
    encoders.print(desc)
    decoders.print(desc)
  }
  return scope.printer.toString(fileHead(file))
}

function printCodec(scope: CodecScope, message: DescMessage): void {
  const { codec, encode } = scope.codecNames(message)
  const init = scope.initType(message)
  const { printer } = scope
  printer.line(`type ${init} = ${scope.initTypeDefinition(message)}`)
  printer.line()
  printer.block(`export const ${codec}: ${scope.codecType()}<${scope.shape(message)}, ${init}> = {`, () => {
    printer.line(`typeName: ${JSON.stringify(message.typeName)},`)
    printer.line(`encode: ${encode},`)
    printer.block("decode(bytes, start, stop, owned) {", () => printDecode(scope, message), "},")
    if (message.fields.length > 0) printFieldTable(scope, message)
  })
  printer.line()
}

function printDecode(scope: CodecScope, message: DescMessage): void {
  const { codec, read } = scope.codecNames(message)
  const { printer } = scope
  printer.line(`const reader = ${scope.wire("beginDecoding")}(bytes, start, stop, owned)`)
  printer.line("try {")
  printer.indented(() => printer.line(`return ${scope.wire("endDecoding")}(reader, ${read}(reader, stop))`))
  printer.line("} catch (error) {")
  printer.indented(() => printer.line(`throw ${scope.wire("explained")}(error, ${codec}, reader, start)`))
  printer.line("}")
}
