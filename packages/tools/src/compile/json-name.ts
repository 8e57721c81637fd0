/**
 * The default JSON name of a field: underscores go, and the letter after each is capital. ASCII letters only, as protoc.
 */
export function jsonName(name: string): string {
  let at = name.indexOf("_")
  if (at < 0) return name
  let out = name.slice(0, at)
  while (at < name.length) {
    while (name[at] === "_") at++
    const end = name.indexOf("_", at)
    const letter = name[at] ?? ""
    out += letter >= "a" && letter <= "z" ? letter.toUpperCase() : letter
    out += name.slice(at + 1, end < 0 ? undefined : end)
    at = end < 0 ? name.length : end
  }
  return out
}

/** The name of the message that an entry of the map of this name is on the wire. */
export function mapEntryName(map: string): string {
  return `${jsonName(`_${map}`)}Entry`
}
