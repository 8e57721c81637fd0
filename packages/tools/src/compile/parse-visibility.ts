import { Edition, SymbolVisibility } from "@bufbuild/protobuf/wkt"
import type { TokenStream } from "./token-stream.js"

/** `export` or `local` before a message or an enum, from edition 2024 on; before, they are names as any other. */
export function parseVisibility(tokens: TokenStream): SymbolVisibility {
  const visibility = KEYWORDS.get(tokens.lexer.text)
  if (visibility === undefined || tokens.edition < Edition.EDITION_2024) return SymbolVisibility.VISIBILITY_UNSET
  tokens.lexer.next()
  if (!tokens.is("message") && !tokens.is("enum")) {
    tokens.fail("'local' and 'export' visibility modifiers are valid only on 'message' and 'enum'")
  }
  return visibility
}

const KEYWORDS: ReadonlyMap<string, SymbolVisibility> = new Map([
  ["export", SymbolVisibility.VISIBILITY_EXPORT],
  ["local", SymbolVisibility.VISIBILITY_LOCAL],
])
