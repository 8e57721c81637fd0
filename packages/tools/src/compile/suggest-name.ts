import { bundledFile, bundledNames } from "./bundled.js"
import { closest, didYouMean } from "./did-you-mean.js"
import type { LinkContext } from "./link-context.js"
import { TYPE_KEYWORDS } from "./parse-type.js"
import type { DeclaredSymbol, MessageSymbol } from "./symbols.js"

/** What a name has to be where it stands. */
type Wanted = "type" | "message"

/** What may be meant by the name of a type that does not exist; `from` is the declaration that uses it. */
export function suggestType(context: LinkContext, written: string, from: string, wanted: Wanted): string | undefined {
  const isWanted = ({ kind }: DeclaredSymbol): boolean => kind === "message" || (kind === "enum" && wanted === "type")
  const scalars = wanted === "type" ? [...TYPE_KEYWORDS.keys()].filter((name) => name !== "group") : []
  const name = closestName(context, written, from, isWanted, scalars)
  return name === undefined ? suggestBundled(written) : `did you mean \`${name}\`?`
}

/** What may be meant by the name of an extension that is no option of this message. */
export function suggestExtension(
  context: LinkContext,
  written: string,
  from: string,
  message: MessageSymbol,
): string | undefined {
  const extendee = `.${message.name}`
  const isWanted = (symbol: DeclaredSymbol): boolean => symbol.kind === "extension" && symbol.node.extendee === extendee
  const name = closestName(context, written, from, isWanted, [])
  if (name !== undefined) return `did you mean \`(${name})\`?`
  return message.node.field.some((field) => field.name === written) ? `did you mean \`${written}\`?` : undefined
}

/** What may be meant by the name of an option that its message does not have. */
export function suggestOption(
  context: LinkContext,
  written: string,
  from: string,
  message: MessageSymbol,
): string | undefined {
  const symbol = context.scope.lookup(written, from, false)
  const isExtension = symbol?.kind === "extension" && symbol.node.extendee === `.${message.name}`
  if (isExtension) return `did you mean \`(${written})\`? The names of custom options stand between parentheses.`
  const own = message.name === "google.protobuf.FieldOptions" ? ["default", "json_name"] : []
  return didYouMean(written, [...message.node.field.map(({ name }) => name), ...own])
}

/** The closest of the names that the file sees, spelled so that it is found from where it will stand. */
function closestName(
  context: LinkContext,
  written: string,
  from: string,
  isWanted: (symbol: DeclaredSymbol) => boolean,
  others: readonly string[],
): string | undefined {
  const bare = written.replace(/^\./, "")
  const parts = bare.split(".").length
  // Gone through anew each time rather than gathered: there may be as many as the file has lines.
  function* tails(): Iterable<string> {
    for (const symbol of context.scope.visibleSymbols()) if (isWanted(symbol)) yield lastParts(symbol.name, parts)
    yield* others
  }
  const withTail = (tail: string): DeclaredSymbol | undefined => {
    for (const symbol of context.scope.visibleSymbols()) {
      if (isWanted(symbol) && lastParts(symbol.name, parts) === tail) return symbol
    }
    return undefined
  }
  // The right name, without the package it is in, is as close as can be.
  const tail = withTail(bare) ? bare : closest(bare, tails())
  if (tail === undefined) return undefined
  const symbol = withTail(tail)
  if (!symbol) return tail
  const spellings = written === tail ? [symbol.name] : [tail, symbol.name]
  return spellings.find((name) => context.scope.lookup(name, from, false) === symbol) ?? `.${symbol.name}`
}

function lastParts(name: string, count: number): string {
  let at = name.length
  for (let i = 0; i < count && at >= 0; i++) at = name.lastIndexOf(".", at - 1)
  return name.slice(at + 1)
}

/** The well-known types are used by many, and their imports forgotten by as many. */
function suggestBundled(written: string): string | undefined {
  const [name] = /[^.]+$/.exec(written) ?? []
  if (name === undefined || ![name, `google.protobuf.${name}`, `.google.protobuf.${name}`].includes(written)) {
    return undefined
  }
  for (const file of bundledNames()) {
    const proto = bundledFile(file)?.proto
    if (proto?.package !== "google.protobuf") continue
    if (![...proto.messageType, ...proto.enumType].some((node) => node.name === name)) continue
    return written === name
      ? `did you mean \`google.protobuf.${name}\`, of \`import "${file}";\`?`
      : `\`import "${file}";\` is missing`
  }
  return undefined
}
