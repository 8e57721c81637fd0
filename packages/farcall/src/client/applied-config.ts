import { RetryThrottle } from "./retry-throttle.js"
import type { ServiceConfig } from "./service-config.js"

/** A service config at work in a channel, with what its calls share. */
export class AppliedConfig {
  readonly config: ServiceConfig
  /** `undefined`: nothing is throttled. */
  readonly throttle: RetryThrottle | undefined

  /** @param before the one that it replaces */
  constructor(config: ServiceConfig, before?: AppliedConfig) {
    this.config = config
    this.throttle = config.retryThrottling && new RetryThrottle(config.retryThrottling, before?.throttle)
  }
}
