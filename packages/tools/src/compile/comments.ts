/**
 * Shares out the comments between two tokens, by protoc's rules (google/protobuf/io/tokenizer.h, `NextWithComments`):
 * trailing those of the declaration that has ended, leading those of the one that begins, detached what is between.
 */
export class Comments {
  /** Of the declaration that the previous token ended. */
  trailing = ""
  /** Set apart by blank lines; they belong to neither side. */
  readonly detached: string[] = []
  /** Of the declaration that the current token begins. */
  leading = ""

  private pending = ""
  private isPending = false
  private pendingIsLines = false
  private mayTrail = true
  private hasTrailing = false
  private count = 0

  /** A `//` comment: consecutive ones make up one comment. */
  addLine(text: string): void {
    if (this.isPending && !this.pendingIsLines) this.flush()
    this.isPending = true
    this.pendingIsLines = true
    this.pending += text
  }

  addBlock(text: string): void {
    this.flush()
    this.isPending = true
    this.pendingIsLines = false
    this.pending = text
  }

  /** Ends the comment being gathered: it trails the previous declaration if none does yet and none has been set apart. */
  flush(): void {
    if (!this.isPending) return
    if (this.mayTrail) {
      this.trailing += this.pending
      this.hasTrailing = true
      this.mayTrail = false
    } else {
      this.detached.push(this.pending)
    }
    this.pending = ""
    this.isPending = false
    this.count++
  }

  /** From here on no comment belongs to the previous declaration: a blank line came, or there is none. */
  detachFromPrevious(): void {
    this.mayTrail = false
  }

  /** A lone comment that shares its line with both neighbours belongs to neither. */
  detachLoneComment(): void {
    if (this.count + (this.isPending ? 1 : 0) !== 1) return
    if (this.hasTrailing) {
      this.detached.unshift(this.trailing)
      this.trailing = ""
    }
    this.flush()
  }

  /** What is still being gathered when the next token comes leads it. */
  finish(): this {
    if (this.isPending) this.leading = this.pending
    return this
  }
}
