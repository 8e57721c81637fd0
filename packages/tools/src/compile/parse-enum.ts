import { create } from "@bufbuild/protobuf"
import {
  type EnumDescriptorProto,
  EnumDescriptorProtoSchema,
  EnumValueDescriptorProtoSchema,
  SymbolVisibility,
} from "@bufbuild/protobuf/wkt"
import { parseHead } from "./declaration-head.js"
import { parseBracketedOptions, parseOptionStatement } from "./parse-option.js"
import { parseEnumReserved } from "./parse-reserved.js"
import { sets, setsTo } from "./parsed-file.js"
import type { Path } from "./source-info.js"
import type { TokenStream } from "./token-stream.js"

// Field numbers of EnumDescriptorProto and EnumValueDescriptorProto.
const ENUM = { value: 2, options: 3 } as const
const VALUE = { number: 2, options: 3 } as const

/** `enum Name { … }`. */
export function parseEnum(
  tokens: TokenStream,
  path: Path,
  enums: EnumDescriptorProto[],
  visibility: SymbolVisibility,
): void {
  tokens.within(path, (location) => {
    const node = parseHead(tokens, path, create(EnumDescriptorProtoSchema), enums, "enum")
    tokens.expectEnd("{", location)
    tokens.block("enum definition", () => {
      if (tokens.is("option")) parseOptionStatement(tokens, node, [...path, ENUM.options])
      else if (tokens.is("reserved")) parseEnumReserved(tokens, node, path)
      else parseEnumValue(tokens, node, [...path, ENUM.value, node.value.length])
    })
    checkAliases(tokens, node)
    if (visibility !== SymbolVisibility.VISIBILITY_UNSET) node.visibility = visibility
  })
}

/** An enum says that it has aliases if, and only if, it has some. */
function checkAliases(tokens: TokenStream, node: EnumDescriptorProto): void {
  const option = tokens.options
    .get(node)
    ?.find((statement) => statement.name.length === 1 && sets(statement, "allow_alias"))
  if (!option) return
  if (!setsTo(option, "allow_alias", "true")) {
    tokens.fail(
      `"${node.name}" declares 'option allow_alias = false;' which has no effect. Please remove the declaration.`,
    )
  }
  if (new Set(node.value.map(({ number }) => number)).size === node.value.length) {
    tokens.fail(
      `"${node.name}" declares support for enum aliases but no enum values share field numbers. Please remove the ` +
        "unnecessary 'option allow_alias = true;' declaration.",
    )
  }
}

/** `NAME = 1 [options];`. */
function parseEnumValue(tokens: TokenStream, parent: EnumDescriptorProto, path: Path): void {
  tokens.within(path, (location) => {
    const node = create(EnumValueDescriptorProtoSchema)
    parent.value.push(node)
    tokens.source.place(node, path)
    node.name = tokens.declaredName(path, "Expected enum constant name.")
    tokens.expect("=", "Missing numeric value for enum constant.")
    node.number = tokens.within([...path, VALUE.number], () => tokens.signedInteger("Expected integer."))
    parseBracketedOptions(tokens, node, [...path, VALUE.options])
    tokens.expectEnd(";", location)
  })
}
