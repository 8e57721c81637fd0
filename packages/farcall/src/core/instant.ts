/** A moment by a clock's `now`, which many calls share: a number would be copied into a place of its own in each of them. */
export interface Instant {
  readonly at: number
}
