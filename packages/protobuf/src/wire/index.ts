// What generated codecs call. Not for use by hand: it changes with the generator, in the same version.
export { truncated } from "../decode-error.js"
export {
  checkList,
  checkMap,
  checkMessage,
  keyToBool,
  keyToInt32,
  keyToInt64,
  keyToUint32,
  keyToUint64,
  missing,
} from "./field-value.js"
export { isSet, messageClass, setEntry, wrapped } from "./message-object.js"
export { NO_BYTES, readBytes } from "./read-bytes.js"
export { readKey } from "./read-key.js"
export {
  readPackedBool,
  readPackedDouble,
  readPackedEnum,
  readPackedFixed32,
  readPackedFixed64,
  readPackedFloat,
  readPackedInt32,
  readPackedInt64,
  readPackedSfixed32,
  readPackedSfixed64,
  readPackedSint32,
  readPackedSint64,
  readPackedUint32,
  readPackedUint64,
} from "./read-packed.js"
export {
  readBool,
  readDouble,
  readFixed32,
  readFixed64,
  readFloat,
  readInt64,
  readSfixed32,
  readSfixed64,
  readSint64,
  readUint64,
  unzigzag,
} from "./read-scalar.js"
export { readLossyString, readString } from "./read-string.js"
export {
  beginDecoding,
  endDecoding,
  explained,
  type Reader,
  readLength,
  readTag,
  readVarint32,
  tooDeep,
} from "./reader.js"
export { beginLength, endLength, writeTag } from "./sink.js"
export { findGroupEnd, keepUnknown, keepUnknownEnum, skipField, writeUnknown } from "./unknown-fields.js"
export {
  writePackedBool,
  writePackedDouble,
  writePackedFixed32,
  writePackedFixed64,
  writePackedFloat,
  writePackedInt32,
  writePackedInt64,
  writePackedSfixed32,
  writePackedSfixed64,
  writePackedSint32,
  writePackedSint64,
  writePackedUint32,
  writePackedUint64,
} from "./write-packed.js"
export {
  writeBool,
  writeBytes,
  writeDouble,
  writeFixed32,
  writeFixed64,
  writeFloat,
  writeInt32,
  writeInt64,
  writeSfixed32,
  writeSfixed64,
  writeSint32,
  writeSint64,
  writeUint32,
  writeUint64,
} from "./write-scalar.js"
export { writeString } from "./write-string.js"
