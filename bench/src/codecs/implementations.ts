import { fileURLToPath } from "node:url"
import {
  type DescMessage,
  equals,
  fromBinary as esFromBinary,
  toBinary as esToBinary,
  type MessageShape,
} from "@bufbuild/protobuf"
import { type ByteSink, fromBinary, toBinary } from "@farcall/protobuf"
import protobufjs from "protobufjs"
import type { Shape } from "./shapes.js"

/** One library's way of writing and reading one shape. `n` picks the value. */
export interface Implementation {
  readonly library: Library
  /** Writes a value to an array of its own; returns its length. */
  encode(n: number): number
  /** Writes a value into a buffer that is used again and again, as calls do; returns its length. */
  readonly encodeInPlace?: (n: number) => number
  /** Reads a value from bytes that belong to others. */
  decode(n: number): unknown
}

export type Library = "farcall" | "protobuf-es" | "protobufjs"

/**
 * All libraries for one shape.
 * @throws Error when they do not read and write the same
 */
export function implementations(shape: Shape): Implementation[] {
  const { schema, codec, messages } = shape
  const encoded = messages.map((message) => esToBinary(schema, message))
  const reflected = protobufjsRoot.lookupType(schema.typeName)
  const objects = encoded.map((bytes) => reflected.decode(bytes))
  messages.forEach((message, n) => {
    const theirs = reflected.encode(objects[n]!).finish()
    const read = fromBinary(codec, encoded[n]!) as MessageShape<DescMessage>
    const written = [toBinary(codec, message), theirs].map((bytes) => esFromBinary(schema, bytes))
    for (const copy of [read, ...written]) {
      if (!equals(schema, message, copy)) throw new Error(`${shape.name} ${n}: the libraries do not agree`)
    }
  })
  const sink: ByteSink = { buffer: new Uint8Array(65536), start: 0, limit: 65536 }
  return [
    {
      library: "farcall",
      encode: (n) => toBinary(codec, messages[n]!).length,
      encodeInPlace: (n) => codec.encode(messages[n]!, sink, 0),
      decode: (n) => fromBinary(codec, encoded[n]!),
    },
    {
      library: "protobuf-es",
      encode: (n) => esToBinary(schema, messages[n]!).length,
      decode: (n) => esFromBinary(schema, encoded[n]!),
    },
    {
      // Reflected from the .proto; at run time protobufjs makes of it the code that its static modules consist of.
      library: "protobufjs",
      encode: (n) => reflected.encode(objects[n]!).finish().length,
      decode: (n) => reflected.decode(encoded[n]!),
    },
  ]
}

const protobufjsRoot = protobufjs.loadSync(fileURLToPath(new URL("../../proto/shapes.proto", import.meta.url)))
