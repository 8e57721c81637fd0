import { clearField, create } from "@bufbuild/protobuf"
import { Edition, type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt"
import type { DiagnosticList } from "./diagnostics.js"
import { didYouMean } from "./did-you-mean.js"
import { editionNamed } from "./editions.js"
import { parseEnum } from "./parse-enum.js"
import { parseExtend } from "./parse-extend.js"
import { nestedMessages, parseMessage } from "./parse-message.js"
import { parseOptionStatement } from "./parse-option.js"
import { parseService } from "./parse-service.js"
import { parseVisibility } from "./parse-visibility.js"
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
  optionDependency: 15,
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
  if (keyword !== "syntax" && keyword !== "edition") return true
  return tokens.attempt(() =>
    // Both statements have the path of the first there was.
    tokens.within([FILE.syntax], (location) => {
      tokens.lexer.next()
      tokens.expect("=")
      const at = tokens.here
      const value = tokens.string("Expected syntax identifier.")
      tokens.expectEnd(";", location)
      if (keyword === "edition") {
        const edition = editionNamed(value)
        if (edition === undefined) tokens.failAt(at, `Unknown edition "${value}".`)
        file.syntax = tokens.syntax = "editions"
        file.edition = tokens.edition = edition
      } else if (value === "proto3") {
        file.syntax = tokens.syntax = value
      } else if (value !== "proto2") {
        // A descriptor without a syntax is proto2's.
        const known = 'This parser only recognizes "proto2" and "proto3".'
        const hint = (): string | undefined => didYouMean(value, ["proto3", "proto2"])
        tokens.failAt(at, `Unrecognized syntax identifier "${value}".  ${known}`, hint)
      }
    }),
  )
}

const TOP_LEVEL_WORDS = "message enum service import package option extend syntax edition export local".split(" ")

function parseTopLevel(tokens: TokenStream, file: FileDescriptorProto): void {
  if (tokens.acceptEnd(";", undefined)) return
  const visibility = parseVisibility(tokens)
  switch (tokens.lexer.text) {
    case "message":
      parseMessage(tokens, [FILE.messageType, file.messageType.length], file.messageType, visibility)
      break
    case "enum":
      parseEnum(tokens, [FILE.enumType, file.enumType.length], file.enumType, visibility)
      break
    case "service":
      parseService(tokens, [FILE.service, file.service.length], file.service)
      break
    case "extend":
      parseExtend(
        tokens,
        [FILE.extension],
        file.extension,
        nestedMessages(tokens, file.messageType, [FILE.messageType]),
      )
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
      tokens.fail('Expected top-level statement (e.g. "message").', () => tokens.suggest(TOP_LEVEL_WORDS))
  }
}

function parsePackage(tokens: TokenStream, file: FileDescriptorProto): void {
  if (Object.hasOwn(file, "package")) {
    tokens.error("Multiple package definitions.")
    clearField(file, FileDescriptorProtoSchema.field.package)
  }
  tokens.within([FILE.package], (location) => {
    tokens.expect("package")
    // A name that is not whole makes a package too, of which there may be no second.
    let name = ""
    for (;;) {
      name += tokens.identifier("Expected identifier.")
      file.package = name
      if (!tokens.accept(".")) break
      name += "."
    }
    tokens.expectEnd(";", location)
  })
}

/** `import "file.proto";`, `import public …`, `import weak …` or `import option …`. */
function parseImport(tokens: TokenStream, file: FileDescriptorProto): void {
  const start = tokens.here
  tokens.expect("import")
  const isOption = tokens.is("option")
  const [number, names] = isOption
    ? ([FILE.optionDependency, file.optionDependency] as const)
    : ([FILE.dependency, file.dependency] as const)
  if (isOption && tokens.edition < Edition.EDITION_2024) {
    tokens.error("option import is not supported before edition 2024.")
  }
  const location = tokens.openAt([number, names.length], start)
  if (isOption) tokens.expect("option")
  else parseImportModifier(tokens, file)
  names.push(tokens.string("Expected a string naming the file to import."))
  tokens.expectEnd(";", location)
  tokens.close(location)
}

/** `public` or `weak`, if one of them is there. */
function parseImportModifier(tokens: TokenStream, file: FileDescriptorProto): void {
  if (file.optionDependency.length > 0) {
    tokens.error("imports should precede any option imports to ensure proto files can roundtrip.")
  }
  for (const [keyword, number, indices] of [
    ["public", FILE.publicDependency, file.publicDependency],
    ["weak", FILE.weakDependency, file.weakDependency],
  ] as const) {
    if (!tokens.is(keyword)) continue
    if (keyword === "weak" && tokens.edition >= Edition.EDITION_2024) {
      tokens.error("weak import is not supported in edition 2024 and above. Consider using option import instead.")
    }
    tokens.within([number, indices.length], () => tokens.lexer.next())
    indices.push(file.dependency.length)
    return
  }
}
