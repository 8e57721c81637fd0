import type { KnownOptions } from "../core/known-options.js"
import { optionOutOfRange } from "../core/reason.js"

/** The parameters of gRPC's connection backoff. */
export interface BackoffOptions {
  /** After the first failure, in milliseconds. Default 1,000. */
  readonly initialMs?: number | undefined
  /** How much longer each one is than the one before. Default 1.6, at least 1. */
  readonly multiplier?: number | undefined
  /** How far chance moves it, as a part of its length. Default 0.2, from 0 to 1. */
  readonly jitter?: number | undefined
  /** The longest before jitter, in milliseconds. Default 120,000. */
  readonly maxMs?: number | undefined
}

export const backoffOptions: KnownOptions<BackoffOptions> = {
  initialMs: "number",
  multiplier: "number",
  jitter: "number",
  maxMs: "number",
}

/**
 * How long from the start of an attempt that fails to the start of the next one: 1 s × 1.6 ± 0.2 to 120 s.
 * @see https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md
 */
export class Backoff {
  private readonly initialMs: number
  private readonly multiplier: number
  private readonly jitter: number
  private readonly maxMs: number
  private readonly random: () => number
  /** The next one without its jitter. */
  private current: number
  private first = true

  /** @throws RangeError when a parameter is outside what its description says. */
  constructor(options: BackoffOptions = {}, random: () => number = Math.random) {
    this.initialMs = within("initialMs", options.initialMs ?? 1_000, 0)
    this.multiplier = within("multiplier", options.multiplier ?? 1.6, 1)
    this.jitter = within("jitter", options.jitter ?? 0.2, 0, 1)
    this.maxMs = within("maxMs", options.maxMs ?? 120_000, 0)
    this.random = random
    this.current = Math.min(this.initialMs, this.maxMs)
  }

  /** The length of the next one, in milliseconds. The first one has no jitter, as the document has it. */
  next(): number {
    const length = this.first ? this.current : this.current * (1 + this.jitter * (2 * this.random() - 1))
    this.first = false
    this.current = Math.min(this.current * this.multiplier, this.maxMs)
    return length
  }

  reset(): void {
    this.first = true
    this.current = Math.min(this.initialMs, this.maxMs)
  }
}

function within(name: string, value: number, least: number, most: number = Number.MAX_VALUE): number {
  if (value >= least && value <= most) return value
  throw optionOutOfRange(
    `backoff.${name} is ${value}, and must be at least ${least}${most <= 1 ? `, at most ${most}` : ""}`,
  )
}
