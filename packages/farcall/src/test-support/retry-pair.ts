import assert from "node:assert/strict"
import { createChannelWith } from "../client/balanced-channel.js"
import type { ChannelOptions } from "../client/channel-options.js"
import { type Client, createClient } from "../client/client.js"
import type { ClientOptions } from "../client/client-options.js"
import type { MethodConfigJson, ServiceConfigJson } from "../client/service-config.js"
import type { Channel } from "../client/transport.js"
import { StatusError } from "../core/status-error.js"
import { staticName } from "../resolve/static.js"
import type { ServerContext } from "../server/context.js"
import { GrpcServer, loadServing } from "../server/server.js"
import type { Servicer } from "../server/servicer.js"
import { type VirtualClock, virtualClock } from "../testing/virtual-clock.js"
import { startHttp2Client } from "../transport/http2-client.js"
import { inMemoryWires } from "../transport/in-memory.js"
import type { Wire } from "../transport/wire.js"
import { Parrot, type Text } from "./parrot.js"

// Where the clock stands still, nothing waits for files.
await loadServing()

/** A client and a server on a clock that stands still, with a service config between them. */
export interface RetryPair extends AsyncDisposable {
  readonly clock: VirtualClock
  readonly client: Client<typeof Parrot>
  readonly channel: Channel
  /** Bytes that calls keep for further attempts. */
  readonly kept: () => number
  /** The tokens that are left. */
  readonly tokens: () => number
  /** Cuts the connection that was made last. */
  readonly cut: () => void
}

export interface RetryPairOptions {
  readonly method?: Omit<MethodConfigJson, "name">
  readonly config?: ServiceConfigJson
  readonly channel?: ChannelOptions
  readonly client?: ClientOptions
  /** Chance, from 0 up to 1; the middle by default, where jitter moves nothing. */
  readonly random?: () => number
  /** What a connection attempt fails with; `undefined`: it leads to the server. */
  readonly connectError?: (attempt: number) => Error | undefined
}

export function retryPair(servicer: Partial<Servicer<typeof Parrot>>, options: RetryPairOptions = {}): RetryPair {
  const clock = virtualClock()
  const server = new GrpcServer({ clock, onHandlerError: () => {} })
  server.add(Parrot, servicer)
  let connects = 0
  let last: Wire | undefined
  const channel = createChannelWith(
    "pair",
    {
      name: staticName([{ kind: "in-memory", name: "pair" }], "localhost", true),
      random: options.random ?? (() => 0.5),
      connect: async (_address, listener, { authority, signal }) => {
        const error = options.connectError?.(++connects)
        if (error !== undefined) throw error
        const [near, far] = inMemoryWires(clock)
        last = near
        server.accept(far)
        return startHttp2Client(near, listener, { clock, authority, scheme: "http" }, signal)
      },
    },
    {
      clock,
      serviceConfig: { methodConfig: [{ name: [{}], ...options.method }], ...options.config },
      ...options.channel,
    },
  )
  return {
    clock,
    channel,
    client: createClient(Parrot, channel, options.client),
    kept: () => channel.retries.memory.used,
    tokens: () => channel.config!.throttle!.tokens,
    cut: () => last?.destroy(),
    async [Symbol.asyncDispose]() {
      await channel.close()
      const over = server.shutdown({ graceMs: 0 })
      await clock.advance(10_000)
      await over
    },
  }
}

/** A handler that fails until its `succeedAt`-th attempt, and when each came. */
export function failing(
  succeedAt: number,
  now: () => number,
  failure = (): StatusError => new StatusError("UNAVAILABLE", "busy"),
): FailingHandler {
  const seen: FailingHandler["seen"] = []
  const say = (request: Text, context: ServerContext): Text => {
    seen.push({ at: now(), previous: context.metadata.get("grpc-previous-rpc-attempts") })
    if (seen.length < succeedAt) throw failure()
    return request
  }
  return { seen, say }
}

export interface FailingHandler {
  /** Each attempt: when it came, and how many it said came before it. */
  readonly seen: { readonly at: number; readonly previous: string | undefined }[]
  say(request: Text, context: ServerContext): Text
}

/** 1 s, 2 s, 4 s, 5 s. */
export const retryPolicy: NonNullable<MethodConfigJson["retryPolicy"]> = {
  maxAttempts: 4,
  initialBackoff: "1s",
  maxBackoff: "5s",
  backoffMultiplier: 2,
  retryableStatusCodes: ["UNAVAILABLE"],
}

/** The same where nobody moves the clock: a call that fails is tried again at once. */
export const quickRetryPolicy: typeof retryPolicy = { ...retryPolicy, initialBackoff: "0.001s", maxBackoff: "0.001s" }

/** Calls that fail are tried again. */
export const armed: RetryPairOptions = { method: { retryPolicy } }

export const hedgingPolicy: NonNullable<MethodConfigJson["hedgingPolicy"]> = {
  maxAttempts: 3,
  hedgingDelay: "1s",
  nonFatalStatusCodes: ["UNAVAILABLE", "ABORTED"],
}

/** A call that is watched while the clock is moved by hand. */
export class Watched<T> {
  value: T | undefined
  error: StatusError | undefined
  readonly done: Promise<void>

  constructor(call: Promise<T>) {
    this.done = call.then(
      (value) => {
        this.value = value
      },
      (error: unknown) => {
        assert.ok(error instanceof StatusError, String(error))
        this.error = error
      },
    )
  }

  get pending(): boolean {
    return this.value === undefined && this.error === undefined
  }
}
