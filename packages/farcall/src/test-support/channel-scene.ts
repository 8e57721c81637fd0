import { type ConnectingChannel, createChannelWith } from "../client/balanced-channel.js"
import type { ChannelOptions } from "../client/channel-options.js"
import type { NameSource, ResolverListener } from "../resolve/resolver.js"
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
  return sceneOf(target, parseTarget(target), options)
}

/** A channel whose resolver is the test. */
export interface ResolverScene extends ChannelScene {
  /** The addresses that the resolver finds next, by their ports. */
  found(...ports: number[]): void
  listener(): ResolverListener
  /** How often it was asked for addresses. */
  asked(): number
  /** How often it was closed. */
  closed(): number
}

/** With `always`, it finds the addresses of these ports each time it is asked, at once. */
export function resolverScene(balancing: "pick_first" | "round_robin", always?: readonly number[]): ResolverScene {
  let listener!: ResolverListener
  let asked = 0
  let closed = 0
  const name: NameSource = {
    authority: "x",
    local: true,
    open: (given) => {
      listener = given
      const resolve = (): void => {
        asked++
        if (always !== undefined) found(...always)
      }
      return { resolve, describe: () => "looking up x", close: () => void closed++ }
    },
  }
  const found = (...ports: number[]): void =>
    listener.onAddresses(ports.map((port) => ({ kind: "tcp", host: "127.0.0.1", port })))
  return {
    ...sceneOf("test:x", name, { balancing }),
    found,
    listener: () => listener,
    asked: () => asked,
    closed: () => closed,
  }
}

function sceneOf(target: string, name: NameSource, options: ChannelOptions): ChannelScene {
  const clock = virtualClock()
  const net = new ScriptedConnect()
  const channel = createChannelWith(target, { name, connect: net.connect, random: () => 0.5 }, { clock, ...options })
  const start = (waitForReady = false): ScriptedCall => {
    const call = new ScriptedCall(waitForReady)
    channel.start(call)
    return call
  }
  return { clock, net, channel, start }
}
