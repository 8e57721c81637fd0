import { type ConnectingChannel, createChannelWith } from "../client/balanced-channel.js"
import type { ChannelOptions } from "../client/channel-options.js"
import { parseTarget } from "../resolve/target.js"
import { type VirtualClock, virtualClock } from "../testing/virtual-clock.js"
import { ScriptedCall, ScriptedConnect } from "./scripted-connect.js"

/** A channel on a virtual clock whose connections a test makes or breaks. */
export interface ChannelScene {
  readonly clock: VirtualClock
  readonly net: ScriptedConnect
  readonly channel: ConnectingChannel
  /** Starts a call that waits for ready or not. */
  start(waitForReady?: boolean): ScriptedCall
}

export function channelScene(target: string, options: ChannelOptions = {}): ChannelScene {
  const clock = virtualClock()
  const net = new ScriptedConnect()
  const parts = { name: parseTarget(target), connect: net.connect, random: () => 0.5 }
  const channel = createChannelWith(target, parts, { clock, ...options })
  const start = (waitForReady = false): ScriptedCall => {
    const call = new ScriptedCall(waitForReady)
    channel.start(call)
    return call
  }
  return { clock, net, channel, start }
}
