/** Says on stderr what is being done: on a terminal in one line that changes, else a line each. */
export class Progress {
  private readonly terminal = process.stderr.isTTY
  private readonly begun = performance.now()

  say(text: string): void {
    const seconds = Math.round((performance.now() - this.begun) / 1000)
    const line = `› ${text} (${seconds} s)`
    process.stderr.write(this.terminal ? `\r\x1b[K${line}` : `${line}\n`)
  }

  /** Clears the line, so that something else can be printed. */
  done(): void {
    if (this.terminal) process.stderr.write("\r\x1b[K")
  }
}
