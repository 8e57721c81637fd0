import dns from "node:dns/promises"
import { syncBuiltinESMExports } from "node:module"
import { createServer, insecure } from "farcall"
import { createTestPair, virtualClock } from "farcall/testing"
import { Parrot, type Text } from "../../../../packages/farcall/dist/test-support/parrot.js"
import { settled } from "../../../../packages/farcall/dist/test-support/settled.js"
import type { Wait } from "./wait.js"

/** What a server, its handlers, or who takes things down waits for. */
export const serverWaits: Readonly<Record<string, Wait>> = {
  "listen, on a name that there is not": async () => {
    await createServer().listen("no-such-host.invalid:0", { credentials: insecure() })
  },
  "listen, on a name that is looked up without an answer": async () => {
    const clock = virtualClock()
    const { lookup } = dns
    dns.lookup = (() => new Promise(() => {})) as unknown as typeof lookup
    syncBuiltinESMExports()
    try {
      const listening = createServer({ clock }).listen("greeter.example:0", { credentials: insecure() })
      listening.catch(() => {})
      await clock.advance(20_000)
      await listening
    } finally {
      dns.lookup = lookup
      syncBuiltinESMExports()
    }
  },
  "a handler, the next request of an idle stream": () =>
    whatTheHandlerThrows(async (requests) => {
      for await (const _ of requests);
    }),
  "server.shutdown, with a handler that never ends": async () => {
    await using pair = await createTestPair(Parrot, { say: () => new Promise<Text>(() => {}) })
    const call = pair.client.say({ text: "" })
    call.catch(() => {})
    while (pair.channel.state !== "READY") await settled()
    await settled()
    await pair.server.shutdown({ graceMs: 50 })
    await call
  },
}

/** The client cancels its call; what the handler makes of it. */
async function whatTheHandlerThrows(handle: (requests: AsyncIterable<Text>) => Promise<void>): Promise<void> {
  let handled: Promise<void> | undefined
  await using pair = await createTestPair(Parrot, {
    gather: async (requests) => {
      handled = handle(requests)
      await handled
      return { text: "" }
    },
  })
  const call = pair.client.gather()
  call.response.catch(() => {})
  while (handled === undefined) await settled()
  handled.catch(() => {})
  call.cancel()
  await handled
}
