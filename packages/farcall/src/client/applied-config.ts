import type { StatusError } from "../core/status-error.js"
import { ReplayMemory } from "./replay-buffer.js"
import { RetryThrottle } from "./retry-throttle.js"
import type { ServiceConfig } from "./service-config.js"

/** A service config at work in a channel, with what its calls share. */
export class AppliedConfig {
  readonly config: ServiceConfig
  /** `undefined`: nothing is throttled. */
  readonly throttle: RetryThrottle | undefined

  constructor(config: ServiceConfig) {
    this.config = config
    this.throttle = config.retryThrottling && new RetryThrottle(config.retryThrottling)
  }
}

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
