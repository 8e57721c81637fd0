import type { Interceptor } from "../core/interceptor.js"
import { StatusError } from "../core/status-error.js"
import { codecsLoaded } from "../schema/described-service.js"
import { makeInvoker } from "./invoke.js"
import type { Invoker } from "./invoker.js"
import type { Channel } from "./transport.js"

/**
 * Makes calls of a service that has schemas and no codecs. What is called before protobuf-es's codec has been loaded waits
 * for it, within its deadline; later calls are made like any other.
 */
export function describedInvoker(channel: Channel, interceptors: readonly Interceptor[] | undefined): Invoker {
  const invoker = makeInvoker(channel, interceptors)
  const loading = codecsLoaded()
  if (loading === undefined) return invoker
  let current = makeInvoker(channel, [waitFor(loading), ...(interceptors ?? [])])
  loading.then(
    () => {
      current = invoker
    },
    () => {}, // Every call says so.
  )
  return {
    unary: (method, request, options) => current.unary(method, request, options),
    withRequest: (method, request, options) => current.withRequest(method, request, options),
    withRequests: (method, requests, options) => current.withRequests(method, requests, options),
  }
}

function waitFor(loading: Promise<void>): Interceptor {
  return (next) => async (call) => {
    try {
      await loading
    } catch (cause) {
      throw new StatusError("INTERNAL", `the codec of @bufbuild/protobuf cannot be loaded: ${String(cause)}`, {
        cause,
        reason: "FARCALL_CODEC_MISSING",
      })
    }
    return next(call)
  }
}
