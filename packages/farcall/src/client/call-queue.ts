import type { ChannelCall } from "./transport.js"

/**
 * Calls that wait, in order of arrival; any of them can leave, at the same cost as the first. A call is in one queue at
 * most, and knows its own place in it: a Map of them would be made anew with every few hundred that pass
 * (docs/decisions/no-map-of-what-passes.md).
 */
export class CallQueue {
  private head: QueuePlace | undefined = undefined
  private tail: QueuePlace | undefined = undefined
  /** A field, for the channel reads it for each call. */
  size = 0

  /** The call that has waited longest. */
  get first(): ChannelCall | undefined {
    return this.head?.call
  }

  push(call: ChannelCall): void {
    const place: QueuePlace = { call, queue: this, before: this.tail, after: undefined }
    if (this.tail === undefined) this.head = place
    else this.tail.after = place
    this.tail = place
    call.queuePlace = place
    this.size++
  }

  /** Nothing happens when it is not in the queue. */
  remove(call: ChannelCall): void {
    const place = call.queuePlace
    if (place === undefined || place.queue !== this) return
    call.queuePlace = undefined
    this.size--
    if (place.before === undefined) this.head = place.after
    else place.before.after = place.after
    if (place.after === undefined) this.tail = place.before
    else place.after.before = place.before
    // An old place that points at newer ones keeps them from being collected young, long after all have left.
    place.before = place.after = undefined
  }

  /** Removes the calls that `leaves` says of, and returns them in order. */
  take(leaves: (call: ChannelCall) => boolean): ChannelCall[] {
    const taken: ChannelCall[] = []
    for (let place = this.head; place !== undefined; place = place.after) if (leaves(place.call)) taken.push(place.call)
    for (const call of taken) this.remove(call)
    return taken
  }
}

/** A call's place in a queue. */
export interface QueuePlace {
  readonly call: ChannelCall
  readonly queue: CallQueue
  before: QueuePlace | undefined
  after: QueuePlace | undefined
}
