import type { ChannelCall } from "./transport.js"

/** Calls that wait for a connection, in order of arrival; any of them can leave, at the same cost as the first. */
export class CallQueue {
  private head: Entry | undefined
  private tail: Entry | undefined
  private readonly entries = new Map<ChannelCall, Entry>()
  /** A field, for the channel reads it for each call. */
  size = 0

  /** The call that has waited longest. */
  get first(): ChannelCall | undefined {
    return this.head?.call
  }

  has(call: ChannelCall): boolean {
    return this.entries.has(call)
  }

  push(call: ChannelCall): void {
    const entry: Entry = { call, before: this.tail, after: undefined }
    if (this.tail === undefined) this.head = entry
    else this.tail.after = entry
    this.tail = entry
    this.entries.set(call, entry)
    this.size++
  }

  /** Nothing happens when it is not in the queue. */
  remove(call: ChannelCall): void {
    const entry = this.entries.get(call)
    if (entry === undefined) return
    this.entries.delete(call)
    this.size--
    if (entry.before === undefined) this.head = entry.after
    else entry.before.after = entry.after
    if (entry.after === undefined) this.tail = entry.before
    else entry.after.before = entry.before
    // An old entry that points at newer ones keeps them from being collected young, long after all have left.
    entry.before = entry.after = undefined
  }

  /** Removes the calls that `leaves` says of, and returns them in order. */
  take(leaves: (call: ChannelCall) => boolean): ChannelCall[] {
    const taken: ChannelCall[] = []
    for (let entry = this.head; entry !== undefined; entry = entry.after) if (leaves(entry.call)) taken.push(entry.call)
    for (const call of taken) this.remove(call)
    return taken
  }
}

interface Entry {
  readonly call: ChannelCall
  before: Entry | undefined
  after: Entry | undefined
}
