import type { Clock, Timer } from "../../core/clock.js"
import type { Wire } from "../../transport/wire.js"
import { joined } from "./header-blocks.js"

/** What passes: bytes, the direction's end, or the news that the wire it came by is gone. */
type Item = Uint8Array | "end" | "gone"

/** On its way, until `due` by the clock. */
interface Travelling {
  readonly item: Item
  /** What keeps its order among itself: a stream, or 0 for the connection's own. */
  readonly lane: number
  readonly due: number
}

/**
 * One direction's way out of a link. What is on its way waits for its time, then passes the gate, is joined or cut up, and
 * goes out:
 *
 *     write ──> travelling, each until it is due ──> gate (stalled: all waits) ──> joined ──> cut up ──> wire
 */
export class LinkOutput {
  /** Pieces of so many bytes; `undefined`: as it comes. */
  splitBytes: number | undefined = undefined
  /** Milliseconds that what is joined is collected for; `undefined`: as it comes. */
  joinMs: number | undefined = undefined
  private readonly wire: Wire
  private readonly clock: Clock
  private readonly onGone: () => void
  private readonly travelling: Travelling[] = []
  private arrival: Timer | undefined = undefined
  private arrivalAt = Number.POSITIVE_INFINITY
  /** What waits at the gate, in order; while it is not there, the gate is open. */
  private held: Item[] | undefined = undefined
  private collected: Item[] | undefined = undefined
  private collecting: Timer | undefined = undefined
  private ended = false

  /** @param onGone told when the news that the other wire is gone has got through */
  constructor(wire: Wire, clock: Clock, onGone: () => void) {
    this.wire = wire
    this.clock = clock
    this.onGone = onGone
  }

  /** @param due when it is to arrive, by the clock; what is due has arrived at once */
  write(bytes: Uint8Array, lane = 0, due = 0): void {
    if (bytes.length > 0 && !this.ended) this.send(bytes, lane, due)
  }

  /** Nothing follows. */
  end(): void {
    if (this.ended) return
    this.ended = true
    this.sendLast("end")
  }

  /** The wire that all came by is gone, without a word: that is known here when all before it has arrived. */
  gone(): void {
    if (this.ended) return
    this.ended = true
    this.sendLast("gone")
  }

  /** From now on all waits at the gate, until it is opened. */
  hold(): void {
    this.held ??= []
  }

  /** What has waited at the gate goes on. */
  release(): void {
    const held = this.held ?? []
    this.held = undefined
    for (const item of held) this.pass(item)
  }

  /** Nothing goes out any more. */
  stop(): void {
    this.arrival?.cancel()
    this.collecting?.cancel()
    this.ended = true
    this.travelling.length = 0
    this.held = this.collected = undefined
  }

  private send(item: Item, lane: number, due: number): void {
    const now = this.clock.now()
    const [first] = this.travelling
    const overtakes = first !== undefined && (first.due <= now || this.travelling.some((one) => one.lane === lane))
    if (due <= now && !overtakes) {
      this.pass(item)
      return
    }
    // Of one lane nothing overtakes what went before.
    const before = this.travelling.findLast((one) => one.lane === lane)?.due ?? 0
    const at = Math.max(due, before)
    let place = this.travelling.length
    while (place > 0 && this.travelling[place - 1]!.due > at) place--
    this.travelling.splice(place, 0, { item, lane, due: at })
    this.awaitArrival()
  }

  private sendLast(item: Item): void {
    const last = this.travelling.at(-1)
    if (last === undefined) {
      this.pass(item)
      return
    }
    this.travelling.push({ item, lane: 0, due: last.due })
  }

  private awaitArrival(): void {
    const due = this.travelling[0]?.due ?? Number.POSITIVE_INFINITY
    if (due === this.arrivalAt) return
    this.arrival?.cancel()
    this.arrivalAt = due
    if (due === Number.POSITIVE_INFINITY) return
    this.arrival = this.clock.after(due - this.clock.now(), () => {
      this.arrivalAt = Number.POSITIVE_INFINITY
      while (this.travelling.length > 0 && this.travelling[0]!.due <= due) this.pass(this.travelling.shift()!.item)
      this.awaitArrival()
    })
  }

  private pass(item: Item): void {
    if (this.held !== undefined) this.held.push(item)
    else if (this.collected !== undefined) this.collected.push(item)
    else if (this.joinMs !== undefined && item instanceof Uint8Array) this.collect(item, this.joinMs)
    else this.emit(item)
  }

  private collect(first: Uint8Array, ms: number): void {
    this.collected = [first]
    this.collecting = this.clock.after(ms, () => {
      const collected = this.collected ?? []
      this.collected = undefined
      const whole = joined(collected.filter((item) => item instanceof Uint8Array))
      const rest = collected.filter((item) => !(item instanceof Uint8Array))
      if (this.held !== undefined) this.held.push(whole, ...rest)
      else for (const item of [whole, ...rest]) this.emit(item)
    })
  }

  private emit(item: Item): void {
    if (item === "end") this.wire.end()
    else if (item === "gone") this.clock.defer(this.onGone)
    else {
      const step = this.splitBytes ?? item.length
      for (let at = 0; at < item.length; at += step) this.wire.write([item.subarray(at, at + step)], () => {})
    }
  }
}
