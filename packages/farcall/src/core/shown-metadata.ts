import { encodeBase64 } from "./base64.js"
import { isSecretName } from "./secret-name.js"

/** What of a call's metadata is shown: nothing; all but secrets; or the values of these keys, and the keys of others. */
export type ShownMetadata = boolean | ReadonlySet<string>

/** What is to be seen of it, by key: values, or how long those are that are not shown. */
export function shownOf(
  metadata: Iterable<readonly [key: string, value: string | Uint8Array]>,
  shown: ShownMetadata,
): Record<string, string> {
  const visible: Record<string, string> = Object.create(null)
  if (shown === false) return visible
  for (const [key, value] of metadata) {
    const open = shown === true ? !isSecretName(key) : shown.has(key)
    const text = open ? textOf(value) : `(${value.length} bytes)`
    visible[key] = visible[key] === undefined ? text : `${visible[key]}, ${text}`
  }
  return visible
}

function textOf(value: string | Uint8Array): string {
  return typeof value === "string" ? value : encodeBase64(value)
}
