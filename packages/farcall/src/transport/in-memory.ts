import type { Clock, Timer } from "../core/clock.js"
import type { Wire, WireHandler } from "./wire.js"

let pairs = 0

/**
 * Two wires joined in memory: what one writes, the other reads, in a later turn as with sockets. As an open socket does,
 * they keep the process from ending from when both ends are attached until they are closed: a call that waits on them is
 * owed its deadline.
 */
export function inMemoryWires(clock: Clock): [Wire, Wire] {
  const name = `in-memory:${++pairs}`
  const left = new InMemoryWire(clock, name)
  const right = new InMemoryWire(clock, name)
  left.other = right
  right.other = left
  return [left, right]
}

class InMemoryWire implements Wire {
  readonly peer: string
  readonly local: string
  /** Batches are delivered whole. */
  readonly unsent: number = 0
  other!: InMemoryWire
  private readonly clock: Clock
  private hold: Timer | undefined = undefined
  private handler: WireHandler | undefined = undefined
  /** Batches on their way to this end. */
  private readonly arriving: { segments: readonly Uint8Array[]; done: () => void }[] = []
  private delivering = false
  private paused = false
  private endArriving = false
  private endSent = false
  private closed = false

  constructor(clock: Clock, name: string) {
    this.clock = clock
    this.peer = name
    this.local = name
  }

  attach(handler: WireHandler): void {
    this.handler = handler
    if (this.other.handler !== undefined && !this.closed) this.hold ??= this.clock.hold()
    this.deliverSoon()
  }

  write(segments: readonly Uint8Array[], done: () => void): void {
    if (this.closed || this.endSent || this.other.closed) return
    this.other.arriving.push({ segments, done })
    this.other.deliverSoon()
  }

  pauseReading(): void {
    this.paused = true
  }

  resumeReading(): void {
    this.paused = false
    this.deliverSoon()
  }

  end(): void {
    if (this.closed || this.endSent) return
    this.endSent = true
    this.other.endArriving = true
    this.other.deliverSoon()
  }

  destroy(): void {
    this.close()
    this.other.close()
  }

  private deliverSoon(): void {
    if (this.delivering || this.paused || this.closed || this.handler === undefined) return
    this.delivering = true
    this.clock.soon(() => {
      this.delivering = false
      this.deliver()
    })
  }

  private deliver(): void {
    while (this.arriving.length > 0) {
      if (this.paused || this.closed) return
      const { segments, done } = this.arriving.shift()!
      for (const segment of segments) this.handler!.onChunk(segment, 0, segment.length)
      done()
    }
    if (this.endArriving && !this.closed) {
      this.endArriving = false
      this.handler!.onWireEnd()
      this.end()
      // Both directions have ended: as a socket does, this end closes, and the other one when it has read all.
      this.close()
    }
  }

  private close(): void {
    if (this.closed) return
    this.closed = true
    this.hold?.cancel()
    this.arriving.length = 0
    this.clock.soon(() => this.handler?.onWireClosed(undefined))
  }
}
