import type { EchoServicer } from "@farcall/example-echo/gen/echo_grpc.js"
import { echo } from "@farcall/example-echo/servicer.js"
import {
  type CallOptions,
  type CallTracer,
  type ChannelOptions,
  type ClientOptions,
  callCredentials,
  combine,
  type Interceptor,
  type MetadataInit,
  type ServerContext,
  type ServerOptions,
  type ServiceConfigJson,
  tls,
} from "farcall"
import { logging } from "farcall/logging"
import { certificate } from "../stacks/certificate.js"

/** Something that calls may use. */
export interface Feature {
  /** What it is measured beside, where that is not a call that uses nothing. */
  readonly beside?: string
  /** The goal: how many times as much a call may take with it. */
  readonly atMost?: number
  readonly secured?: boolean
  readonly server?: ServerOptions
  readonly servicer?: EchoServicer
  /** The handler makes a call in its turn, with these options. */
  readonly relayed?: (context: ServerContext) => CallOptions | undefined
  readonly channel?: ChannelOptions
  readonly client?: ClientOptions
  /** What each call is given, by its number. */
  readonly call?: (number: number) => CallOptions
}

/** The call that uses nothing. */
export const BARE = "nothing"

const looks: Interceptor = (next) => (call) => {
  if (call.metadata.has("x-refuse")) throw new Error(`${call.method.path} is refused`)
  return next(call)
}

const awaits: Interceptor = (next) => async (call) => {
  const response = await next(call)
  if (response.headers.has("x-refuse")) throw new Error(`${call.method.path} is refused`)
  return response
}

const fiveKeys: MetadataInit = {
  "x-tenant": "acme",
  "x-locale": "de-CH",
  "x-client-version": "4.11.2",
  "x-feature-flags": "new-search,fast-path",
  traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
}

/** Reads all five of what came, and answers with five. */
const answersWithFive: EchoServicer = {
  reply(request, context) {
    for (const key of Object.keys(fiveKeys)) if (!context.metadata.has(key)) throw new Error(`${key} did not come`)
    context.responseHeaders.merge(fiveKeys)
    return echo.reply(request, context)
  },
}

const readsFive: CallOptions = {
  metadata: fiveKeys,
  onHeader(headers) {
    for (const key of Object.keys(fiveKeys)) if (!headers.has(key)) throw new Error(`${key} did not come`)
  },
}

const ca = { credentials: tls({ ca: certificate.ca }) }
const bearer = callCredentials(async () => ({ authorization: "Bearer 0123456789abcdef0123456789abcdef" }))
const shared = new AbortController()

const armed: ServiceConfigJson = {
  methodConfig: [
    {
      name: [{}],
      retryPolicy: {
        maxAttempts: 3,
        initialBackoff: "0.1s",
        maxBackoff: "1s",
        backoffMultiplier: 2,
        retryableStatusCodes: ["UNAVAILABLE"],
      },
    },
  ],
}

/** All that have a price, by what the table calls them. */
export const features: ReadonlyMap<string, Feature> = new Map<string, Feature>([
  [BARE, {}],
  ["a deadline", { call: () => ({ timeoutMs: 10_000 }) }],
  ["a signal, the same for all calls", { call: () => ({ signal: shared.signal }) }],
  ["a signal for each call", { call: () => ({ signal: new AbortController().signal }) }],
  ["5 keys of metadata each way", { servicer: answersWithFive, call: () => readsFive }],
  [
    "a key of metadata that is another each time",
    { call: (number) => ({ metadata: { "x-request-id": `${number}-4bf92f3577b34da6` } }) },
  ],
  ["1 interceptor, client", { client: { interceptors: [looks] } }],
  ["3 interceptors, client", { client: { interceptors: [looks, looks, looks] } }],
  ["1 that awaits the response, client", { client: { interceptors: [awaits] } }],
  ["1 interceptor, server", { server: { interceptors: [looks] } }],
  ["3 interceptors, server", { server: { interceptors: [looks, looks, looks] } }],
  ["1 that awaits the response, server", { server: { interceptors: [awaits] } }],
  ["logging, both sides", tracedBothSides(logging({ log: () => {} }))],
  ["gzip", { server: { compression: "gzip" }, client: { compression: "gzip" } }],
  ["a retry policy", { channel: { serviceConfig: armed } }],
  ["TLS", { secured: true, channel: ca }],
  ["call credentials", { beside: "TLS", secured: true, channel: { credentials: combine(ca.credentials, bearer) } }],
  ["a call from a handler", { relayed: () => undefined }],
  ["… with { parent }", { beside: "a call from a handler", relayed: (context) => ({ parent: context }) }],
])

function tracedBothSides(tracer: CallTracer): Feature {
  return { server: { tracers: [tracer] }, channel: { tracers: [tracer] } }
}
