import { checkOptions } from "../core/known-options.js"
import { badOption } from "../core/reason.js"
import type { AnyMethod, MethodDefinition, ServiceDefinition } from "../core/service.js"
import { showAs } from "../core/shown-as.js"
import { type AnyService, definitionOf, isDescribed, type MethodsOf } from "../schema/described-service.js"
import type { BidiStreamingCall, ClientStreamingCall, Requests, ServerStreamingCall } from "./call-handle.js"
import type { CallOptions } from "./call-options.js"
import { type ClientOptions, clientOptions } from "./client-options.js"
import { describedInvoker } from "./described-calls.js"
import { makeInvoker } from "./invoke.js"
import type { Invoker } from "./invoker.js"
import { methodFunction } from "./method-function.js"
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
    throw badOption(`createClient: ${what} is no channel: createChannel makes them`)
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
