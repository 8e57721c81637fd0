import type { HeaderBlock } from "./hpack/header-block.js"

/** What a header block stands for; the rules differ. */
export type MessagePart = "request" | "response" | "trailers"

/**
 * What makes a header block malformed by RFC 9113 §8, or undefined. A block that is shared by many streams is checked
 * once: what it passed is kept in it.
 */
export function headerFault(block: HeaderBlock, part: MessagePart): string | undefined {
  const passed = part === "request" ? Passed.request : part === "response" ? Passed.response : Passed.trailers
  if ((block.checks & passed) !== 0) return undefined
  // The decoder has judged each field by itself when it made the string or the table's entry.
  const fault = block.pseudoFault ?? block.fieldFault ?? pseudoHeaderFault(block, part)
  if (fault !== undefined) return fault
  block.checks |= passed
  if (block.get("content-length") !== undefined) block.checks |= Passed.withContentLength
  return undefined
}

/**
 * The content-length of a block that has passed `headerFault`: bytes, −1 when it has none, NaN when it is no number or
 * several that differ (RFC 9110 §8.6).
 */
export function contentLength(block: HeaderBlock): number {
  if ((block.checks & Passed.withContentLength) === 0) return -1
  let length = -1
  const { fields } = block
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] !== "content-length") continue
    const text = fields[i + 1]
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (length !== -1 && value !== length) return Number.NaN
    length = value
  }
  return length
}

/** Bits of `HeaderBlock.checks`. */
const Passed = { request: 1, response: 2, trailers: 4, withContentLength: 8 } as const

function pseudoHeaderFault(block: HeaderBlock, part: MessagePart): string | undefined {
  if (block.protocol !== undefined) return "pseudo-header :protocol without SETTINGS_ENABLE_CONNECT_PROTOCOL"
  switch (part) {
    case "request":
      return requestFault(block)
    case "response":
      if (hasRequestPseudoHeader(block)) return "a pseudo-header of requests in a response"
      if (block.status === undefined) return "response without :status"
      if (!/^[1-9][0-9][0-9]$/.test(block.status)) return `:status is ${JSON.stringify(block.status)}`
      // RFC 9113 §8.6: 101 has no meaning in HTTP/2.
      return block.status === "101" ? ":status is 101" : undefined
    case "trailers":
      // RFC 9113 §8.1.
      return block.status !== undefined || hasRequestPseudoHeader(block) ? "a pseudo-header in trailers" : undefined
  }
}

/** RFC 9113 §8.3.1. */
function requestFault(block: HeaderBlock): string | undefined {
  const { method, path, scheme } = block
  if (block.status !== undefined) return ":status in a request"
  if (method === undefined) return "request without :method"
  if (method === "CONNECT") {
    // RFC 9113 §8.5: a plain CONNECT names where to, and nothing else.
    if (scheme !== undefined || path !== undefined) return "CONNECT with :scheme or :path"
    return block.authority === undefined ? "CONNECT without :authority" : undefined
  }
  if (scheme === undefined) return "request without :scheme"
  if (path === undefined) return "request without :path"
  if (scheme !== "http" && scheme !== "https") return undefined
  if (path.charCodeAt(0) !== 0x2f && !(path === "*" && method === "OPTIONS")) {
    return `:path is ${JSON.stringify(path)}, it does not begin with a slash`
  }
  return block.authority?.includes("@") ? ":authority with a user's name" : undefined
}

function hasRequestPseudoHeader(block: HeaderBlock): boolean {
  return (
    block.method !== undefined ||
    block.path !== undefined ||
    block.scheme !== undefined ||
    block.authority !== undefined
  )
}
