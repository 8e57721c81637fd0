import type { DescMessage } from "@bufbuild/protobuf"
import * as wkt from "@bufbuild/protobuf/wkt"
import type { MessageCodec } from "@farcall/protobuf"
import * as wktCodecs from "@farcall/protobuf/wkt"
import * as everyKindCodecs from "../gen/every_kind_codec.js"
import * as everyKind from "../gen/every_kind_pb.js"
import * as hostileCodecs from "../gen/hostile_codec.js"
import * as hostile from "../gen/hostile_pb.js"

/** A message type with its two ways to the wire: the schema for @bufbuild/protobuf, and our codec. */
export interface CodecPair {
  readonly schema: DescMessage
  // biome-ignore lint/suspicious/noExplicitAny: the pairs of a list have message types of their own
  readonly codec: MessageCodec<any, any>
}

/** Pairs the schemas of a `_pb` module with the codecs of its `_codec` module, by the name of the message. */
export function pairsOf(types: object, codecs: object): CodecPair[] {
  const byName = new Map<string, CodecPair["codec"]>()
  for (const codec of Object.values(codecs)) if (isCodec(codec)) byName.set(codec.typeName, codec)
  const pairs: CodecPair[] = []
  for (const schema of Object.values(types)) {
    if (!isMessageSchema(schema)) continue
    const codec = byName.get(schema.typeName)
    if (codec !== undefined) pairs.push({ schema, codec })
  }
  if (pairs.length !== byName.size) throw new Error(`${byName.size - pairs.length} codecs have no schema`)
  return pairs
}

export const proto3Pairs: readonly CodecPair[] = [
  ...pairsOf(everyKind, everyKindCodecs),
  // create() takes what an empty initialiser inherits from Object.prototype for the fields of Inherited.
  ...pairsOf(hostile, hostileCodecs).filter(({ schema }) => schema.name !== "Inherited"),
]

/** The well-known types: descriptor.proto among them is proto2, with defaults and closed enums. */
export const wellKnownPairs: readonly CodecPair[] = pairsOf(wkt, wktCodecs)

function isCodec(value: unknown): value is CodecPair["codec"] {
  return typeof value === "object" && value !== null && "encode" in value && "typeName" in value
}

function isMessageSchema(value: unknown): value is DescMessage {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "message"
}
