/**
 * Whether somebody looks in from outside, or may: `farcall/channelz` has been loaded. From then on the times of calls and
 * messages are taken, and events are remembered; numbers are counted always.
 */
export let observed = false

export function observe(): void {
  observed = true
}
