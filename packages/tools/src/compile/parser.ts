import { create } from "@bufbuild/protobuf"
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt"
import type { DiagnosticList } from "./diagnostics.js"
import { parseEnum } from "./parse-enum.js"
import { parseExtend, parseMessage } from "./parse-message.js"
import { parseOptionStatement } from "./parse-option.js"
import { parseService } from "./parse-service.js"
import type { ParsedFile } from "./parsed-file.js"
import { TokenStream } from "./token-stream.js"

// Field numbers of FileDescriptorProto.
const FILE = {
  package: 2,
  dependency: 3,
  messageType: 4,
  enumType: 5,
  service: 6,
  extension: 7,
  options: 8,
  publicDependency: 10,
  weakDependency: 11,
  syntax: 12,
  edition: 14,
} as const

/**
 * Parses a .proto file as protoc does (google/protobuf/compiler/parser.cc): a statement that is wrong is reported and
 * skipped, so that one run tells all errors. `source` is a byte string.
 */
export function parseFile(name: string, source: string, diagnostics: DiagnosticList): ParsedFile {
  const tokens = new TokenStream(name, source, diagnostics)
  const proto = create(FileDescriptorProtoSchema, { name })
  tokens.start()
  const root = tokens.open([])
  if (parseSyntax(tokens, proto)) {
    while (!tokens.atEnd) {
      if (!tokens.statement(() => parseTopLevel(tokens, proto)) && tokens.is("}")) {
        tokens.error('Unmatched "}".')
        tokens.start()
      }
    }
  }
  tokens.close(root)
  return { proto, source: tokens.source, options: tokens.options }
}

/** Returns false when nothing after the syntax can be understood. */
function parseSyntax(tokens: TokenStream, file: FileDescriptorProto): boolean {
  const keyword = tokens.lexer.text
  if (keyword !== "syntax" && keyword !== "edition") {
    tokens.error('No syntax is specified, which means "proto2"; this compiler reads only "proto3".')
    return false
  }
  let isKnown = false
  const path = [keyword === "syntax" ? FILE.syntax : FILE.edition]
  tokens.attempt(() =>
    tokens.within(path, (location) => {
      tokens.lexer.next()
      tokens.expect("=")
      const at = tokens.here
      const value = tokens.string(`Expected ${keyword} identifier.`)
      tokens.expectEnd(";", location)
      isKnown = keyword === "syntax" && value === "proto3"
      if (isKnown) file.syntax = value
      else tokens.errorAt(at, unreadable(keyword, value))
    }),
  )
  return isKnown
}

function unreadable(keyword: string, value: string): string {
  if (keyword === "edition") return `Files of edition "${value}" cannot be compiled; this compiler reads only "proto3".`
  if (value === "proto2") return 'Files of syntax "proto2" cannot be compiled; this compiler reads only "proto3".'
  return `Unrecognized syntax identifier "${value}".  This parser only recognizes "proto2" and "proto3".`
}

function parseTopLevel(tokens: TokenStream, file: FileDescriptorProto): void {
  if (tokens.acceptEnd(";", undefined)) return
  switch (tokens.lexer.text) {
    case "message":
      parseMessage(tokens, [FILE.messageType, file.messageType.length], file.messageType)
      break
    case "enum":
      parseEnum(tokens, [FILE.enumType, file.enumType.length], file.enumType)
      break
    case "service":
      parseService(tokens, [FILE.service, file.service.length], file.service)
      break
    case "extend":
      parseExtend(tokens, [FILE.extension], file.extension, file.messageType, [FILE.messageType])
      break
    case "import":
      parseImport(tokens, file)
      break
    case "package":
      parsePackage(tokens, file)
      break
    case "option":
      parseOptionStatement(tokens, file, [FILE.options])
      break
    default:
      tokens.fail('Expected top-level statement (e.g. "message").')
  }
}

function parsePackage(tokens: TokenStream, file: FileDescriptorProto): void {
  if (Object.hasOwn(file, "package")) tokens.error("Multiple package definitions.")
  tokens.within([FILE.package], (location) => {
    tokens.expect("package")
    file.package = tokens.dottedName("Expected identifier.")
    tokens.expectEnd(";", location)
  })
}

/** `import "file.proto";`, `import public …` or `import weak …`. */
function parseImport(tokens: TokenStream, file: FileDescriptorProto): void {
  const index = file.dependency.length
  tokens.within([FILE.dependency, index], (location) => {
    tokens.expect("import")
    for (const [keyword, number, indices] of [
      ["public", FILE.publicDependency, file.publicDependency],
      ["weak", FILE.weakDependency, file.weakDependency],
    ] as const) {
      if (!tokens.is(keyword)) continue
      tokens.within([number, indices.length], () => tokens.lexer.next())
      indices.push(index)
      break
    }
    file.dependency.push(tokens.string("Expected a string naming the file to import."))
    tokens.expectEnd(";", location)
  })
}
