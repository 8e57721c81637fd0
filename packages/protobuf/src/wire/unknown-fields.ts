import type { UnknownField } from "@bufbuild/protobuf"
import type { ByteSink } from "../codec.js"
import { DecodeError, truncated } from "../decode-error.js"
import { takeBytes } from "./read-bytes.js"
import { type Reader, readTag, readVarint32 } from "./reader.js"
import { grow, writeVarint32 } from "./sink.js"
import { END_GROUP, FIXED32, FIXED64, LENGTH_DELIMITED, START_GROUP, VARINT } from "./wire-type.js"
import { writeNegative } from "./write-scalar.js"

/**
 * Keeps a field that the message does not have, or has with another wire type, so that it is written again. `position`
 * is behind its tag. Leaves the position behind the field in `reader.position`.
 */
export function keepUnknown(
  reader: Reader,
  tag: number,
  position: number,
  fields: UnknownField[] | undefined,
): UnknownField[] {
  const end = skipField(reader, tag, position)
  fields ??= []
  fields.push({ no: tag >>> 3, wireType: tag & 7, data: takeBytes(reader, position, end) })
  return fields
}

/** Keeps a value that a closed enum does not have. */
export function keepUnknownEnum(value: number, number: number, fields: UnknownField[] | undefined): UnknownField[] {
  const buffer = new Uint8Array(10)
  const size = value < 0 ? writeNegative(buffer, 0, value) : writeVarint32(buffer, 0, value)
  fields ??= []
  fields.push({ no: number, wireType: VARINT, data: buffer.slice(0, size) })
  return fields
}

/** Passes over a field whose tag ends at `position`, and returns (and leaves in `reader.position`) where it ends. */
export function skipField(reader: Reader, tag: number, position: number): number {
  const end = skipValue(reader, tag, position, reader.depth)
  reader.position = end
  return end
}

/**
 * Where the content of a group ends, whose start tag ends at `position`; `reader.position` is then behind its end tag.
 * Fields with delimited encoding are read in this way: their content is bounded before it is looked into. Groups in it
 * are passed over meanwhile, and what was seen of them is kept: groups in groups would be looked through at every level.
 */
export function findGroupEnd(reader: Reader, tag: number, position: number): number {
  const end = reader.groupEnds?.get(position)
  if (end === undefined) {
    reader.groupEnds ??= new Map()
    skipField(reader, tag, position)
    return reader.groupEnd
  }
  readTag(reader, end)
  return end
}

/** Writes unknown fields as they came. */
export function writeUnknown(sink: ByteSink, position: number, fields: readonly UnknownField[]): number {
  for (const { no, wireType, data } of fields) {
    if (position + data.length + 5 > sink.limit) grow(sink, position, data.length + 5)
    position = writeVarint32(sink.buffer, position, ((no << 3) | wireType) >>> 0)
    sink.buffer.set(data, position)
    position += data.length
  }
  return position
}

function skipValue(reader: Reader, tag: number, position: number, depth: number): number {
  if (tag < 8) throw new DecodeError("a tag has the field number 0")
  let end: number
  switch (tag & 7) {
    case VARINT:
      return skipVarint(reader, position)
    case FIXED64:
      end = position + 8
      break
    case FIXED32:
      end = position + 4
      break
    case LENGTH_DELIMITED: {
      const length = readVarint32(reader, position)
      end = reader.position + length
      break
    }
    case START_GROUP:
      return skipGroup(reader, tag, position, depth)
    default:
      throw new DecodeError(`a tag has the wire type ${tag & 7}${(tag & 7) === END_GROUP ? " outside a group" : ""}`)
  }
  if (!(end <= reader.stop)) throw truncated()
  return end
}

function skipVarint(reader: Reader, position: number): number {
  const limit = Math.min(reader.stop, position + 10)
  while (position < limit) {
    if (reader.bytes[position++]! < 0x80) return position
  }
  throw position < reader.stop ? new DecodeError("a varint has more than ten bytes") : truncated()
}

function skipGroup(reader: Reader, start: number, position: number, depth: number): number {
  if (depth <= 0) throw new DecodeError("groups are nested too deep")
  for (;;) {
    const tagStart = position
    const tag = readTag(reader, position)
    position = reader.position
    if ((tag & 7) === END_GROUP) {
      if (tag >>> 3 !== start >>> 3) throw new DecodeError("a group ends that was not begun")
      reader.groupEnd = tagStart
      return position
    }
    const content = position
    position = skipValue(reader, tag, position, depth - 1)
    if ((tag & 7) === START_GROUP) reader.groupEnds?.set(content, reader.groupEnd)
  }
}
