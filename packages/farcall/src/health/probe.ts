import type { Clock, Timer } from "../core/clock.js"
import { badOption, optionOutOfRange } from "../core/reason.js"
import { isThenable } from "../core/thenable.js"
import type { Veto } from "./statuses.js"

/** Something that is looked at again and again. */
export interface Probe {
  /**
   * Looks. Well is whatever it returns or resolves to but `false`; what throws or rejects is unwell, and what it threw is
   * told.
   */
  readonly check: (look: ProbeLook) => unknown
  /** Which services are NOT_SERVING while it is unwell; `""` is the server as a whole. Default: all. */
  readonly services?: readonly string[] | undefined
  /** From the end of one look to the next, in milliseconds. Default 5,000. */
  readonly intervalMs?: number | undefined
  /** How long a look may take, in milliseconds; then it is unwell until it comes to an end after all. Default 5,000. */
  readonly timeoutMs?: number | undefined
  /** How many looks in a row must be well after one that was not. Default 1. */
  readonly recoverAfter?: number | undefined
}

/** What a probe may go by. */
export interface ProbeLook {
  /** By how many milliseconds the look comes later than it should: so long something has held up the event loop. */
  readonly lateMs: number
}

export interface ProbeListener {
  /** `undefined`: it is well again. */
  onProbeTurned(trouble: unknown): void
  /** The first look was well. */
  onFirstLook(): void
}

/**
 * Looks at one probe, on the injected clock. Looks never overlap. Until the first one has come to its end, nothing is
 * known, which counts as unwell.
 */
export class ProbeRun implements Veto {
  readonly name: string
  private readonly probe: Probe
  private readonly clock: Clock
  private readonly intervalMs: number
  private readonly timeoutMs: number
  private listener: ProbeListener | undefined = undefined
  private state: "unknown" | "well" | "unwell" = "unknown"
  /** How many looks in a row must still be well. */
  private untilWell = 1
  private timer: Timer | undefined = undefined
  private stopped = false

  /** @throws TypeError or RangeError for a probe that is none */
  constructor(name: string, probe: Probe, clock: Clock) {
    this.name = name
    this.probe = probe
    this.clock = clock
    if (typeof probe?.check !== "function")
      throw badOption(`addHealth: the probe ${name} is no function, nor has check`)
    const { intervalMs = 5_000, timeoutMs = 5_000, recoverAfter = 1 } = probe
    for (const [option, value] of Object.entries({ intervalMs, timeoutMs, recoverAfter })) {
      if (!(value > 0))
        throw optionOutOfRange(`addHealth: ${option} of the probe ${name} is ${value}, and must be above 0`)
    }
    this.intervalMs = intervalMs
    this.timeoutMs = timeoutMs
  }

  /** Looks at once, and again until `stop`. To be called once. */
  start(listener: ProbeListener): void {
    this.listener = listener
    this.look(0)
  }

  stop(): void {
    this.stopped = true
    this.timer?.cancel()
  }

  forbids(service: string): boolean {
    return this.state !== "well" && (this.probe.services === undefined || this.probe.services.includes(service))
  }

  private look(lateMs: number): void {
    let answer: unknown
    let isPromise: boolean
    try {
      answer = this.probe.check({ lateMs })
      isPromise = isThenable(answer)
    } catch (error) {
      this.end(false, error)
      return
    }
    // It may have shut the server down.
    if (this.stopped) return
    if (!isPromise) {
      this.answered(answer)
      return
    }
    this.timer = this.clock.after(this.timeoutMs, () => {
      this.turn(new Error(`the probe has not answered within ${this.timeoutMs} ms`))
    })
    Promise.resolve(answer).then(
      (value) => this.answered(value),
      (error) => this.end(false, error),
    )
  }

  private answered(answer: unknown): void {
    this.end(answer !== false, answer === false ? new Error("the probe says that it is unwell") : undefined)
  }

  /** A look has come to its end. */
  private end(well: boolean, trouble: unknown): void {
    if (this.stopped) return
    this.timer?.cancel()
    if (!well) this.turn(trouble ?? new Error("the probe failed"))
    else if (--this.untilWell <= 0) this.turn(undefined)
    const due = this.clock.now() + this.intervalMs
    this.timer = this.clock.after(this.intervalMs, () => this.look(Math.max(0, this.clock.now() - due)))
  }

  private turn(trouble: unknown): void {
    const before = this.state
    this.state = trouble === undefined ? "well" : "unwell"
    if (this.state === "unwell") this.untilWell = this.probe.recoverAfter ?? 1
    if (this.state === before) return
    if (before === "unknown" && this.state === "well") this.listener!.onFirstLook()
    else this.listener!.onProbeTurned(trouble)
  }
}
