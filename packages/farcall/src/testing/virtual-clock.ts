import { type Clock, nextTurn, systemClock, type Timer } from "../core/clock.js"
import { checkOptions, type KnownOptions } from "../core/known-options.js"

/** Where a virtual clock begins. */
export interface VirtualClockOptions {
  /** What the clock says to people at its beginning: a date, or milliseconds since 1970. Default: 2030-01-01, UTC. */
  readonly wall?: Date | number | undefined
}

const virtualClockOptions: KnownOptions<VirtualClockOptions> = { wall: ["object", "number"] }

/**
 * A clock that stands still until it is told to go on, for channels, servers and handlers under test:
 *
 *     const clock = virtualClock()
 *     await using pair = await createTestPair(Greeter, greeter, { clock })
 *     await clock.advance(30 * 60_000) // half an hour, in no time
 *
 * @throws TypeError when `wall` is no date
 */
export function virtualClock(options: VirtualClockOptions = {}): VirtualClock {
  checkOptions("virtualClock", options, virtualClockOptions)
  const wall = Number(options.wall ?? Date.UTC(2030, 0, 1))
  if (!Number.isFinite(wall)) throw new TypeError(`virtualClock: wall is ${String(options.wall)}, and no date`)
  return new VirtualClock(wall)
}

/** How many turns of the event loop without anything new are taken for the end of all that was under way. */
const QUIET_TURNS = 3

/** What has not come to an end in so many turns goes on by itself (two that talk without a pause). */
const MOST_TURNS = 10_000

/** After how long without progress, in real milliseconds, what is under way elsewhere is not waited for any longer. */
const STANDSTILL_MS = 100

/** Something that goes on outside of this process's turns, such as bytes between two sockets. */
export interface Traffic {
  readonly underWay: boolean
  /** Another number when it has got on. */
  readonly progress: number
}

/**
 * Time that goes on by `advance` alone. Turns of the event loop are real, and take none of it: between two timers
 * everything that is to happen at once happens, on both sides of a pair in memory, until all is quiet.
 */
export class VirtualClock implements Clock {
  /** How many of those that keep a process from ending (open connections, calls that wait) there are. */
  holds = 0
  private time = 0
  private readonly wallAtZero: number
  /** In the order in which they fall due. */
  private readonly timers: VirtualTimer[] = []
  /** What is waited for beside the turns of the event loop. */
  private readonly traffic = new Set<Traffic>()
  /** Counts whatever is to run later: while it grows, things are under way. */
  private activity = 0
  /** The last `advance`, which the next one waits for. */
  private last: Promise<unknown> = Promise.resolve()

  /** @param wallAtZero milliseconds since 1970 at the clock's beginning */
  constructor(wallAtZero: number) {
    this.wallAtZero = wallAtZero
  }

  /** How many milliseconds it has gone on by. */
  now(): number {
    return this.time
  }

  wallNow(): number {
    return this.wallAtZero + this.time
  }

  after(ms: number, task: () => void): Timer {
    this.activity++
    const timer: VirtualTimer = { at: this.time + Math.max(0, ms), task, cancel: () => this.remove(timer) }
    // Behind those of the same instant: they run in the order in which they were set.
    let place = this.timers.length
    while (place > 0 && this.timers[place - 1]!.at > timer.at) place--
    this.timers.splice(place, 0, timer)
    return timer
  }

  hold(): Timer {
    this.holds++
    return { cancel: () => void this.holds-- }
  }

  soon(task: () => void): void {
    this.activity++
    systemClock.soon(task)
  }

  defer(task: () => void): void {
    this.activity++
    systemClock.defer(task)
  }

  /** Resolves when so many milliseconds have gone by on this clock: for handlers that take their time. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve))
  }

  /** How many timers are running. */
  get pending(): number {
    return this.timers.length
  }

  /** In how many milliseconds the next timer falls due; `undefined`: there is none. */
  get untilNext(): number | undefined {
    const first = this.timers[0]
    return first === undefined || first.at === Number.POSITIVE_INFINITY ? undefined : first.at - this.time
  }

  /**
   * Goes on by `ms` milliseconds: runs what falls due in order, each followed by all that it brings about at once, timers
   * that it sets included. Resolves when all is quiet. One that is called while another is going on follows it.
   * @throws TypeError when `ms` is negative or no number: time does not go back
   */
  async advance(ms: number): Promise<void> {
    if (typeof ms !== "number" || !(ms >= 0 && ms < Number.POSITIVE_INFINITY)) {
      throw new TypeError(`advance: ${String(ms)} is no number of milliseconds to go on by`)
    }
    await this.afterLast(async () => {
      await this.quiet()
      const until = this.time + ms
      while (this.timers.length > 0 && this.timers[0]!.at <= until) await this.runFirst()
      this.time = until
    })
  }

  /**
   * Goes on to the next timer, and runs all that fall due at its instant. Resolves to by how many milliseconds, or to
   * `undefined` when there was no timer.
   */
  advanceToNext(): Promise<number | undefined> {
    return this.afterLast(async () => {
      await this.quiet()
      const ms = this.untilNext
      if (ms === undefined) return undefined
      const until = this.time + ms
      while (this.timers.length > 0 && this.timers[0]!.at <= until) await this.runFirst()
      return ms
    })
  }

  /** Resolves when all that is under way has happened, without any time going by. */
  settle(): Promise<void> {
    return this.afterLast(() => this.quiet())
  }

  /** For pairs over sockets: from now on the clock goes on when nothing of the traffic is under way. */
  heed(traffic: Traffic): { cancel(): void } {
    this.traffic.add(traffic)
    return { cancel: () => void this.traffic.delete(traffic) }
  }

  private async runFirst(): Promise<void> {
    const { at, task } = this.timers.shift()!
    this.time = at
    task()
    await this.quiet()
  }

  private afterLast<T>(step: () => Promise<T>): Promise<T> {
    const done = this.last.then(step)
    this.last = done.catch(() => {})
    return done
  }

  private async quiet(): Promise<void> {
    await this.quietHere()
    let progress = Number.NaN
    let since = systemClock.now()
    while (this.someUnderWay() && systemClock.now() - since < STANDSTILL_MS) {
      await this.quietHere()
      const now = [...this.traffic].reduce((sum, traffic) => sum + traffic.progress, 0)
      if (now !== progress) since = systemClock.now()
      progress = now
    }
  }

  private someUnderWay(): boolean {
    for (const traffic of this.traffic) if (traffic.underWay) return true
    return false
  }

  private async quietHere(): Promise<void> {
    let quietTurns = 0
    for (let turn = 0; quietTurns < QUIET_TURNS && turn < MOST_TURNS; turn++) {
      const before = this.activity
      await nextTurn(systemClock)
      quietTurns = this.activity === before ? quietTurns + 1 : 0
    }
  }

  private remove(timer: VirtualTimer): void {
    const place = this.timers.indexOf(timer)
    if (place >= 0) this.timers.splice(place, 1)
  }
}

interface VirtualTimer extends Timer {
  readonly at: number
  readonly task: () => void
}
