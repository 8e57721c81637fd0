import type { MessageKeeper } from "../core/encoded-message.js"
import { limits } from "../core/limits.js"
import { PREFIX_LENGTH } from "../core/message-framing.js"
import type { RetryResources } from "./retry-resources.js"
import type { ClientStream } from "./transport.js"

/**
 * What a call that streams its requests has sent of them, for as long as the server may turn out never to have seen its
 * stream: then they are sent again on another (gRPC A6, transparent retry). A call that sends more than its bound before
 * the server has answered, or given credit for it, is not begun anew; and the bound of calls with a policy is one here too.
 *
 * The messages stand one behind another as they are framed, on pages that are used again: each call needs some for a
 * moment, and making them would cost a short call more than filling them.
 */
export class SentRequests implements MessageKeeper {
  /** Whether it has all that was sent. */
  complete = true
  private readonly resources: RetryResources
  /** Those that are full. */
  private pages: Uint8Array[] | undefined = undefined
  private page: Uint8Array = none
  private used = 0
  private total = 0

  constructor(resources: RetryResources) {
    this.resources = resources
  }

  keep(bytes: Uint8Array, start: number, stop: number): void {
    if (!this.complete) return
    this.total += stop - start
    if (this.total > limits.maxUnseenRequests || this.total > this.resources.callBytes) {
      this.free()
      return
    }
    for (let from = start; from < stop; ) {
      if (this.used === this.page.length && !this.turnPage()) return
      const to = Math.min(stop, from + this.page.length - this.used)
      copy(bytes, from, to, this.page, this.used)
      this.used += to - from
      from = to
    }
  }

  /** Sends all of it once more. */
  sendTo(stream: ClientStream): void {
    if (!this.complete) return
    const all = new Uint8Array(this.total)
    let end = 0
    for (const page of this.pages ?? []) {
      all.set(page, end)
      end += page.length
    }
    all.set(this.page.subarray(0, this.used), end)
    const view = new DataView(all.buffer)
    for (let start = 0, stop: number; start < all.length; start = stop) {
      stop = start + PREFIX_LENGTH + view.getUint32(start + 1)
      stream.sendEncoded(all.subarray(start, stop), false)
    }
  }

  /** Lets go of it: the server has seen the stream, or the call is over. */
  free(): void {
    this.complete = false
    const { pages } = this
    if (pages !== undefined) for (const page of pages) this.giveBack(page)
    if (this.page !== none) this.giveBack(this.page)
    this.pages = undefined
    this.page = none
    this.used = 0
  }

  /** False when the channel's calls may have no more memory. */
  private turnPage(): boolean {
    const first = this.page === none
    const size = first ? FIRST_PAGE : PAGE
    const { memory } = this.resources
    if (memory.used + size > memory.limit) {
      this.free()
      return false
    }
    memory.used += size
    if (!first) (this.pages ??= []).push(this.page)
    this.page = (first ? spareFirst : spare).pop() ?? new Uint8Array(size)
    this.used = 0
    return true
  }

  private giveBack(page: Uint8Array): void {
    this.resources.memory.used -= page.length
    const others = page.length === FIRST_PAGE ? spareFirst : spare
    if (others.length < MOST_SPARE) others.push(page)
  }
}

function copy(from: Uint8Array, start: number, stop: number, to: Uint8Array, at: number): void {
  // Up to here a loop is faster than a view of what is copied.
  if (stop - start > 128) to.set(from.subarray(start, stop), at)
  else for (let i = start; i < stop; i++) to[at + i - start] = from[i]!
}

/** Bytes that a call begins with, which are enough for most by the time that they are answered; and the further ones. */
const FIRST_PAGE = 2048
const PAGE = 16 * 1024

/** Pages of both sizes that nobody uses just now, so many of each at most. */
const spareFirst: Uint8Array[] = []
const spare: Uint8Array[] = []
const MOST_SPARE = 64

const none = new Uint8Array(0)
