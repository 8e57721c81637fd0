import {
  createRegistry,
  type DescFile,
  type DescMessage,
  type Message,
  type Registry,
  fromBinary as theirFromBinary,
  toBinary as theirToBinary,
} from "@bufbuild/protobuf"
import { fromBinary, type MessageCodec, toBinary } from "@farcall/protobuf"
import type { CodecPair } from "../../../packages/tools/dist/test-support/codec-pairs.js"
import {
  conformanceModules,
  PROTOCOL,
  TEST_MESSAGES,
} from "../../../packages/tools/dist/test-support/conformance-types.js"

/** A message type under test: its schema, and what reads and writes its bytes. */
export interface TestType {
  readonly schema: DescMessage
  read(bytes: Uint8Array): Message
  write(message: Message): Uint8Array
}

export interface TestTypes {
  /** The message types under test, by their full names. */
  readonly byName: ReadonlyMap<string, TestType>
  /** All messages and extensions that JSON and text may speak of. */
  readonly registry: Registry
  /** What the runner says and is told; always read and written by our codecs. */
  readonly request: MessageCodec<ConformanceRequest, never>
  readonly response: MessageCodec<unknown, ConformanceResponse>
}

/** conformance.proto, as far as it is spoken here. */
export interface ConformanceRequest {
  readonly payload:
    | { readonly case: "protobufPayload"; readonly value: Uint8Array }
    | { readonly case: "jsonPayload" | "jspbPayload" | "textPayload"; readonly value: string }
    | { readonly case: undefined }
  readonly requestedOutputFormat: number
  readonly messageType: string
  readonly testCategory: number
  readonly printUnknownFields: boolean
}

export interface ConformanceResponse {
  readonly result:
    | { readonly case: "protobufPayload"; readonly value: Uint8Array }
    | {
        readonly case: "parseError" | "serializeError" | "runtimeError" | "skipped" | "jsonPayload" | "textPayload"
        readonly value: string
      }
}

/** @param codec whose codecs are tested: "farcall", or "protobuf-es" for comparison */
export async function loadTestTypes(codec: string): Promise<TestTypes> {
  const testType = makers.get(codec)
  if (testType === undefined) throw new Error(`--codec ${codec}: there are ${[...makers.keys()].join(" and ")}`)
  const modules = conformanceModules()
  const byName = new Map<string, TestType>()
  const files: DescFile[] = []
  for (const proto of TEST_MESSAGES) {
    const types = Object.values(await modules.load(proto, "pb")) as readonly unknown[]
    files.push(...types.filter(isFile))
    for (const pair of await modules.pairs(proto)) byName.set(pair.schema.typeName, testType(pair))
  }
  const protocol = await modules.pairs(PROTOCOL)
  const codecOf = (name: string): MessageCodec<never, never> =>
    protocol.find(({ schema }) => schema.name === name)!.codec as MessageCodec<never, never>
  return {
    byName,
    registry: createRegistry(...withImports(files)),
    request: codecOf("ConformanceRequest"),
    response: codecOf("ConformanceResponse"),
  }
}

const makers: ReadonlyMap<string, (pair: CodecPair) => TestType> = new Map([
  [
    "farcall",
    ({ schema, codec }: CodecPair): TestType => ({
      schema,
      read: (bytes) => fromBinary(codec, bytes) as Message,
      write: (message) => toBinary(codec, message),
    }),
  ],
  [
    "protobuf-es",
    ({ schema }: CodecPair): TestType => ({
      schema,
      read: (bytes) => theirFromBinary(schema, bytes),
      write: (message) => theirToBinary(schema, message),
    }),
  ],
])

/** An Any may hold what its file imports. */
function withImports(files: readonly DescFile[]): Set<DescFile> {
  const all = new Set(files)
  for (const file of all) for (const dependency of file.dependencies) all.add(dependency)
  return all
}

function isFile(value: unknown): value is DescFile {
  return (value as { kind?: unknown }).kind === "file"
}
