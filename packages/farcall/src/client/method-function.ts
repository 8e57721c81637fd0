import { badOption } from "../core/reason.js"
import type { AnyMethod } from "../core/service.js"
import type { Requests } from "./call-handle.js"
import { type CallOptions, callOptionsCheck, noCallback } from "./call-options.js"
import type { ClientOptions } from "./client-options.js"
import type { Invoker } from "./invoker.js"

/** The function of a client that calls a method. @param name as the client has it */
export function methodFunction(name: string, method: AnyMethod, invoke: Invoker, defaults: ClientOptions): unknown {
  const complete = withDefaults(defaults)
  const wrongIn = callOptionsCheck(`client.${name}`)
  const wrongByHand = callOptionsCheck(`client.${name}(options), with no iterable of requests`)
  switch (method.kind) {
    case "unary":
      return (request: unknown, options?: CallOptions, more?: unknown) => {
        const wrong = wrongIn(options, more)
        return wrong === undefined ? invoke.unary(method, request, complete(options)) : Promise.reject(wrong)
      }
    case "serverStreaming":
      return (request: unknown, options?: CallOptions, more?: unknown) => {
        mustBeNothing(wrongIn(options, more))
        return invoke.withRequest(method, request, complete(options))
      }
    case "clientStreaming":
      return (first?: Requests<unknown> | CallOptions, second?: CallOptions, more?: unknown) => {
        if (isIterable(first)) {
          const wrong = wrongIn(second, more)
          if (wrong !== undefined) return Promise.reject(wrong)
          return invoke.withRequests(method, first, complete(second)).response
        }
        mustBeNothing(notByHand(name, first, second) ?? wrongByHand(first, more))
        return invoke.withRequests(method, undefined, complete(first))
      }
    case "bidiStreaming":
      return (first?: Requests<unknown> | CallOptions, second?: CallOptions, more?: unknown) => {
        if (isIterable(first)) {
          mustBeNothing(wrongIn(second, more))
          return invoke.withRequests(method, first, complete(second))
        }
        mustBeNothing(notByHand(name, first, second) ?? wrongByHand(first, more))
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
  if (typeof first === "function" || typeof second === "function") return noCallback(`client.${name}`)
  const what = typeof first === "object" ? "an object that is none" : typeof first
  return badOption(
    `client.${name}: the requests must be an iterable, not ${what}; to write them by hand: client.${name}(options)`,
  )
}

function mustBeNothing(wrong: TypeError | undefined): void {
  if (wrong !== undefined) throw wrong
}
