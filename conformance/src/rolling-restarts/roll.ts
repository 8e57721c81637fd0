import { type CallOptions, type ChannelOptions, createChannel, createClient } from "farcall"
import { Parrot } from "../../../packages/farcall/dist/test-support/parrot.js"
import { Load } from "./load.js"
import { RestartingServer } from "./restarting-server.js"

/** How clients are to find their way around servers that restart. */
export interface Way {
  readonly name: string
  readonly servers: number
  readonly channel: ChannelOptions
  readonly call: CallOptions
}

/** After a refused connection; a deployment leaves more time between two servers than clients wait. */
const backoff = { initialMs: 50, maxMs: 200 }
const timeoutMs = 30_000

export const ways: readonly Way[] = [
  { name: "two addresses, round_robin", servers: 2, channel: { balancing: "round_robin" }, call: {} },
  { name: "two addresses, pick_first", servers: 2, channel: { balancing: "pick_first" }, call: {} },
  { name: "one address, wait-for-ready", servers: 1, channel: {}, call: { waitForReady: true } },
]

export interface Outcome {
  readonly calls: number
  readonly lost: readonly string[]
}

/** Restarts servers in turn, so many times, under at least so many calls of all four kinds; no policy retries any. */
export async function roll(
  { servers: count, channel: options, call }: Way,
  restarts: number,
  calls: number,
): Promise<Outcome> {
  const servers: RestartingServer[] = []
  for (let i = 0; i < count; i++) servers.push(await RestartingServer.start())
  const target = `ipv4:${servers.map(({ address }) => address).join(",")}`
  const channel = createChannel(target, { ...options, backoff })
  const load = new Load(createClient(Parrot, channel), 25, { ...call, timeoutMs })
  for (let i = 0; i < restarts; i++) {
    const server = servers[i % count]!
    await load.reach(Math.floor((calls * i) / restarts))
    await server.restart()
    await comeBack(server, options.balancing === "pick_first" && count > 1)
  }
  await load.reach(calls)
  await load.end()
  await channel.close()
  await Promise.all(servers.map((server) => server.stop()))
  return { calls: load.calls, lost: load.lost }
}

/** The new server has been found, where it is looked for at once; else there has been time to. */
async function comeBack(server: RestartingServer, spare: boolean): Promise<void> {
  const limit = performance.now() + timeoutMs
  if (spare) await new Promise((resolve) => setTimeout(resolve, 2 * backoff.maxMs))
  else {
    while (server.served === 0 && performance.now() < limit) await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
