/** Words that mean something in TypeScript, or are names that every program has: as names of everything in a contract. */

/** Reserved words, words that are keywords in some places, and the names of types that are built in. */
const keywords = `
  any as asserts assert async await abstract accessor arguments bigint boolean break case catch class const constructor
  continue debugger declare default defer delete do else enum eval export extends false finally for from function get
  global globalThis if implements import in infer instanceof interface intrinsic is keyof let module namespace never new
  null number object of out override package private protected public readonly require return satisfies set static string
  super switch symbol this throw true try type typeof undefined unique unknown using var void while with yield`

/** Types of TypeScript's library that generated code, or code beside it, speaks of. */
const libraryTypes = `
  Array ArrayLike AsyncIterable AsyncIterator AsyncGenerator Awaited Capitalize Exclude Extract Generator InstanceType
  Iterable IterableIterator Iterator NonNullable Omit Parameters Partial Pick PropertyKey Readonly ReadonlyArray
  ReadonlyMap ReadonlySet Record Required ReturnType ThisType Uppercase`

/** Names that generated code imports or chooses for itself. */
const generatedNames = `
  GenFile GenMessage GenEnum GenExtension GenService Message UnknownEnum UnknownField MessageInitShape MessageCodec
  ByteSink Reader JsonObject JsonValue Client Servicer ServiceDefinition MethodDefinition fileDesc messageDesc enumDesc
  extDesc serviceDesc readString writeString tooDeep truncated setEntry keepUnknown NO_BYTES message sink position bytes
  reader stop previous tag value key entry list end start map`

/** Names that are there in every module, or in those of CommonJS, browsers and Node. */
const globals = `
  Array BigInt Boolean Buffer Date Error Function Infinity JSON Map Math NaN Number Object Promise Proxy Reflect RegExp
  Set String Symbol TextDecoder Uint8Array WeakMap console crypto Crypto document exports fetch performance process self
  window`

/** Every word once, and what every object inherits. */
export const words: readonly string[] = [
  ...new Set([
    ...`${keywords} ${libraryTypes} ${generatedNames} ${globals}`.trim().split(/\s+/),
    ...Object.getOwnPropertyNames(Object.prototype),
  ]),
]

/** .proto files in which the words are the names of everything that has one. */
export function wordFiles(): ReadonlyMap<string, string> {
  return new Map([
    ["messages.proto", messages()],
    ["enums.proto", enums()],
    ["members.proto", members()],
    ["services.proto", services()],
    ["extensions.proto", extensions()],
    ["uses.proto", uses()],
    ["class/await.proto", 'syntax = "proto3"; package class.await; message await { await await = 1; }'],
    [
      "class/typeof.proto",
      'syntax = "proto3"; package class.typeof; import "class/await.proto"; message m { class.await.await x = 1; }',
    ],
  ])
}

function messages(): string {
  const body = words.map(
    (word) =>
      `message ${word} { .m.${word} one = 1; repeated .m.${word} many = 2; map<string, .m.${word}> map = 3;` +
      ` oneof choice { .m.${word} chosen = 4; } }`,
  )
  return `syntax = "proto3"; package m;\n${body.join("\n")}`
}

function enums(): string {
  const body = words.flatMap((word, i) => [
    `enum ${word} { ZERO_${i} = 0; ONE_${i} = 1; }`,
    `message Has_${i} { .e.${word} one = 1; repeated .e.${word} many = 2; map<string, .e.${word}> map = 3;` +
      ` oneof choice { .e.${word} chosen = 4; } optional .e.${word} maybe = 5; }`,
  ])
  return `syntax = "proto3"; package e;\n${body.join("\n")}`
}

function members(): string {
  const fields = (print: (word: string, number: number) => string): string =>
    words.map((word, i) => print(word, i + 1)).join("\n")
  // Two names that differ in case or underscores alone would have one JSON name.
  const json = (number: number): string => `[json_name = "j${number}"]`
  return `syntax = "proto3"; package f;
    message Fields { ${fields((word, i) => `string ${word} = ${i} ${json(i)};`)} }
    message Optionals { ${fields((word, i) => `optional int32 ${word} = ${i} ${json(i)};`)} }
    message Lists { ${fields((word, i) => `repeated int64 ${word} = ${i} ${json(i)};`)} }
    message Maps { ${fields((word, i) => (canBeMap(word) ? `map<string, bytes> ${word} = ${i} ${json(i)};` : ""))} }
    message Messages { ${fields((word, i) => `Fields ${word} = ${i} ${json(i)};`)} }
    message Choices { ${fields((word, i) => `oneof ${word} { bool case_${i} = ${i}; }`)} }
    message Choice { oneof it { ${fields((word, i) => `uint32 ${word} = ${i} ${json(i)};`)} } }
    enum Values { ${fields((word, i) => (isFirst(word) ? `${word} = ${i - 1};` : ""))} }
    message Nested { ${fields((word) => `message ${word} {}`)} }`
}

/** Of the words that only capitals and underscores tell apart, the first: values of an enum must differ in more. */
function isFirst(word: string): boolean {
  return words.find((other) => plain(other) === plain(word)) === word
}

/** The entries of a map are a message that is named after its field, and must not be called as another field. */
function canBeMap(word: string): boolean {
  return isFirst(word) && !words.some((other) => plain(other) === `${plain(word)}entry`)
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll("_", "")
}

function services(): string {
  const rpcs = words.map((word, i) => {
    const streams = [i & 1 ? "stream " : "", i & 2 ? "stream " : ""]
    return `rpc ${word}(${streams[0]}m.any) returns (${streams[1]}m.await);`
  })
  const body = words.map((word) => `service ${word} { rpc one(m.infer) returns (m.keyof); }`)
  return `syntax = "proto3"; package s; import "messages.proto";\nservice All { ${rpcs.join("\n")} }\n${body.join("\n")}`
}

function extensions(): string {
  const body = words.map((word, i) => `optional string ${word} = ${i + 1};`)
  return `syntax = "proto2"; package x; message Extended { extensions 1 to max; }\nextend Extended { ${body.join("\n")} }`
}

/** What other files have under these names is imported here. */
function uses(): string {
  const body = words.flatMap((word, i) => [`m.${word} m${i} = ${2 * i + 1};`, `e.${word} e${i} = ${2 * i + 2};`])
  return `syntax = "proto3"; package u; import "messages.proto"; import "enums.proto";\nmessage Uses { ${body.join("\n")} }`
}
