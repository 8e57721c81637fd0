import type { Clock, Timer } from "../../core/clock.js"
import type { Wire } from "../../transport/wire.js"

/** How long what is joined is collected, in milliseconds. */
const JOIN_MS = 20

/** One direction's way out of a link: passes bytes and ends on, holds them up, cuts them up or joins them. */
export class LinkOutput {
  segments: "as they come" | "bytes" | "joined" = "as they come"
  private readonly wire: Wire
  private readonly clock: Clock
  /** What waits, in order; `undefined` is the end of the direction. While it is not there, nothing is held up. */
  private held: (Uint8Array | undefined)[] | undefined
  private joining: Timer | undefined
  private ended = false

  constructor(wire: Wire, clock: Clock) {
    this.wire = wire
    this.clock = clock
  }

  get holding(): boolean {
    return this.held !== undefined && this.joining === undefined
  }

  write(bytes: Uint8Array): void {
    if (bytes.length > 0 && !this.ended) this.pass(bytes)
  }

  /** Nothing follows. */
  end(): void {
    if (this.ended) return
    this.pass(undefined)
    this.ended = true
  }

  /** From now on all waits. */
  hold(): void {
    this.held ??= []
  }

  /** What has waited goes on, and nothing waits any more. */
  release(): void {
    const held = this.held ?? []
    this.held = undefined
    for (const item of held) this.pass(item)
  }

  stop(): void {
    this.joining?.cancel()
    this.held = undefined
  }

  private pass(item: Uint8Array | undefined): void {
    if (this.held !== undefined) this.held.push(item)
    else if (item === undefined) this.wire.end()
    else if (this.segments === "joined") this.join(item)
    else if (this.segments === "bytes") for (let i = 0; i < item.length; i++) this.send(item.subarray(i, i + 1))
    else this.send(item)
  }

  private join(first: Uint8Array): void {
    this.held = [first]
    this.joining = this.clock.after(JOIN_MS, () => {
      this.joining = undefined
      const held = this.held ?? []
      this.held = undefined
      const parts = held.filter((item) => item !== undefined)
      const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
      let at = 0
      for (const part of parts) {
        whole.set(part, at)
        at += part.length
      }
      this.send(whole)
      if (held.includes(undefined)) this.wire.end()
    })
  }

  private send(bytes: Uint8Array): void {
    this.wire.write([bytes], () => {})
  }
}
