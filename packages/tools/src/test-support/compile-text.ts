import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt"
import { compile, formatDiagnostic } from "../compile/index.js"

/** What compiling some texts gave. */
export interface Compiled {
  /** The descriptor of the file asked for, if it is valid. */
  readonly file: FileDescriptorProto | undefined
  readonly files: readonly FileDescriptorProto[]
  /** As they are printed. */
  readonly diagnostics: readonly string[]
}

/** Compiles `a.proto`, proto3 with its syntax on the first line, beside other files given by name. */
export function compileText(body: string, others: Readonly<Record<string, string>> = {}): Compiled {
  return compileWhole(`syntax = "proto3";\n${body}`, others)
}

/** Compiles `a.proto`, of any syntax, beside other files given by name. */
export function compileWhole(text: string, others: Readonly<Record<string, string>> = {}): Compiled {
  const sources = new Map(Object.entries(others))
  sources.set("a.proto", text)
  const { files, diagnostics } = compile({
    files: ["a.proto"],
    read: (name) => sources.get(name),
    includeSourceInfo: true,
  })
  return {
    file: files.find(({ name }) => name === "a.proto"),
    files,
    diagnostics: diagnostics.map(formatDiagnostic),
  }
}
