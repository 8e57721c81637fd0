import { type CallOptions, callCredentials, type ServerOptions } from "farcall"
import { createTestPair, type TestPair, type TestPairOptions, virtualClock } from "farcall/testing"
import { Parrot, type Text } from "../../../../packages/farcall/dist/test-support/parrot.js"
import type { Wait } from "./wait.js"

/** What a call or its user waits for once there is a connection; handlers do nothing at all. */
export const callWaits: Readonly<Record<string, Wait>> = {
  "an answer, with a deadline": () => inTime(async ({ client }, options) => void (await client.say(empty, options))),
  "an answer, with a signal": () => aborted(async ({ client }, options) => void (await client.say(empty, options))),
  "an answer, while the channel is closed": () =>
    withPair({}, async ({ client, channel }) => {
      const call = client.say(empty)
      call.catch(() => {})
      await turns()
      await channel.close()
      await call
    }),
  "room on the connection": () =>
    inTime(
      async ({ client }, options) => {
        const first = client.chat()
        await first.write(empty)
        await turns()
        await client.say(empty, options)
      },
      { http2: { maxConcurrentStreams: 1 } },
    ),
  "call credentials": () =>
    inTime(async ({ client }, options) => {
      const credentials = callCredentials(() => new Promise<never>(() => {}))
      await client.say(empty, { ...options, credentials })
    }),
  "write(), with a peer that does not read": () =>
    aborted(async ({ client }, options) => {
      const call = client.gather(options)
      while (await call.write({ text: "x".repeat(10_000) }));
      await call.response
    }),
  "the next of an iterable of requests": () =>
    aborted(async ({ client }, options) => void (await client.gather(silence(), options))),
  "the next response of an idle stream": () =>
    aborted(async ({ client }, options) => {
      for await (const _ of client.repeat(empty, options));
    }),
  "call.headers": () => aborted(async ({ client }, options) => void (await client.chat(options).headers)),
}

const empty: Text = { text: "" }

async function* silence(): AsyncGenerator<Text> {
  await new Promise(() => {})
}

/** The wait, and its deadline when nothing moves any more. */
function inTime(
  wait: (pair: TestPair<typeof Parrot>, options: CallOptions) => Promise<void>,
  server: ServerOptions = {},
): Promise<void> {
  const clock = virtualClock()
  return withPair({ server: { ...server, clock }, channel: { clock } }, async (pair) => {
    const waiting = wait(pair, { timeoutMs: 50 })
    waiting.catch(() => {})
    await turns()
    await clock.advance(50)
    await waiting
  })
}

/** The wait, and a signal that is aborted when nothing moves any more. */
function aborted(wait: (pair: TestPair<typeof Parrot>, options: CallOptions) => Promise<void>): Promise<void> {
  return withPair({}, async (pair) => {
    const controller = new AbortController()
    const waiting = wait(pair, { signal: controller.signal })
    waiting.catch(() => {})
    await turns()
    controller.abort(new Error("enough"))
    await waiting
  })
}

async function withPair(
  options: TestPairOptions,
  body: (pair: TestPair<typeof Parrot>) => Promise<void>,
): Promise<void> {
  const never = (): Promise<never> => new Promise(() => {})
  const servicer = { say: never, gather: never, repeat: silence, chat: silence }
  await using pair = await createTestPair(Parrot, servicer, options)
  await body(pair)
}

async function turns(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
}
