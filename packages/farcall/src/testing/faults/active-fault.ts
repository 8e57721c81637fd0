import { type FaultRule, ruleText, type Subject, subjectOf } from "./fault-rule.js"

/** A rule that stands between a client and a server, until it is removed. */
export interface ActiveFault {
  readonly rule: FaultRule
  /** On how many calls, connections or attempts to connect it has acted. */
  readonly matched: number
  /** Takes the rule away; what it has done to connections for good stays done. */
  remove(): void
}

/** What a rule is about, one by one: whether it acts on it, and how often it has. */
export class PlacedFault implements ActiveFault {
  readonly rule: FaultRule
  /** How many calls, connections or attempts it has had to choose from. */
  offered = 0
  matched = 0
  removed = false
  /** Whether a path is that of a method that the rule is about. */
  readonly concerns: (path: string) => boolean
  readonly subject: Subject
  private readonly onRemoved: (fault: PlacedFault) => void
  private readonly nth: ReadonlySet<number> | undefined
  private readonly times: number
  private state: number

  constructor(
    rule: FaultRule,
    concerns: (path: string) => boolean,
    onRemoved: (fault: PlacedFault) => void,
    subject: Subject = subjectOf(rule),
  ) {
    this.rule = rule
    this.concerns = concerns
    this.onRemoved = onRemoved
    this.subject = subject
    this.nth = rule.nth === undefined ? undefined : new Set([rule.nth].flat())
    this.times = rule.times ?? Number.POSITIVE_INFINITY
    this.state = rule.seed ?? 1
  }

  /** One more of what it is about has begun: whether it is to act on it when the moment comes. */
  chooses(): boolean {
    this.offered++
    if (this.nth !== undefined && !this.nth.has(this.offered)) return false
    const { probability } = this.rule
    return probability === undefined || this.chance() < probability
  }

  /** Its moment has come, on one that it has chosen: whether it acts, now and so once more. */
  acts(): boolean {
    if (this.removed || this.matched >= this.times) return false
    this.matched++
    return true
  }

  /** From 0 up to 1, the same numbers for the same seed (Tommy Ettinger's mulberry32). */
  chance(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  remove(): void {
    if (this.removed) return
    this.removed = true
    this.onRemoved(this)
  }

  /** Why it has done nothing, for people. */
  describeIdleness(): string {
    const text = ruleText(this.rule)
    const met = this.offered === 1 ? `1 of the ${this.subject}` : `${this.offered} of the ${this.subject}`
    return this.offered === 0
      ? `${text}: there were no ${this.subject} that it is about`
      : `${text}: it has met ${met} that it is about, and acted on none`
  }
}
