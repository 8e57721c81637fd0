import type { Clock, Timer } from "./clock.js"

/** Something that ends at an instant: embed it in what has the deadline. One object is in at most one queue. */
export interface Expiring {
  /** The instant by the queue's clock, in milliseconds; `Infinity`: never. */
  deadline: number
  /** Its place in the queue; −1 while it is in none. The queue's own. */
  deadlineSlot: number
  /** Called once at the instant, never before; the object has left the queue by then. */
  onDeadline(): void
}

/**
 * All deadlines of one clock: a binary heap with the earliest on top and one timer for it, so that a call with a
 * deadline costs no timer of its own. The timer is left alone when its deadline is taken out: it finds out when it fires.
 */
export class DeadlineQueue {
  private readonly heap: Expiring[] = []
  private readonly clock: Clock
  private timer: Timer | undefined = undefined
  private timerAt = Number.POSITIVE_INFINITY

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** How many deadlines are running. */
  get size(): number {
    return this.heap.length
  }

  /** Whether its timer runs, be it for a deadline that has been taken out since. */
  get armed(): boolean {
    return this.timer !== undefined
  }

  add(item: Expiring): void {
    if (item.deadline === Number.POSITIVE_INFINITY || item.deadlineSlot >= 0) return
    this.heap.push(item)
    this.siftUp(this.heap.length - 1, item)
    if (item.deadline < this.timerAt) this.arm(item.deadline)
  }

  remove(item: Expiring): void {
    const slot = item.deadlineSlot
    if (slot < 0) return
    item.deadlineSlot = -1
    const last = this.heap.pop()!
    if (last === item) return
    if (slot > 0 && last.deadline < this.heap[(slot - 1) >> 1]!.deadline) this.siftUp(slot, last)
    else this.siftDown(slot, last)
  }

  private arm(at: number): void {
    this.timer?.cancel()
    this.timerAt = at
    this.timer = this.clock.after(Math.max(0, Math.ceil(at - this.clock.now())), () => this.expire())
  }

  private expire(): void {
    this.timer = undefined
    this.timerAt = Number.POSITIVE_INFINITY
    const now = this.clock.now()
    let first = this.heap[0]
    while (first !== undefined && first.deadline <= now) {
      this.remove(first)
      first.onDeadline()
      first = this.heap[0]
    }
    if (first !== undefined && first.deadline < this.timerAt) this.arm(first.deadline)
  }

  private siftUp(slot: number, item: Expiring): void {
    const heap = this.heap
    while (slot > 0) {
      const parent = (slot - 1) >> 1
      const above = heap[parent]!
      if (above.deadline <= item.deadline) break
      heap[slot] = above
      above.deadlineSlot = slot
      slot = parent
    }
    heap[slot] = item
    item.deadlineSlot = slot
  }

  private siftDown(slot: number, item: Expiring): void {
    const heap = this.heap
    for (;;) {
      let child = 2 * slot + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]!.deadline < heap[child]!.deadline) child++
      const below = heap[child]!
      if (item.deadline <= below.deadline) break
      heap[slot] = below
      below.deadlineSlot = slot
      slot = child
    }
    heap[slot] = item
    item.deadlineSlot = slot
  }
}

const queues = new WeakMap<Clock, DeadlineQueue>()

/** The one queue of a clock. */
export function deadlinesOf(clock: Clock): DeadlineQueue {
  let queue = queues.get(clock)
  if (queue === undefined) queues.set(clock, (queue = new DeadlineQueue(clock)))
  return queue
}
