import type { UnknownField } from "@bufbuild/protobuf"
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire"
import { bytesText } from "./literals.js"
import type { TextLines } from "./text-lines.js"

/** Writes fields of which only numbers and bytes are known, as C++ does. */
export function writeUnknown(lines: TextLines, fields: readonly UnknownField[], depth: number = 0): void {
  for (const { no, wireType, data } of fields) {
    const reader = new BinaryReader(data)
    switch (wireType) {
      case WireType.Varint:
        lines.line(`${no}: ${reader.uint64()}`)
        break
      case WireType.Bit32:
        lines.line(`${no}: 0x${reader.fixed32().toString(16).padStart(8, "0")}`)
        break
      case WireType.Bit64:
        lines.line(`${no}: 0x${BigInt(reader.fixed64()).toString(16).padStart(16, "0")}`)
        break
      case WireType.LengthDelimited: {
        const bytes = reader.bytes()
        const inner = bytes.length > 0 && depth < MAX_DEPTH ? fieldsOf(bytes) : undefined
        if (inner === undefined) lines.line(`${no}: ${bytesText(bytes)}`)
        else lines.block(`${no}`, () => writeUnknown(lines, inner, depth + 1))
        break
      }
      case WireType.StartGroup:
        lines.block(`${no}`, () => writeUnknown(lines, groupFields(data), depth + 1))
        break
    }
  }
}

/** C++ looks no deeper for messages in bytes. */
const MAX_DEPTH = 10

/** The fields in bytes; undefined when they are no message. */
function fieldsOf(bytes: Uint8Array): UnknownField[] | undefined {
  const reader = new BinaryReader(bytes)
  const fields: UnknownField[] = []
  try {
    while (reader.pos < reader.len) {
      const [no, wireType] = reader.tag()
      fields.push({ no, wireType, data: reader.skip(wireType, no) })
    }
  } catch {
    return undefined
  }
  return fields
}

/** The fields in a group, whose end tag is part of its data. */
export function groupFields(data: Uint8Array): UnknownField[] {
  const reader = new BinaryReader(data)
  const fields: UnknownField[] = []
  for (;;) {
    const [no, wireType] = reader.tag()
    if (wireType === WireType.EndGroup) return fields
    fields.push({ no, wireType, data: reader.skip(wireType, no) })
  }
}
