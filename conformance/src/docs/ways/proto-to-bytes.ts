import type { Way } from "./way.js"

/** A contract becomes descriptors, descriptors become code, code writes and reads bytes. */
export const protoToBytes: Way = {
  name: "proto-to-bytes",
  title: "The way of a .proto: through the compiler to descriptors, through the generator to code, from there to bytes",
  forth: "to bytes",
  back: "and back to messages",
  left: {
    head: "the compiler",
    stops: [
      { name: "greeter.proto", says: "message HelloRequest { string name = 1; }", forth: [] },
      {
        file: "tools/src/cli/generate.ts",
        forth: ["generateCommand"],
        says: "or tools/src/generate/plugin.ts, behind protoc and buf",
      },
      {
        file: "tools/src/cli/generation.ts",
        forth: ["Generation", "run"],
        says: "finds the files; with --watch, again and again",
      },
      {
        file: "tools/src/compile/compiler.ts",
        forth: ["compile", "compileFile", "link"],
        says: "a file after its imports; gathers all that is wrong",
      },
      { file: "tools/src/compile/lexer.ts", forth: ["Lexer", "next"], says: "text into tokens, and comments" },
      {
        file: "tools/src/compile/parser.ts",
        forth: ["parseFile"],
        says: "tokens into a FileDescriptorProto, and where everything stood",
      },
      { file: "tools/src/compile/linker.ts", forth: ["linkFile"], says: "names into references, across imports" },
      {
        file: "tools/src/compile/options.ts",
        forth: ["OptionInterpreter"],
        says: "options, custom ones too, into the bytes they are",
      },
      { file: "tools/src/compile/validate.ts", forth: ["validateFile"], says: "what must not be" },
    ],
  },
  right: {
    head: "the generator, and what it makes",
    stops: [
      { name: "0a 05 57 6f 72 6c 64", says: "in the connection's output, or from its input", forth: [], back: [] },
      {
        file: "transport/message-writer.ts",
        forth: ["write"],
        says: "where the bytes go; core/message-framing.ts says where they begin",
      },
      {
        file: "protobuf/src/wire/write-string.ts",
        forth: ["writeString"],
        says: "one file for each kind of value; sink.ts is where they write",
      },
      {
        file: "protobuf/src/wire/read-string.ts",
        back: ["readString"],
        says: "its sibling; reader.ts knows the place, find-mistake.ts the fault",
      },
      { name: "greeter_codec.ts", says: "encodeHelloRequest, readHelloRequest: plain code", forth: [], back: [] },
      {
        name: "greeter_grpc.ts, greeter_pb.ts",
        says: "what createClient and server.add take; types and schemas",
        forth: [],
        back: [],
      },
      { file: "tools/src/generate/codecs.ts", forth: ["generateCodecs"], says: "with encoders.ts and decoders.ts" },
      {
        file: "tools/src/generate/services.ts",
        forth: ["generateServices"],
        says: "methods with their codecs; Greeter and its types",
      },
      { file: "tools/src/generate/messages.ts", forth: ["generateMessages"], says: "in protoc-gen-es's shapes" },
      {
        file: "tools/src/generate/generate.ts",
        forth: ["generateFile"],
        says: "which modules a file becomes, and where they lie",
      },
    ],
  },
  between: {
    name: "FileDescriptorSet",
    says: "byte for byte what protoc makes of the same files; what a protoc of one's own has made is taken as well",
    forth: "everything that is known of the files, with their comments",
  },
}
