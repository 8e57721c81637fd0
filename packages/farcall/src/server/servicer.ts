import type { AnyMethod, MethodDefinition } from "../core/service.js"
import type { AnyService, MethodsOf } from "../schema/described-service.js"
import type { ServerContext } from "./context.js"

/**
 * What implements a service: a function for each of its methods, plain or async; a stream of responses is anything that
 * can be iterated, so a generator writes them with `yield`. A class says `implements Servicer<typeof Greeter>`.
 */
export type Servicer<Service extends AnyService> = {
  [Name in keyof MethodsOf<Service>]: Handler<MethodsOf<Service>[Name]>
}

/** The function for one method. */
export type Handler<Method extends AnyMethod> =
  Method extends MethodDefinition<infer Kind, infer Input, infer _InputInit, infer _Output, infer OutputInit>
    ? Kind extends "unary"
      ? (request: Input, context: ServerContext) => OutputInit | Promise<OutputInit>
      : Kind extends "clientStreaming"
        ? (requests: AsyncIterable<Input>, context: ServerContext) => OutputInit | Promise<OutputInit>
        : Kind extends "serverStreaming"
          ? (request: Input, context: ServerContext) => Responses<OutputInit>
          : (requests: AsyncIterable<Input>, context: ServerContext) => Responses<OutputInit>
    : never

/** A stream of responses: a generator's, or any iterable. */
export type Responses<Output> = AsyncIterable<Output> | Iterable<Output>

/** A handler whose messages are not known to the compiler. */
export type AnyHandler = (request: unknown, context: ServerContext) => unknown
