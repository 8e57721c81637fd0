import type { Interceptor } from "../core/interceptor.js"
import { directInvoker } from "./direct-invoker.js"
import { interceptedInvoker } from "./intercept.js"
import type { Invoker } from "./invoker.js"
import type { Channel } from "./transport.js"

/** @param interceptors around every call, the first one outermost */
export function makeInvoker(channel: Channel, interceptors: readonly Interceptor[] | undefined): Invoker {
  return interceptors?.length ? interceptedInvoker(channel, interceptors) : directInvoker(channel)
}
