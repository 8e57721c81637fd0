import type { Random } from "../random.js"

/** A file that has been changed, and how. */
export interface Mutant {
  /** A byte string. */
  readonly source: string
  /** What was done to it, for people. */
  readonly changes: readonly string[]
}

/**
 * Changes a .proto file here or there, as typing mistakes and merges do: a token deleted, doubled, swapped, inserted, a
 * number or a name changed, a line cut or moved. Most mutants have one change, some have up to three.
 *
 * @param source a byte string
 * @param other another file, of which a token or a line may come in
 */
export function mutateProto(source: string, random: Random, other: string): Mutant {
  const changes: string[] = []
  let text = source
  for (let left = random.oneIn(4) ? 2 + random.below(2) : 1; left > 0; left--) {
    const pieces = piecesOf(text)
    const places = [...pieces.keys()].filter((i) => !isBlank(pieces[i]))
    if (places.length === 0) break
    const { name, change } = random.pick(KINDS)
    change({ pieces, places, at: random.pick(places), random, other })
    const changed = pieces.join("")
    changes.push(`${name}, ${firstChange(text, changed)}`)
    text = changed
  }
  return { source: text, changes }
}

/** Tokens, comments and what is between them; joined they are the text. */
function piecesOf(text: string): string[] {
  return text.match(PIECES) ?? []
}

/** Blanks and comments. */
function isBlank(piece: string): boolean {
  return /^(?:\s|\/\/|\/\*)/.test(piece)
}

function tokensOf(text: string): string[] {
  return piecesOf(text).filter((piece) => !isBlank(piece))
}

const PIECES =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|[A-Za-z_]\w*|\.?\d(?:[\w.]|(?<=[eE])[+-])*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\n|[^\S\n]+|[\s\S]/g

interface Place {
  readonly pieces: string[]
  /** Indices of those that are tokens. */
  readonly places: readonly number[]
  readonly at: number
  readonly random: Random
  readonly other: string
}

interface Kind {
  readonly name: string
  readonly change: (place: Place) => void
}

const KINDS: readonly Kind[] = [
  { name: "token deleted", change: ({ pieces, at }) => void (pieces[at] = "") },
  { name: "token doubled", change: ({ pieces, at }) => void (pieces[at] += ` ${pieces[at]}`) },
  { name: "tokens swapped", change: swap },
  {
    name: "token inserted",
    change: ({ pieces, at, ...rest }) => void (pieces[at] += ` ${foreign({ pieces, ...rest })}`),
  },
  { name: "token replaced", change: ({ pieces, at, ...rest }) => void (pieces[at] = foreign({ pieces, ...rest })) },
  { name: "number changed", change: changeNumber },
  { name: "name changed", change: changeName },
  { name: "name replaced", change: replaceName },
  { name: "line cut", change: cutLine },
  { name: "line deleted", change: deleteLine },
  { name: "line doubled", change: doubleLine },
  { name: "line moved", change: moveLine },
  { name: "line inserted", change: insertLine },
  { name: "type replaced", change: replaceType },
  { name: "syntax changed", change: changeSyntax },
  { name: "character changed", change: changeCharacter },
]

/** A token from the same file, from another, or one that the grammar has. */
function foreign({ pieces, places, random, other }: Omit<Place, "at">): string {
  const source = random.below(3)
  if (source === 0) return pieces[random.pick(places)]
  const tokens = source === 1 ? tokensOf(other) : []
  return random.pick(tokens.length > 0 ? tokens : VOCABULARY)
}

/** With the next token mostly, else with any. */
function swap({ pieces, places, at, random }: Place): void {
  const next = places[places.indexOf(at) + 1]
  const other = random.oneIn(4) || next === undefined ? random.pick(places) : next
  const kept = pieces[at]
  pieces[at] = pieces[other]
  pieces[other] = kept
}

function changeNumber({ pieces, places, random }: Place): void {
  const numbers = places.filter((i) => /^\.?\d/.test(pieces[i]))
  if (numbers.length === 0) return
  const at = random.pick(numbers)
  const value = Number(pieces[at])
  const near = [value + 1, value - 1, value + 2, -value, value * 10, value / 2]
  if (random.oneIn(3)) pieces[at] = String(random.pick(near))
  else if (random.oneIn(2)) pieces[at] = pieces[random.pick(numbers)]
  else pieces[at] = random.pick(NUMBERS)
}

function changeName({ pieces, places, random }: Place): void {
  const names = places.filter((i) => NAME.test(pieces[i]))
  if (names.length === 0) return
  const at = random.pick(names)
  const name = pieces[at]
  const middle = random.below(name.length)
  pieces[at] = random.pick([
    name.slice(0, middle) + name.slice(middle + 1) || "x",
    `${name.slice(0, middle)}_${name.slice(middle)}`,
    name.slice(0, middle) + name.slice(middle).toUpperCase(),
    name[0].toUpperCase() + name.slice(1),
    `${name}x`,
    `${name}2`,
    `.${name}`,
    `${name}.${name}`,
    `"${name}"`,
  ])
}

function replaceName({ pieces, places, random, other }: Place): void {
  const names = places.filter((i) => NAME.test(pieces[i]))
  if (names.length === 0) return
  const from = random.below(4)
  const strangers = from === 0 ? WORDS : from === 1 ? tokensOf(other).filter((token) => NAME.test(token)) : []
  pieces[random.pick(names)] = strangers.length > 0 ? random.pick(strangers) : pieces[random.pick(names)]
}

const NAME = /^[A-Za-z_]/

/** The type of a field or a method becomes another: one that the file has, or one of the language. */
function replaceType({ pieces, random }: Place): void {
  const text = pieces.join("")
  const types = [...text.matchAll(TYPE)]
  if (types.length === 0) return
  const { index, 0: old } = random.pick(types)
  const type = random.oneIn(3) ? random.pick(TYPES) : random.pick(types)[0]
  pieces.splice(0, pieces.length, text.slice(0, index), type, text.slice(index + old.length))
}

const TYPE =
  /(?<=^\s*(?:(?:optional|required|repeated)\s+)?|[<,(]\s*|stream\s+)(?!option|reserved)[\w.]+(?=\s+\w+\s*=|\s*[,>]|\)\s*(?:returns|;|\{))/gm

const TYPES: readonly string[] = [
  ..."int32 uint64 sint32 fixed64 double float bool string bytes map<string,int32> map<int32,M> Missing".split(" "),
  ..."google.protobuf.Any .google.protobuf.FieldOptions google.protobuf.FieldDescriptorProto.Type".split(" "),
]

/** The file says another syntax or edition of itself, or nothing. */
function changeSyntax({ pieces, random }: Place): void {
  const text = pieces.join("").replace(/^\s*(?:syntax|edition)\s*=[^;]*;/m, "")
  pieces.splice(0, pieces.length, random.pick(SYNTAXES), text)
}

const SYNTAXES: readonly string[] = [
  "",
  'syntax = "proto2";',
  'syntax = "proto3";',
  'edition = "2023";',
  'edition = "2024";',
  'edition = "2026";',
]

/** What is on the line from here on is lost, or only its end, so that the next line joins it. */
function cutLine({ pieces, at, random }: Place): void {
  const end = pieces.indexOf("\n", at)
  if (end < 0) pieces.length = at
  else if (random.oneIn(2)) pieces.splice(at, end - at)
  else pieces.splice(end, 1)
}

function deleteLine({ pieces, at }: Place): void {
  const [start, end] = lineAround(pieces, at)
  pieces.splice(start, end - start)
}

function doubleLine({ pieces, at }: Place): void {
  const [start, end] = lineAround(pieces, at)
  pieces.splice(end, 0, "\n", ...pieces.slice(start, end))
}

/** Or copied, to behind another. */
function moveLine({ pieces, places, at, random }: Place): void {
  const [start, end] = lineAround(pieces, at)
  const line = pieces.slice(start, end)
  const [, to] = lineAround(pieces, random.pick(places))
  pieces[to - 1] += `\n${line.join("")}`
  if (random.oneIn(2)) pieces.fill("", start, end)
}

function insertLine({ pieces, at, random, other }: Place): void {
  const lines = other.split("\n").filter((line) => /\w/.test(line) && !/^\s*\/[/*]/.test(line))
  if (lines.length > 0) pieces[lineAround(pieces, at)[1] - 1] += `\n${random.pick(lines)}`
}

/** Where the line of a piece begins and ends. */
function lineAround(pieces: readonly string[], at: number): readonly [start: number, end: number] {
  const newline = pieces.indexOf("\n", at)
  return [pieces.lastIndexOf("\n", at) + 1, newline < 0 ? pieces.length : newline]
}

function changeCharacter({ pieces, at, random }: Place): void {
  const token = pieces[at]
  const place = random.below(token.length)
  const character = random.oneIn(8) ? String.fromCharCode(random.below(256)) : random.pick([...CHARACTERS])
  pieces[at] = token.slice(0, place) + character + token.slice(place + (random.oneIn(2) ? 1 : 0))
}

function firstChange(before: string, after: string): string {
  const [old, now] = [before.split("\n"), after.split("\n")]
  const line = now.findIndex((text, i) => text !== old[i])
  if (line < 0) return before === after ? "which changes nothing" : "the end is lost"
  return `line ${line + 1} is now ${JSON.stringify(now[line].trim())}`
}

const CHARACTERS = "{}[]()<>;:,.=-+\"'\\/*#@$_ aZ09xe\n\t\r\v\0\x01\x7f\xef"

/** Numbers at the edges of what fields, enums, ranges and defaults may hold. */
const NUMBERS: readonly string[] = [
  ..."0 1 2 3 4 15 16 100 128 999 1000 18999 19000 19500 19999 20000 50000 536870910 536870911 536870912".split(" "),
  ..."2147483646 2147483647 2147483648 4294967295 4294967296 9223372036854775807 9223372036854775808".split(" "),
  ..."18446744073709551615 18446744073709551616 99999999999999999999999 0x10 0X7FFFFFFF 0xFFFFFFFFFFFFFFFF".split(" "),
  ..."0xffffffffffffffffff 017 0777 08 09 1.5 .5 1. 1e3 1e400 1e-400 1.5f 1f 1e 0x 1.2.3 -1 - -0 max inf nan".split(
    " ",
  ),
]

/** Words of the grammar, and names that options have. */
const WORDS: readonly string[] = [
  ..."syntax edition import public weak option package message enum service rpc returns stream extend".split(" "),
  ..."extensions reserved to max oneof map group optional required repeated export local default json_name".split(" "),
  ..."double float int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64 bool string".split(" "),
  ..."bytes true false inf nan packed deprecated lazy unverified_lazy ctype jstype weak retention targets".split(" "),
  ..."allow_alias message_set_wire_format map_entry features field_presence enum_type json_format".split(" "),
  ..."repeated_field_encoding utf8_validation message_encoding EXPLICIT IMPLICIT LEGACY_REQUIRED OPEN".split(" "),
  ..."CLOSED PACKED EXPANDED DELIMITED LENGTH_PREFIXED ALLOW LEGACY_BEST_EFFORT VERIFY NONE CORD".split(" "),
  ..."JS_STRING declaration verification number full_name type idempotency_level IDEMPOTENT optimize_for".split(" "),
  ..."LITE_RUNTIME SPEED java_package go_package edition_defaults feature_support enforce_naming_style".split(" "),
  ..."default_symbol_visibility uninterpreted_option debug_redact google protobuf Any".split(" "),
]

const VOCABULARY: readonly string[] = [
  ...WORDS,
  ...NUMBERS,
  ..."{ } [ ] ( ) < > ; : , . = - + / * # @ \" ' \\ // /* */ {} [] () ;; = 1;".split(" "),
  ...'"" "a" \'b\' "proto2" "proto3" "2023" "2024" "\\x" "\\377" "\\u00e9" "a\\0b"'.split(" "),
  "message M {}",
  "enum E { E_ZERO = 0; }",
  "reserved 1;",
  "[deprecated = true]",
  "[packed = true]",
  "[default = 1]",
  '[json_name = "a"]',
  "option deprecated = true;",
  "optional int32 a = 1;",
  "map<string, string> m = 7;",
  "extensions 100 to max;",
  "oneof o { int32 x = 90; }",
  'import "google/protobuf/any.proto";',
]
