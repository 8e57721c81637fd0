import { FieldKind } from "./field-kind.js"
import { HeaderBlock } from "./header-block.js"

/** A block as long as it is being put together; after that it never changes. */
export type HeaderBlockDraft = { -readonly [Key in Exclude<keyof HeaderBlock, "fields">]: HeaderBlock[Key] } & {
  fields: string[]
}

/** An empty one. */
export function newDraft(): HeaderBlockDraft {
  return new HeaderBlock() as HeaderBlock & { fields: string[] }
}

/** Fields go on being counted and put in the table, but nothing of the list is kept; but see `keepContentType`. */
export function dropFields(block: HeaderBlockDraft): void {
  const { fields } = block
  block.oversize = true
  block.fields = []
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === "content-type") keepContentType(block, fields[i + 1])
  block.method = block.path = block.scheme = block.authority = block.status = block.protocol = undefined
  block.pseudoFault = block.fieldFault = undefined
  block.neverIndexed = undefined
}

/** The one field of an oversize list that is kept: it says in which protocol the list is to be refused. */
export function keepContentType(block: HeaderBlockDraft, value: string): void {
  if (block.fields.length === 0 && value.length <= maxContentType) block.fields.push("content-type", value)
}

/** Longer than any that means something to us. */
const maxContentType = 64

/** RFC 9113 §8.2.3: a cookie that came in crumbs is one field to whoever reads the list. False: this is the first crumb. */
export function joinCookie(block: HeaderBlockDraft, crumb: string): boolean {
  const { fields } = block
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] !== "cookie") continue
    fields[i + 1] += `; ${crumb}`
    return true
  }
  return false
}

/** RFC 9113 §8.3: each at most once, only those defined, and all before the regular fields. */
export function addPseudoHeader(block: HeaderBlockDraft, kind: FieldKind, name: string, value: string): void {
  const earlier = setPseudoHeader(block, kind, value)
  if (kind === FieldKind.unknownPseudo) block.pseudoFault ??= `pseudo-header ${name} is unknown`
  else if (earlier !== undefined) block.pseudoFault ??= `pseudo-header ${name} occurs twice`
  if (block.fields.length > 0) block.pseudoFault ??= `pseudo-header ${name} follows a regular field`
}

/** Returns the value that was there before. */
function setPseudoHeader(block: HeaderBlockDraft, kind: FieldKind, value: string): string | undefined {
  let earlier: string | undefined
  switch (kind) {
    case FieldKind.method:
      earlier = block.method
      block.method = value
      break
    case FieldKind.path:
      earlier = block.path
      block.path = value
      break
    case FieldKind.scheme:
      earlier = block.scheme
      block.scheme = value
      break
    case FieldKind.authority:
      earlier = block.authority
      block.authority = value
      break
    case FieldKind.status:
      earlier = block.status
      block.status = value
      break
    case FieldKind.protocol:
      earlier = block.protocol
      block.protocol = value
      break
  }
  return earlier
}
