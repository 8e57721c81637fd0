import { getEventListeners, setMaxListeners } from "node:events"
import { type Channel, createChannel, createClient } from "farcall"
import { Parrot } from "../../../packages/farcall/dist/test-support/parrot.js"
import { Random } from "../random.js"
import { Calls } from "./calls.js"
import { liveObjects, quiet } from "./live-objects.js"
import { RestlessServer } from "./restless-server.js"
import { UnreliableProxy } from "./unreliable-proxy.js"

export interface SoakResult {
  /** What happened, to be printed. */
  readonly lines: readonly string[]
  /** What should not have. */
  readonly faults: readonly string[]
}

/** How many calls there are at a time, on how many channels. */
const workers = 40
const channelCount = 4

/** Runs mixed calls through lost connections and restarts of the server, then looks what is left of it all. */
export async function soak(durationMs: number, seed: number): Promise<SoakResult> {
  const shared = new AbortController()
  setMaxListeners(0, shared.signal)
  const faults: string[] = []
  const unhandled = (reason: unknown): void => void faults.push(`nobody handled ${reason}`)
  process.on("unhandledRejection", unhandled)
  // The first round makes what stays for good: caches, pools, tables made on first use.
  await round(Math.min(3000, durationMs / 4), new Random(seed), shared.signal)
  const before = await liveObjects()
  const { calls, server, proxy } = await round(durationMs, new Random(seed + 1), shared.signal)
  const after = await liveObjects()
  process.off("unhandledRejection", unhandled)
  faults.push(...calls.faults, ...server.faults)
  for (const [name, count] of after.counts) {
    const were = before.counts.get(name) ?? 0
    if (count > were) faults.push(`${count} objects of ${name}, ${were} before`)
  }
  const listeners = getEventListeners(shared.signal, "abort").length
  if (listeners > 0) faults.push(`${listeners} listeners left on a signal that many calls had`)
  if (after.resources !== before.resources) faults.push(`open: ${after.resources}; before: ${before.resources}`)
  const grown = (after.heapUsed - before.heapUsed) / 2 ** 20
  if (grown > 8) faults.push(`the heap has grown by ${grown.toFixed(1)} MiB`)
  const lines = [
    ...calls.report(),
    `${server.handlers} handlers ran, ${server.restarts} servers went away with GOAWAY`,
    `${proxy.accepted} connections, ${proxy.broken} reset midway, ${proxy.held} held up for a while`,
    `left: ${[...after.counts].map(([name, count]) => `${count} ${name}`).join(", ")}; as before`,
    `heap ${(before.heapUsed / 2 ** 20).toFixed(1)} MiB before, ${(after.heapUsed / 2 ** 20).toFixed(1)} MiB after`,
  ]
  return { lines, faults }
}

async function round(
  durationMs: number,
  random: Random,
  signal: AbortSignal,
): Promise<{ calls: Calls; server: RestlessServer; proxy: UnreliableProxy }> {
  const server = await RestlessServer.start()
  const proxy = await UnreliableProxy.start(() => server.port)
  const target = `127.0.0.1:${proxy.port}`
  const backoff = { initialMs: 20, maxMs: 200 }
  const channels: Channel[] = Array.from({ length: channelCount }, () => createChannel(target, { backoff }))
  const calls = new Calls(random, signal)
  const until = performance.now() + durationMs
  const work = async (index: number): Promise<void> => {
    const client = createClient(Parrot, channels[index % channelCount]!)
    while (performance.now() < until) await calls.one(client)
  }
  const disturb = async (): Promise<void> => {
    while (performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 20 + random.below(300)))
      const what = random.below(8)
      if (what === 0) await server.restart()
      else if (what < 4) proxy.breakOne(random)
      else if (what < 6) proxy.holdOne(random)
    }
  }
  await Promise.all([disturb(), ...Array.from({ length: workers }, (_, i) => work(i))])
  await Promise.all(channels.map((channel) => channel.close()))
  await server.stop()
  await proxy.stop()
  await quiet()
  server.checkEnded()
  return { calls, server, proxy }
}
