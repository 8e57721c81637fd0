export { fromBinary, toBinary } from "./binary.js"
export type { ByteSink, MessageCodec } from "./codec.js"
export { DecodeError } from "./decode-error.js"
export type { Described, FieldContent, FieldEntry, ScalarContent } from "./field-table.js"
