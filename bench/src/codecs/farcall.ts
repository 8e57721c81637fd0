import { type ByteSink, fromBinary, type MessageCodec, toBinary } from "@farcall/protobuf"
import {
  BlobCodec,
  DemoCodec,
  MixedCodec,
  NestedCodec,
  NumbersCodec,
  StringsCodec,
  TinyCodec,
} from "../gen/shapes_codec.js"
import type { Library } from "./library.js"
import type { ShapeName } from "./shapes.js"

export const farcall: Library = {
  subject(shape, encoded) {
    const codec = codecs[shape] as MessageCodec<unknown>
    const messages = encoded.map((bytes) => fromBinary(codec, bytes))
    return {
      encode: (n) => toBinary(codec, messages[n]),
      encodeInPlace: (n) => codec.encode(messages[n], sink, 0),
      decode: (n) => codec.decode(encoded[n]!, 0, encoded[n]!.length, true),
      decodeCopy: (n) => fromBinary(codec, encoded[n]!),
    }
  },
}

const codecs: Readonly<Record<ShapeName, object>> = {
  tiny: TinyCodec,
  demo: DemoCodec,
  strings: StringsCodec,
  mixed: MixedCodec,
  nested: NestedCodec,
  numbers: NumbersCodec,
  blob: BlobCodec,
}

const SINK_SIZE = 1 << 20
const sink: ByteSink = { buffer: new Uint8Array(SINK_SIZE), start: 0, limit: SINK_SIZE }
