/** Collects a text: a field to a line and messages indented, or all on one line. */
export class TextLines {
  #text = ""
  #indent = ""
  readonly #singleLine: boolean

  constructor(singleLine: boolean) {
    this.#singleLine = singleLine
  }

  line(content: string): void {
    if (!this.#singleLine) this.#text += `${this.#indent}${content}\n`
    else this.#text += this.#text === "" ? content : ` ${content}`
  }

  /** `name {`, what `content` writes, `}`. */
  block(name: string, content: () => void): void {
    this.line(`${name} {`)
    const outer = this.#indent
    this.#indent += "  "
    content()
    this.#indent = outer
    this.line("}")
  }

  toString(): string {
    return this.#text
  }
}
