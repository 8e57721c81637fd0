import type { RetryThrottling } from "./service-config.js"

/**
 * Keeps retries from drowning a server that fails anyway (gRPC A6, "Throttling Retry Attempts and Hedged RPCs"): while no
 * more than half of the tokens are left, nothing is tried again.
 */
export class RetryThrottle {
  tokens: number
  private readonly maxTokens: number
  private readonly tokenRatio: number

  /** @param before what has throttled until now: a server that fails has not recovered because a config has changed */
  constructor({ maxTokens, tokenRatio }: RetryThrottling, before?: RetryThrottle) {
    this.maxTokens = maxTokens
    this.tokenRatio = tokenRatio
    this.tokens = before === undefined ? maxTokens : (before.tokens * maxTokens) / before.maxTokens
  }

  get allows(): boolean {
    return this.tokens > this.maxTokens / 2
  }

  /** A call ended OK. */
  succeeded(): void {
    this.tokens = Math.min(this.maxTokens, this.tokens + this.tokenRatio)
  }

  /** An attempt failed in a way that is worth another, or the server asked for no more. */
  failed(): void {
    this.tokens = Math.max(0, this.tokens - 1)
  }
}
