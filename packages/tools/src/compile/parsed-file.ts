import type {
  DescriptorProto,
  DescriptorProto_ExtensionRange,
  EnumDescriptorProto,
  EnumValueDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
  MethodDescriptorProto,
  OneofDescriptorProto,
  ServiceDescriptorProto,
  SourceCodeInfo_Location,
} from "@bufbuild/protobuf/wkt"
import type { Position } from "./diagnostics.js"
import type { TokenKind } from "./lexer.js"
import type { SourceInfo } from "./source-info.js"

/** What the parser makes of a file: a descriptor whose type names are as written and whose options are not set yet. */
export interface ParsedFile {
  readonly proto: FileDescriptorProto
  readonly source: SourceInfo
  /** Options as written, in order, for each declaration that has any. */
  readonly options: Map<OptionOwner, OptionStatement[]>
}

export type OptionOwner =
  | DescriptorProto
  | DescriptorProto_ExtensionRange
  | EnumDescriptorProto
  | EnumValueDescriptorProto
  | FieldDescriptorProto
  | FileDescriptorProto
  | MethodDescriptorProto
  | OneofDescriptorProto
  | ServiceDescriptorProto

/** `name = value`, not yet interpreted. */
export interface OptionStatement {
  readonly name: OptionNamePart[]
  value: OptionValue
  /** Where the name and the value stand; undefined for what was copied from another declaration. */
  readonly nameAt: Position | undefined
  valueAt: Position | undefined
  /** Of the whole statement. Its path is that of the options until the option has been interpreted. */
  readonly location: SourceCodeInfo_Location
}

/** Whether a statement sets this option of descriptor.proto, or something in it. */
export function sets({ name: [first] }: OptionStatement, option: string): boolean {
  return first?.text === option && !first.isExtension
}

/** Whether a statement sets this option of descriptor.proto to this word. */
export function setsTo(statement: OptionStatement, option: string, word: string): boolean {
  const { name, value } = statement
  return name.length === 1 && sets(statement, option) && value.kind === "identifier" && value.text === word
}

export interface OptionNamePart {
  /** Of an extension as written between the parentheses, with the leading dot if there is one. */
  readonly text: string
  readonly isExtension: boolean
}

export type OptionValue =
  | { readonly kind: "identifier"; readonly text: string }
  | { readonly kind: "integer"; readonly value: bigint }
  | { readonly kind: "float"; readonly value: number }
  /** A byte string. */
  | { readonly kind: "string"; readonly bytes: string }
  /** Text format between braces, the braces included. */
  | { readonly kind: "aggregate"; readonly tokens: readonly AggregateToken[] }

export interface AggregateToken {
  readonly kind: TokenKind
  readonly text: string
}
