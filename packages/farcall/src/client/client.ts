import type { ParentContext } from "../core/context.js"
import type { Interceptor } from "../core/interceptor.js"
import { checkOptions, type KnownOptions } from "../core/known-options.js"
import type { Metadata } from "../core/metadata.js"
import { withReason } from "../core/reason.js"
import type { AnyMethod, MethodDefinition, ServiceDefinition } from "../core/service.js"
import { showAs } from "../core/shown-as.js"
import type { Status } from "../core/status.js"
import { type AnyService, definitionOf, isDescribed, type MethodsOf } from "../schema/described-service.js"
import { type CallOptions, callOptionsCheck } from "./call-options.js"
import { describedInvoker } from "./described-calls.js"
import { type Invoker, makeInvoker } from "./invoke.js"
import type { Requests } from "./streaming-call.js"
import type { Channel } from "./transport.js"

/** A service's methods, and nothing else, as functions. */
export type Client<Service extends AnyService> = {
  readonly [Name in keyof MethodsOf<Service>]: ClientMethod<MethodsOf<Service>[Name]>
}

/** The function that calls one method. */
export type ClientMethod<Method extends AnyMethod> =
  Method extends MethodDefinition<infer Kind, infer _Input, infer InputInit, infer Output, infer _OutputInit>
    ? Kind extends "unary"
      ? (request: InputInit, options?: CallOptions) => Promise<Output>
      : Kind extends "clientStreaming"
        ? ClientStreamingMethod<InputInit, Output>
        : Kind extends "serverStreaming"
          ? (request: InputInit, options?: CallOptions) => ServerStreamingCall<Output>
          : BidiStreamingMethod<InputInit, Output>
    : never

/** A client's method of many requests and one response. */
export interface ClientStreamingMethod<Request, Response> {
  /** Sends every request of an iterable. */
  (requests: Requests<Request>, options?: CallOptions): Promise<Response>
  /** Sends what is written by hand. */
  (options?: CallOptions): ClientStreamingCall<Request, Response>
}

/** A client's method of which both sides stream. */
export interface BidiStreamingMethod<Request, Response> {
  /** Sends every request of an iterable, while responses are read. */
  (requests: Requests<Request>, options?: CallOptions): ServerStreamingCall<Response>
  /** Sends what is written by hand, while responses are read. */
  (options?: CallOptions): BidiStreamingCall<Request, Response>
}

/** What every call that is not a mere promise tells and lets one do. The promises count as handled. */
export interface StreamingCallBase {
  /** The response's headers. Rejects when the call fails before them. */
  readonly headers: Promise<Metadata>
  /** What came with the status. Never rejects. */
  readonly trailers: Promise<Metadata>
  /** How the call ended. Never rejects. */
  readonly status: Promise<Status>
  /** How many attempts the call has taken so far, by its retry or hedging policy: 1 without one. */
  readonly attempts: number
  /** Ends the call CANCELLED. */
  cancel(reason?: unknown): void
}

/** A call whose responses are a stream: read them with `for await`, once. Leaving the loop cancels the call. */
export interface ServerStreamingCall<Response> extends StreamingCallBase, AsyncIterable<Response> {}

/** How one message of a stream is written. */
export interface WriteOptions {
  readonly compress?: boolean | undefined
}

/** A call whose requests are written by hand. */
export interface RequestWriter<Request> {
  /**
   * Sends a request; resolves when there is room for the next one, to false when the call is over and wants no more.
   * @param options `compress: false` sends it as it is, where the call's requests are compressed
   * @throws StatusError when the message cannot be sent
   */
  write(request: Request, options?: WriteOptions): Promise<boolean>
  /** Ends the requests. */
  end(): void
}

/** A call whose requests are written by hand: what `client.method()` returns. */
export interface ClientStreamingCall<Request, Response> extends StreamingCallBase, RequestWriter<Request> {
  /** The response. */
  readonly response: Promise<Response>
}

/** A call in which both sides write as they like: what `client.method()` returns. */
export interface BidiStreamingCall<Request, Response> extends ServerStreamingCall<Response>, RequestWriter<Request> {}

/** What holds for all calls of a client. */
export interface ClientOptions {
  /** Around every call, the first one outermost. */
  readonly interceptors?: readonly Interceptor[] | undefined
  /** How long a call may take that does not say so itself, in milliseconds. Default: without limit. */
  readonly timeoutMs?: number | undefined
  /** How the requests of calls are compressed that do not say so themselves; as `CallOptions.compression`. */
  readonly compression?: string | undefined
  /**
   * Asked at each call that names no `parent` itself for the handler that it is made for: `ambientParent` of
   * `farcall/ambient`. Default: calls that name none have none.
   */
  readonly parent?: (() => ParentContext | undefined) | undefined
}

export const clientOptions: KnownOptions<ClientOptions> = {
  interceptors: "array",
  timeoutMs: "number",
  compression: "string",
  parent: "function",
}

/**
 * A client of a service: an object with a function for each of its methods. Beside the definitions that `farcall
 * generate` writes it takes the services of protoc-gen-es, whose messages then go through protobuf-es's own codec.
 * @throws TypeError when `channel` or `service` is none, or an option is not what its description says
 */
export function createClient<Service extends AnyService>(
  service: Service,
  channel: Channel,
  options: ClientOptions = {},
): Client<Service> {
  if (typeof (channel as Partial<Channel> | undefined)?.start !== "function") {
    const what = typeof channel === "string" ? JSON.stringify(channel) : typeof channel
    throw withReason(
      "FARCALL_BAD_OPTION",
      new TypeError(`createClient: ${what} is no channel: createChannel makes them`),
    )
  }
  checkOptions("createClient", options, clientOptions)
  const given: AnyService = service
  const client = isDescribed(given)
    ? clientOf(definitionOf(given), describedInvoker(channel, options.interceptors), options)
    : clientOf(given, makeInvoker(channel, options.interceptors), options)
  return client as Client<Service>
}

function clientOf(service: ServiceDefinition, invoke: Invoker, defaults: ClientOptions): unknown {
  // Without a prototype: the methods of the service and nothing else, whatever they are called.
  const client: Record<string, unknown> = Object.create(null)
  for (const [name, method] of Object.entries(service.methods)) {
    client[name] = methodFunction(name, method, invoke, defaults)
  }
  showAs(client, "Client", () => ({ service: service.typeName, methods: Object.keys(service.methods) }))
  return Object.freeze(client)
}

/** What a call's options are, with what its client says of all calls. */
function withDefaults({
  timeoutMs,
  compression,
  parent,
}: ClientOptions): (options: CallOptions | undefined) => CallOptions | undefined {
  if (timeoutMs === undefined && compression === undefined && parent === undefined) return (options) => options
  const defaults: CallOptions = { timeoutMs, compression }
  return (options) => {
    if (options === undefined) return parent === undefined ? defaults : { ...defaults, parent: parent() }
    const limited = options.timeoutMs !== undefined || options.deadline !== undefined
    return {
      ...options,
      timeoutMs: limited ? options.timeoutMs : timeoutMs,
      compression: options.compression ?? compression,
      parent: options.parent ?? parent?.(),
    }
  }
}

function methodFunction(name: string, method: AnyMethod, invoke: Invoker, defaults: ClientOptions): unknown {
  const complete = withDefaults(defaults)
  const wrongIn = callOptionsCheck(`client.${name}`)
  const wrongByHand = callOptionsCheck(`client.${name}(options), with no iterable of requests`)
  switch (method.kind) {
    case "unary":
      return (request: unknown, options?: CallOptions) => {
        const wrong = wrongIn(options)
        return wrong === undefined ? invoke.unary(method, request, complete(options)) : Promise.reject(wrong)
      }
    case "serverStreaming":
      return (request: unknown, options?: CallOptions) => {
        mustBeNothing(wrongIn(options))
        return invoke.serverStreaming(method, request, complete(options))
      }
    case "clientStreaming":
      return (first?: Requests<unknown> | CallOptions, second?: CallOptions) => {
        if (isIterable(first)) {
          const wrong = wrongIn(second)
          if (wrong !== undefined) return Promise.reject(wrong)
          return invoke.clientStreaming(method, first, complete(second)).response
        }
        mustBeNothing(notByHand(name, first, second) ?? wrongByHand(first))
        return invoke.clientStreaming(method, undefined, complete(first))
      }
    case "bidiStreaming":
      return (first?: Requests<unknown> | CallOptions, second?: CallOptions) => {
        if (isIterable(first)) {
          mustBeNothing(wrongIn(second))
          return invoke.bidiStreaming(method, first, complete(second))
        }
        mustBeNothing(notByHand(name, first, second) ?? wrongByHand(first))
        return invoke.bidiStreaming(method, undefined, complete(first))
      }
  }
}

function isIterable(value: Requests<unknown> | CallOptions | undefined): value is Requests<unknown> {
  return typeof value === "object" && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
}

/** What is wrong where options, or nothing, are to come first, and requests are to be written by hand. */
function notByHand(name: string, first: unknown, second: unknown): TypeError | undefined {
  if (second === undefined && (first === undefined || (typeof first === "object" && first !== null))) return undefined
  const what = typeof first === "object" ? "an object that is none" : typeof first
  return withReason(
    "FARCALL_BAD_OPTION",
    new TypeError(
      `client.${name}: the requests must be an iterable, not ${what}; to write them by hand: client.${name}(options)`,
    ),
  )
}

function mustBeNothing(wrong: TypeError | undefined): void {
  if (wrong !== undefined) throw wrong
}
