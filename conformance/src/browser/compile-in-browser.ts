import { compile, type Diagnostic, encodeDescriptorSet, SourceLines, type SourceRange } from "@farcall/tools/compile"

/** What the compiler made of two small files, in a form that JSON can carry. */
export interface Outcome {
  /** Bytes of the descriptor set of the right one. */
  readonly descriptors: readonly number[]
  /** What it says of the wrong one. */
  readonly diagnostics: readonly Diagnostic[]
  readonly ranges: readonly (SourceRange | undefined)[]
}

const RIGHT = `syntax = "proto3"; package hello; import "google/protobuf/timestamp.proto";
// Grüße 日本
message Hello { string name = 1 [deprecated = true]; google.protobuf.Timestamp at = 2; }
service Greeter { rpc SayHello(Hello) returns (stream Hello); }
`
const WRONG = `syntax = "proto3"; import "right.proto";
message Two { hello.Hallo h = 1; string s = 1; }
`

/** Compiles from texts in memory. Runs wherever JavaScript does. */
export function compileInBrowser(): Outcome {
  const sources = new Map([
    ["right.proto", RIGHT],
    ["wrong.proto", WRONG],
  ])
  const read = (name: string): string | undefined => sources.get(name)
  const right = compile({ files: ["right.proto"], read, includeSourceInfo: true })
  const { diagnostics } = compile({ files: ["wrong.proto"], read })
  const lines = new SourceLines(WRONG)
  return {
    descriptors: [...encodeDescriptorSet(right.files)],
    diagnostics,
    ranges: diagnostics.map((diagnostic) => lines.range(diagnostic)),
  }
}
