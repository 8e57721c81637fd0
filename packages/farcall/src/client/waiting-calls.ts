import type { Clock, Timer } from "../core/clock.js"
import type { StatusError } from "../core/status-error.js"
import { CallQueue } from "./call-queue.js"
import type { Channel, ChannelCall } from "./transport.js"

/** The calls of a channel that wait for a connection or for room on one, in order of arrival. */
export class WaitingCalls extends CallQueue {
  private readonly clock: Clock
  private readonly channel: Placing
  /** While there are any: nothing else may keep the process alive until their connection, or their deadline, comes. */
  private hold: Timer | undefined = undefined
  private settling = false
  private settleAgain = false

  constructor(clock: Clock, channel: Placing) {
    super()
    this.clock = clock
    this.channel = channel
  }

  override push(call: ChannelCall): void {
    super.push(call)
    this.hold ??= this.clock.hold()
  }

  override remove(call: ChannelCall): void {
    super.remove(call)
    if (this.size > 0) return
    this.hold?.cancel()
    this.hold = undefined
  }

  /** Places them, in order, until one cannot be; those that are not to wait any longer fail. */
  settle(): void {
    // A call that is being placed can bring about news itself: it is for the loop that is running to act on.
    this.settleAgain = true
    if (this.settling) return
    this.settling = true
    const { channel } = this
    while (this.settleAgain) {
      this.settleAgain = false
      if (channel.picker.failing) {
        for (const call of this.take(({ waitForReady }) => !waitForReady)) call.fail(channel.noConnection())
      }
      let { first } = this
      while (first !== undefined && channel.picker.place(first)) {
        this.remove(first)
        first = this.first
      }
    }
    this.settling = false
  }
}

/** Begins a call anew: the service config has come that it waited for. */
export function restart(call: ChannelCall, channel: Pick<Channel, "start">): void {
  if (call.restart === undefined) channel.start(call)
  else call.restart()
}

/** A channel, as its calls that wait know it. */
export interface Placing {
  /** The latest. */
  readonly picker: { readonly failing: boolean; place(call: ChannelCall): boolean }
  /** For a call that does not wait for ready. */
  noConnection(): StatusError
}
