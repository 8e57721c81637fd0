import type { ReplayMemory } from "./retry-resources.js"

/**
 * The requests of one call, encoded, for attempts that send them again (gRPC A6, "Memory Management"). Until the call is
 * committed all of them stay; from then on each goes when the one attempt has sent it.
 */
export class ReplayBuffer {
  /** Whether the last request is among them. */
  ended = false
  /** From number `base` on. */
  private readonly messages: (Uint8Array | undefined)[] = []
  private base = 0
  /** How many have been let go of. */
  private gone = 0
  /** Those with a number below count as kept; the ones behind only wait for their turn. */
  private kept = 0
  private bytes = 0
  private readonly callBytes: number
  private readonly memory: ReplayMemory

  constructor(callBytes: number, memory: ReplayMemory) {
    this.callBytes = callBytes
    this.memory = memory
  }

  /** How many requests there have been. */
  get count(): number {
    return this.base + this.messages.length
  }

  fits(message: Uint8Array): boolean {
    const { length } = message
    return this.bytes + length <= this.callBytes && this.memory.used + length <= this.memory.limit
  }

  /** Keeps a message that `fits`. */
  keep(message: Uint8Array): void {
    this.messages.push(message)
    this.kept = this.count
    this.bytes += message.length
    this.memory.used += message.length
  }

  /** Takes a message in that goes as soon as it has been sent. */
  pass(message: Uint8Array): void {
    this.messages.push(message)
  }

  /** The request of a number, counted from 0. */
  at(index: number): Uint8Array {
    return this.messages[index - this.base]!
  }

  /** Lets go of the requests in front of number `index`. */
  free(index: number): void {
    for (; this.gone < index; this.gone++) {
      const slot = this.gone - this.base
      const { length } = this.messages[slot]!
      this.messages[slot] = undefined
      if (this.gone >= this.kept) continue
      this.bytes -= length
      this.memory.used -= length
    }
    if (this.gone < this.count) return
    this.base = this.gone
    this.messages.length = 0
  }
}
