import { badOption } from "../core/reason.js"
import type { AnyMethod } from "../core/service.js"
import type { Requests } from "./call-handle.js"
import { type CallOptions, callOptionsCheck } from "./call-options.js"
import type { ClientOptions } from "./client-options.js"
import type { Invoker } from "./invoker.js"

/** The function of a client that calls a method. @param name as the client has it */
export function methodFunction(name: string, method: AnyMethod, invoke: Invoker, defaults: ClientOptions): unknown {
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
        return invoke.withRequest(method, request, complete(options))
      }
    case "clientStreaming":
      return (first?: Requests<unknown> | CallOptions, second?: CallOptions) => {
        if (isIterable(first)) {
          const wrong = wrongIn(second)
          if (wrong !== undefined) return Promise.reject(wrong)
          return invoke.withRequests(method, first, complete(second)).response
        }
        mustBeNothing(notByHand(name, first, second) ?? wrongByHand(first))
        return invoke.withRequests(method, undefined, complete(first))
      }
    case "bidiStreaming":
      return (first?: Requests<unknown> | CallOptions, second?: CallOptions) => {
        if (isIterable(first)) {
          mustBeNothing(wrongIn(second))
          return invoke.withRequests(method, first, complete(second))
        }
        mustBeNothing(notByHand(name, first, second) ?? wrongByHand(first))
        return invoke.withRequests(method, undefined, complete(first))
      }
  }
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

function isIterable(value: Requests<unknown> | CallOptions | undefined): value is Requests<unknown> {
  return typeof value === "object" && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
}

/** What is wrong where options, or nothing, are to come first, and requests are to be written by hand. */
function notByHand(name: string, first: unknown, second: unknown): TypeError | undefined {
  if (second === undefined && (first === undefined || (typeof first === "object" && first !== null))) return undefined
  const what = typeof first === "object" ? "an object that is none" : typeof first
  return badOption(
    `client.${name}: the requests must be an iterable, not ${what}; to write them by hand: client.${name}(options)`,
  )
}

function mustBeNothing(wrong: TypeError | undefined): void {
  if (wrong !== undefined) throw wrong
}
