import { type ConnectingChannel, createClient } from "farcall"
import { type VirtualClock, virtualClock } from "farcall/testing"
import { createChannelWith } from "../../../../packages/farcall/dist/client/balanced-channel.js"
import { type ChannelOptions, connectionOptions } from "../../../../packages/farcall/dist/client/channel-options.js"
import { staticName } from "../../../../packages/farcall/dist/resolve/static.js"
import { GrpcServer } from "../../../../packages/farcall/dist/server/server.js"
import { Parrot, type Text } from "../../../../packages/farcall/dist/test-support/parrot.js"
import { FaultBoard } from "../../../../packages/farcall/dist/testing/faults/faults.js"
import { faultyWires } from "../../../../packages/farcall/dist/testing/faults/faulty-wires.js"
import { startHttp2Client } from "../../../../packages/farcall/dist/transport/http2-client.js"
import type { Wait } from "./wait.js"

/** What waits for the other end when the line between the two is dead, and nobody is told. */
export const deadLineWaits: Readonly<Record<string, Wait>> = {
  "an answer over a dead line, with keepalive": async () => {
    const { clock, channel } = await deadLine({ keepalive: { timeMs: 10_000, timeoutMs: 2_000 } })
    const call = createClient(Parrot, channel).say({ text: "" })
    call.catch(() => {})
    await clock.advance(22_000)
    await channel.close()
    await call
  },
  "channel.close over a dead line": async () => {
    const { clock, channel } = await deadLine({})
    const closed = channel.close()
    await clock.advance(1_000)
    await closed
  },
  "server.shutdown over a dead line": async () => {
    const { clock, server } = await deadLine({})
    const shutDown = server.shutdown()
    await clock.advance(6_000)
    await shutDown
  },
  "a handler, the next request over a dead line, with the server's keepalive": async () => {
    let handled: Promise<void> | undefined
    const { clock, channel, faults } = await deadLine({}, false, async (requests) => {
      handled = (async () => {
        for await (const _ of requests);
      })()
      await handled
      return { text: "" }
    })
    const call = createClient(Parrot, channel).gather()
    call.response.catch(() => {})
    await call.write({ text: "" })
    await clock.settle()
    faults.strike({ fault: "stall" })
    await call.write({ text: "into the void" })
    await clock.advance(22_000)
    handled!.catch(() => {})
    await channel.close()
    await handled
  },
  "the backoff between two attempts": async () => {
    const retryPolicy = {
      maxAttempts: 3,
      initialBackoff: "60s",
      maxBackoff: "60s",
      backoffMultiplier: 1,
      retryableStatusCodes: ["UNIMPLEMENTED"],
    } as const
    const { clock, channel } = await deadLine({ serviceConfig: { methodConfig: [{ name: [{}], retryPolicy }] } }, false)
    const call = createClient(Parrot, channel).gather([], { timeoutMs: 1_000 })
    call.catch(() => {})
    await clock.advance(1_000)
    await call
  },
}

interface DeadLine {
  readonly clock: VirtualClock
  readonly channel: ConnectingChannel
  readonly server: GrpcServer
  readonly faults: FaultBoard
}

/** A channel and a server that have spoken once; then the line between them goes dead, unless it is to live. */
async function deadLine(
  options: ChannelOptions,
  dead = true,
  gather?: (requests: AsyncIterable<Text>) => Promise<Text>,
): Promise<DeadLine> {
  const clock = virtualClock()
  const server = new GrpcServer({ clock, keepalive: { timeMs: 10_000, timeoutMs: 2_000 } })
  server.add(Parrot, { say: (request) => request, ...(gather && { gather }) })
  await server.start()
  const faults = new FaultBoard(() => ({ methods: Object.values(Parrot.methods), seesCalls: true }))
  const name = staticName([{ kind: "in-memory", name: "line" }], "localhost", true)
  const connection = connectionOptions(options)
  const channel = createChannelWith(
    "line",
    {
      name,
      random: () => 0.5,
      connect: (_address, listener, { authority, signal }) => {
        const wires = faultyWires(clock, faults)
        server.accept(wires.server)
        return startHttp2Client(wires.client, listener, connection(clock, authority), signal)
      },
    },
    { ...options, clock },
  )
  const client = createClient(Parrot, channel)
  await client.say({ text: "" })
  if (dead) {
    faults.add({ fault: "stall", times: 1 })
    client.say({ text: "" }, { timeoutMs: 1_000 }).catch(() => {})
    await clock.advance(1_000)
  }
  return { clock, channel, server, faults }
}
