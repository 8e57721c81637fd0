import type { HeaderFields } from "./hpack/header-block.js"
import { maxFieldsLength, PreparedHeaders } from "./hpack/prepared-headers.js"
import { entryOverhead } from "./hpack/table-entry.js"

/** By how many bytes a header list is above a limit, as RFC 9113 §6.5.2 counts them: names, values, and 32 for each field. */
export function headerListExcess(
  headers: PreparedHeaders | HeaderFields,
  extra: HeaderFields | undefined,
  limit: number,
): number {
  const prepared = headers instanceof PreparedHeaders
  const encoded = (prepared ? headers.maxLength : maxFieldsLength(headers)) + (extra ? maxFieldsLength(extra) : 0)
  // Most lists are far below: the bound of the encoding counts 15 bytes where the size counts 32.
  if (encoded * 3 <= limit) return 0
  const size = sizeOf(prepared ? headers.fields : headers) + (extra ? sizeOf(extra) : 0)
  return Math.max(0, size - limit)
}

function sizeOf(fields: HeaderFields): number {
  let size = (fields.length >> 1) * entryOverhead
  for (let i = 0; i < fields.length; i++) size += fields[i].length
  return size
}
