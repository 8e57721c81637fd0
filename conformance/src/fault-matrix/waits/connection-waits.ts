import { once } from "node:events"
import { createServer, type Socket } from "node:net"
import {
  type ChannelOptions,
  type Client,
  type ConnectingChannel,
  createChannel,
  createClient,
  insecure,
  tls,
} from "farcall"
import { type VirtualClock, virtualClock } from "farcall/testing"
import { createChannelWith } from "../../../../packages/farcall/dist/client/balanced-channel.js"
import { dnsName } from "../../../../packages/farcall/dist/resolve/dns.js"
import { staticName } from "../../../../packages/farcall/dist/resolve/static.js"
import { startConnectProxy } from "../../../../packages/farcall/dist/test-support/connect-proxy.js"
import { Parrot } from "../../../../packages/farcall/dist/test-support/parrot.js"
import { ScriptedConnect } from "../../../../packages/farcall/dist/test-support/scripted-connect.js"
import type { Wait } from "./wait.js"

/** What a call or its user waits for until there is a connection. */
export const connectionWaits: Readonly<Record<string, Wait>> = {
  "an address that does not answer": async () => {
    const { clock, client } = scene()
    const call = client.say({ text: "" })
    call.catch(() => {})
    await clock.advance(20_000)
    await call
  },
  "a server that accepts and says nothing": () =>
    withSilentServer((port) => callOnce(`127.0.0.1:${port}`, { connectTimeoutMs: 400 })),
  "a TLS handshake without an answer": () =>
    withSilentServer((port) => callOnce(`127.0.0.1:${port}`, { connectTimeoutMs: 400, credentials: tls() })),
  "a proxy that does not answer": async () => {
    const proxy = await startConnectProxy("", false)
    try {
      await callOnce("greeter.example:443", { connectTimeoutMs: 400, credentials: insecure(), proxy: proxy.url })
    } finally {
      proxy.close()
    }
  },
  "a name that is looked up without an answer": async () => {
    const clock = virtualClock()
    const name = dnsName("greeter.example:443", { host: "greeter.example", port: 443 }, { lookup: never })
    const parts = { name, connect: new ScriptedConnect().connect, random: () => 0.5 }
    const channel = createChannelWith("greeter.example:443", parts, { clock, credentials: insecure() })
    const call = createClient(Parrot, channel).say({ text: "" })
    call.catch(() => {})
    await clock.advance(20_000)
    await channel.close()
    await call
  },
  "a connection, with waitForReady and a deadline": async () => {
    const { clock, client, net } = scene()
    net.onAttempt = (attempt) => attempt.refuse()
    const call = client.say({ text: "" }, { waitForReady: true, timeoutMs: 100 })
    call.catch(() => {})
    await clock.advance(100)
    await call
  },
  "a connection, with waitForReady and no deadline": async () => {
    const { clock, client, net } = scene()
    net.onAttempt = (attempt) => attempt.refuse()
    const controller = new AbortController()
    const call = client.say({ text: "" }, { waitForReady: true, signal: controller.signal })
    call.catch(() => {})
    await clock.advance(3_600_000)
    controller.abort(new Error("enough"))
    await call
  },
  "a connection, with as many others waiting as may": async () => {
    const { client, channel } = scene({ maxQueuedCalls: 2 })
    const others = [client.say({ text: "" }), client.say({ text: "" })]
    for (const other of others) other.catch(() => {})
    try {
      await client.say({ text: "" })
    } finally {
      await channel.close()
    }
  },
  "a connection, while the channel is closed": async () => {
    const { client, channel } = scene()
    const call = client.say({ text: "" })
    call.catch(() => {})
    await channel.close()
    await call
  },
  "channel.waitForReady, with a timeout": async () => {
    const { clock, channel, net } = scene()
    net.onAttempt = (attempt) => attempt.refuse()
    const ready = channel.waitForReady({ timeoutMs: 100 })
    ready.catch(() => {})
    await clock.advance(100)
    await ready
  },
  "channel.waitForReady, with a signal": async () => {
    const { clock, channel } = scene()
    const controller = new AbortController()
    const ready = channel.waitForReady({ signal: controller.signal })
    ready.catch(() => {})
    await clock.advance(1_000)
    controller.abort(new Error("enough"))
    await ready
  },
  "channel.waitForReady, while the channel is closed": async () => {
    const { channel } = scene()
    const ready = channel.waitForReady()
    ready.catch(() => {})
    await channel.close()
    await ready
  },
  "the next of channel.watchState": async () => {
    const { channel } = scene()
    const controller = new AbortController()
    const states = channel.watchState({ signal: controller.signal })
    await states.next()
    const next = states.next()
    controller.abort(new Error("enough"))
    await next
  },
}

interface ConnectionScene {
  readonly clock: VirtualClock
  readonly net: ScriptedConnect
  readonly channel: ConnectingChannel
  readonly client: Client<typeof Parrot>
}

/** A channel to one address, on a virtual clock, whose attempts to connect have no end. */
function scene(options: ChannelOptions = {}): ConnectionScene {
  const clock = virtualClock()
  const net = new ScriptedConnect()
  const name = staticName([{ kind: "tcp", host: "127.0.0.1", port: 50051 }], "localhost", true)
  const channel = createChannelWith(
    "localhost:50051",
    { name, connect: net.connect, random: () => 0.5 },
    { clock, ...options },
  )
  return { clock, net, channel, client: createClient(Parrot, channel) }
}

async function callOnce(target: string, options: ChannelOptions): Promise<void> {
  await using channel = createChannel(target, options)
  await createClient(Parrot, channel).say({ text: "" })
}

/** A server that takes connections and never says a word. */
async function withSilentServer(body: (port: number) => Promise<void>): Promise<void> {
  const sockets: Socket[] = []
  const server = createServer((socket) => void sockets.push(socket.on("error", () => {})))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  try {
    await body((server.address() as { port: number }).port)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

function never(): Promise<never> {
  return new Promise(() => {})
}
