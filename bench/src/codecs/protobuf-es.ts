import { type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf"
import {
  BlobSchema,
  DemoSchema,
  MixedSchema,
  NestedSchema,
  NumbersSchema,
  StringsSchema,
  TinySchema,
} from "../gen/shapes_pb.js"
import type { Library } from "./library.js"
import type { ShapeName } from "./shapes.js"

export const protobufEs: Library = {
  subject(shape, encoded) {
    const schema = schemas[shape]
    const messages = encoded.map((bytes) => fromBinary(schema, bytes))
    return {
      encode: (n) => toBinary(schema, messages[n]!),
      decode: (n) => fromBinary(schema, encoded[n]!),
    }
  },
}

const schemas: Readonly<Record<ShapeName, DescMessage>> = {
  tiny: TinySchema,
  demo: DemoSchema,
  strings: StringsSchema,
  mixed: MixedSchema,
  nested: NestedSchema,
  numbers: NumbersSchema,
  blob: BlobSchema,
}
