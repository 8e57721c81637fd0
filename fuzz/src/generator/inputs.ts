import { Random } from "../random.js"

/** A .proto file in which everything that can be any text tries to become code. */
export interface HostileFile {
  /** Below the seed's own folder. */
  readonly name: string
  readonly text: string
}

/** What would set `globalThis.escaped` if it ran, behind what may end the place in which it stands. */
const fragments: readonly string[] = [
  "*/ globalThis.escaped = true /*",
  "*/\nglobalThis.escaped = true\n/*",
  '"; globalThis.escaped = true; //',
  "'; globalThis.escaped = true; //",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text itself that is to be harmless
  "`; globalThis.escaped = true; `${globalThis.escaped = true}",
  '"\\"; globalThis.escaped = true; //\\',
  "\u2028globalThis.escaped = true;\u2029",
  "\r globalThis.escaped = true; \r\n",
  "\\u002a\\u002f globalThis.escaped = true",
  "</script><script>globalThis.escaped = true</script>",
  "*\\/ globalThis.escaped = true",
  "]; globalThis.escaped = true; [",
  "}); globalThis.escaped = true; ({",
  "@ts-ignore\n# sourceMappingURL=data:text/javascript,globalThis.escaped=true",
  "\0\u0001\u001b[31m",
  "\ud83d\ude00 \u0000 é",
]

/** Names that mean something in JavaScript or in generated code; escapes must keep them apart. */
const names: readonly string[] = (
  "a b A B value Value x_y constructor prototype __proto__ toString valueOf hasOwnProperty then toJSON delete default " +
  "class await async any never symbol undefined arguments eval globalThis Object String Set Uint8Array Message message " +
  "MessageCodec Reader reader sink position bytes stop tag encodeA readA ACodec ASchema AJson AInit file_a escaped"
).split(" ")

const scalars =
  "double float int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64 bool string bytes".split(" ")

/** The file of a seed. Not every one is valid: names may clash. */
export function hostileFile(seed: number): HostileFile {
  return new FileWriter(new Random(seed)).write()
}

class FileWriter {
  readonly #random: Random
  readonly #lines: string[] = []
  #numbers = 0
  #proto2 = false

  constructor(random: Random) {
    this.#random = random
  }

  write(): HostileFile {
    const random = this.#random
    this.#proto2 = random.oneIn(2)
    this.#comment()
    this.#lines.push(`syntax = "${this.#proto2 ? "proto2" : "proto3"}";`)
    this.#comment()
    this.#lines.push(`package ${[this.#name(), this.#name()].slice(random.below(2)).join(".")};`)
    this.#lines.push('import "google/protobuf/descriptor.proto";')
    for (const kind of ["File", "Message", "Field", "Enum", "EnumValue", "Service", "Method", "Oneof"]) {
      this.#lines.push(`extend google.protobuf.${kind}Options { optional string ${kind.toLowerCase()}_note = 50000; }`)
    }
    this.#lines.push(`option (file_note) = ${this.#literal()};`)
    const types = this.#distinct(4)
    for (const type of types) this.#message(type, types)
    for (const type of this.#distinct(2, types)) this.#enum(type)
    for (const type of this.#distinct(2, types)) this.#service(type, types)
    return { name: `${this.#fileName()}.proto`, text: this.#lines.join("\n") }
  }

  #message(name: string, types: readonly string[]): void {
    this.#comment()
    this.#lines.push(`message ${name} {`, `option (message_note) = ${this.#literal()};`)
    const label = this.#proto2 ? "optional " : ""
    for (const [i, field] of this.#distinct(5).entries()) {
      this.#comment()
      const options = [`(field_note) = ${this.#literal()}`, `json_name = ${this.#literal(`j${i}`)}`]
      if (this.#proto2) options.push(`default = ${this.#literal()}`)
      const type = this.#random.pick(["string", "bytes"])
      if (this.#random.oneIn(3)) this.#lines.push(`repeated ${this.#random.pick(types)}_ ${field} = ${i + 1};`)
      else this.#lines.push(`${label}${type} ${field} = ${i + 1} [${options.join(", ")}];`)
      this.#comment()
    }
    this.#lines.push(
      `map<string, ${this.#random.pick(scalars)}> map_of_it = 10; oneof ${name}_choice { option (oneof_note) = ${this.#literal()}; bool ${name}_case = 11; }`,
    )
    this.#lines.push("}")
    // So that a name is used as a type beside the field of that name.
    this.#lines.push(`message ${name}_ {}`)
  }

  #enum(name: string): void {
    this.#comment()
    this.#lines.push(`enum ${name} {`)
    for (let i = 0; i < 3; i++) {
      this.#comment()
      this.#lines.push(`${name}_${this.#name()}_${this.#numbers++} = ${i} [(enumvalue_note) = ${this.#literal()}];`)
    }
    this.#lines.push(`option (enum_note) = ${this.#literal()};`, "}")
  }

  #service(name: string, types: readonly string[]): void {
    this.#comment()
    this.#lines.push(`service ${name} {`, `option (service_note) = ${this.#literal()};`)
    for (const rpc of this.#distinct(3)) {
      const stream = (): string => (this.#random.oneIn(2) ? "stream " : "")
      this.#comment()
      this.#lines.push(
        `rpc ${rpc}(${stream()}${this.#random.pick(types)}_) returns (${stream()}${this.#random.pick(types)}_) { option (method_note) = ${this.#literal()}; }`,
      )
    }
    this.#lines.push("}")
  }

  #comment(): void {
    const text = this.#text()
    if (this.#random.oneIn(2))
      this.#lines.push(
        ...text
          .replace(/\0/g, "")
          .split("\n")
          .map((line) => `// ${line}`),
      )
    else this.#lines.push(`/* ${text.replace(/\*\/|\/\*/g, (mark) => mark.split("").join(" ")).replace(/\0/g, "")} */`)
    if (this.#random.oneIn(3)) this.#lines.push("")
  }

  #text(): string {
    return Array.from({ length: 1 + this.#random.below(3) }, () => this.#random.pick(fragments)).join(" ")
  }

  /** The text as a string of a .proto file. */
  #literal(name?: string): string {
    // Names must not have zeros in them, and no two fields the same.
    const text = name === undefined ? this.#text() : this.#text().replaceAll("\0", "") + name
    const escaped = [...new TextEncoder().encode(text)].map((byte) =>
      byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c
        ? `\\${byte.toString(8).padStart(3, "0")}`
        : String.fromCharCode(byte),
    )
    return `"${escaped.join("")}"`
  }

  #name(): string {
    return this.#random.pick(names)
  }

  #distinct(count: number, others: readonly string[] = []): string[] {
    const chosen = new Set<string>()
    while (chosen.size < count) {
      const name = this.#name()
      if (!others.includes(name)) chosen.add(name)
    }
    return [...chosen]
  }

  /** Everything that a file's name may have, but for what means something in a URL: modules are imported by them. */
  #fileName(): string {
    const pieces = [
      "a",
      "B",
      "'",
      '"',
      "`",
      " ",
      "$",
      "{x}",
      "(",
      ")",
      ";",
      "!",
      "+",
      ",",
      "=",
      "@",
      "[",
      "]",
      "é",
      "-",
      "globalThis.escaped=1",
    ]
    return `f${Array.from({ length: this.#random.below(6) }, () => this.#random.pick(pieces)).join("")}`
  }
}
