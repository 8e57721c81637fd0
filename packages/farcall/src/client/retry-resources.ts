import type { StatusError } from "../core/status-error.js"

/** What all calls of a channel that may be tried again have between them, whatever the config of the hour. */
export class RetryResources {
  readonly memory: ReplayMemory
  /** Bytes that one call may keep. */
  readonly callBytes: number
  /** Calls that wait for their next attempt, and are to hear of the channel's end. */
  readonly waiting: Set<{ onChannelClosed(error: StatusError): void }> = new Set()
  /** From 0 up to 1, for jitter. */
  readonly random: () => number

  constructor(callBytes: number, channelBytes: number, random: () => number) {
    this.callBytes = callBytes
    this.memory = new ReplayMemory(channelBytes)
    this.random = random
  }
}

/** What the calls of a channel keep for further attempts, in bytes, all together. */
export class ReplayMemory {
  readonly limit: number
  used = 0

  constructor(limit: number) {
    this.limit = limit
  }
}
