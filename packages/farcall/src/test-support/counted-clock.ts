import { type Clock, systemClock } from "../core/clock.js"

/** A clock that stands still but for what is added, and counts how often it is read. */
export class CountedClock implements Clock {
  time = 0
  readings = 0
  wallNow: Clock["wallNow"] = systemClock.wallNow
  after: Clock["after"] = systemClock.after
  hold: Clock["hold"] = systemClock.hold
  soon: Clock["soon"] = systemClock.soon
  defer: Clock["defer"] = systemClock.defer

  now(): number {
    this.readings++
    return this.time
  }
}
