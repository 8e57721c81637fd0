import type { Compression } from "../core/compression.js"
import { PREFIX_LENGTH } from "../core/message-framing.js"
import { StatusError } from "../core/status-error.js"

/**
 * Compresses the messages of one stream and sends them in their order: what follows one that takes its time waits for it,
 * the end of the stream as well. Made only where a compression was agreed.
 */
export class MessageDeflater {
  private readonly compression: Compression
  /** Sends a message behind room for its prefix; `onIdle` tells when one that took its time, and all behind it, are sent. */
  private readonly send: SendDeflated
  private readonly fail: (error: StatusError) => void
  private readonly onIdle: () => void
  private readonly waiting: (() => void)[] = []
  private busy = false
  private stopped = false

  constructor(compression: Compression, send: SendDeflated, fail: (error: StatusError) => void, onIdle: () => void) {
    this.compression = compression
    this.send = send
    this.fail = fail
    this.onIdle = onIdle
  }

  /** Whether something waits here. */
  get pending(): boolean {
    return this.busy
  }

  /**
   * @param framed an `encodedMessage`; never changed but for its prefix
   */
  push(framed: Uint8Array, end: boolean): void {
    if (this.busy) this.waiting.push(() => this.take(framed, end))
    else this.take(framed, end)
  }

  /** Runs `task` when all messages that were given are sent. */
  after(task: () => void): void {
    if (this.busy) this.waiting.push(task)
    else task()
  }

  /** The stream is dead. */
  stop(): void {
    this.stopped = true
    this.waiting.length = 0
  }

  private take(framed: Uint8Array, end: boolean): void {
    if (this.stopped) return
    // An empty message only grows.
    if (framed[0] === 0 || framed.length === PREFIX_LENGTH) {
      this.send(framed, false, end, framed.length - PREFIX_LENGTH)
      return
    }
    const size = framed.length - PREFIX_LENGTH
    let deflated: Uint8Array | Promise<Uint8Array>
    try {
      deflated = this.compression.compress(framed.subarray(PREFIX_LENGTH))
    } catch (error) {
      this.giveUp(error)
      return
    }
    if (deflated instanceof Uint8Array) {
      this.send(behindRoom(deflated), true, end, size)
      return
    }
    this.busy = true
    deflated.then(
      (message) => {
        this.busy = false
        if (this.stopped) return
        this.send(behindRoom(message), true, end, size)
        while (!this.busy && this.waiting.length > 0) this.waiting.shift()!()
        if (!this.busy && !this.stopped) this.onIdle()
      },
      (error) => {
        this.busy = false
        if (!this.stopped) this.giveUp(error)
      },
    )
  }

  private giveUp(error: unknown): void {
    this.stop()
    const text = error instanceof Error ? error.message : String(error)
    const message = `message cannot be compressed by ${this.compression.name}: ${text}`
    this.fail(new StatusError("INTERNAL", message, { cause: error, reason: "FARCALL_COMPRESSION" }))
  }
}

/** @param size bytes of the message before it was compressed */
export type SendDeflated = (framed: Uint8Array, compressed: boolean, end: boolean, size: number) => void

function behindRoom(message: Uint8Array): Uint8Array {
  const framed = Buffer.allocUnsafeSlow(PREFIX_LENGTH + message.length)
  framed.set(message, PREFIX_LENGTH)
  return framed
}
