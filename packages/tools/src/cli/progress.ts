/** Where progress is shown: a terminal, or what tells that it is none. */
interface ProgressScreen {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** Shows on a terminal how far a long run has come, on one line that is gone at the end. Elsewhere it shows nothing. */
export class Progress {
  readonly #screen: ProgressScreen | undefined
  readonly #label: string
  readonly #total: number
  #shown = -1

  /** @param total how many steps there are; few are not worth showing */
  constructor(label: string, total: number, screen: ProgressScreen) {
    this.#label = label
    this.#total = total
    this.#screen = screen.isTTY && total >= WORTH_SHOWING ? screen : undefined
  }

  /** So many steps are done. */
  at(done: number): void {
    if (this.#screen === undefined) return
    const percent = Math.floor((100 * done) / this.#total)
    if (percent === this.#shown) return
    this.#shown = percent
    this.#screen.write(`\r${this.#label} ${done}/${this.#total} (${percent} %)`)
  }

  /** Takes the line away. */
  end(): void {
    if (this.#shown >= 0) this.#screen?.write("\r\u001b[K")
  }
}

const WORTH_SHOWING = 50
