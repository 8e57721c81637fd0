import { TableEntry } from "./table-entry.js"

/** RFC 7541 appendix A, flat: entry 1 is the first pair. */
// biome-ignore format: one entry a line, as the RFC has them
const fields = [
  ":authority", "",
  ":method", "GET",
  ":method", "POST",
  ":path", "/",
  ":path", "/index.html",
  ":scheme", "http",
  ":scheme", "https",
  ":status", "200",
  ":status", "204",
  ":status", "206",
  ":status", "304",
  ":status", "400",
  ":status", "404",
  ":status", "500",
  "accept-charset", "",
  "accept-encoding", "gzip, deflate",
  "accept-language", "",
  "accept-ranges", "",
  "accept", "",
  "access-control-allow-origin", "",
  "age", "",
  "allow", "",
  "authorization", "",
  "cache-control", "",
  "content-disposition", "",
  "content-encoding", "",
  "content-language", "",
  "content-length", "",
  "content-location", "",
  "content-range", "",
  "content-type", "",
  "cookie", "",
  "date", "",
  "etag", "",
  "expect", "",
  "expires", "",
  "from", "",
  "host", "",
  "if-match", "",
  "if-modified-since", "",
  "if-none-match", "",
  "if-range", "",
  "if-unmodified-since", "",
  "last-modified", "",
  "link", "",
  "location", "",
  "max-forwards", "",
  "proxy-authenticate", "",
  "proxy-authorization", "",
  "range", "",
  "referer", "",
  "refresh", "",
  "retry-after", "",
  "server", "",
  "set-cookie", "",
  "strict-transport-security", "",
  "transfer-encoding", "",
  "user-agent", "",
  "vary", "",
  "via", "",
  "www-authenticate", "",
]

/** The entries by index (1 to 61); there is none at 0. */
export const staticEntries: readonly (TableEntry | undefined)[] = [undefined, ...entries()]

/** The last index of the static table: the dynamic table begins after it (RFC 7541 §2.3.3). */
export const lastStaticIndex = 61

/** What the static table has for one name. */
export interface StaticName {
  /** The first entry of that name. */
  readonly index: number
  /** Every entry of that name, by its value. */
  readonly indexByValue: ReadonlyMap<string, number>
}

/** Where each name of the static table stands in it, by the name. */
export const staticNames: ReadonlyMap<string, StaticName> = names()

function entries(): TableEntry[] {
  const list: TableEntry[] = []
  for (let i = 0; i < fields.length; i += 2) list.push(new TableEntry(fields[i], fields[i + 1]))
  return list
}

function names(): Map<string, StaticName> {
  const byName = new Map<string, { index: number; indexByValue: Map<string, number> }>()
  for (let index = 1; index <= lastStaticIndex; index++) {
    const { name, value } = staticEntries[index]!
    let known = byName.get(name)
    if (known === undefined) byName.set(name, (known = { index, indexByValue: new Map() }))
    known.indexByValue.set(value, index)
  }
  return byName
}
