import assert from "node:assert/strict"
import { channelz } from "../channelz/channelz.js"
import type { CallsSnapshot, ChannelSnapshot, ConnectionSnapshot, ServerSnapshot } from "../channelz/snapshot.js"

/** The one channel that there is. */
export function theChannel(): ChannelSnapshot {
  const { channels } = channelz.snapshot()
  assert.equal(channels.length, 1)
  return channels[0]!
}

/** The one server that there is. */
export function theServer(): ServerSnapshot {
  const { servers } = channelz.snapshot()
  assert.equal(servers.length, 1)
  return servers[0]!
}

/** The one connection of the one channel. */
export function theConnection(): ConnectionSnapshot {
  const all = theChannel().subchannels.flatMap(({ connections }) => connections)
  assert.equal(all.length, 1)
  return all[0]!
}

/** Calls that have begun, ended OK, and failed. */
export function numbers({ started, succeeded, failed }: CallsSnapshot): number[] {
  return [started, succeeded, failed]
}
