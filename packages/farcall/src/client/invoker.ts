import type { AnyMethod } from "../core/service.js"
import type { CallHandle, Requests } from "./call-handle.js"
import type { CallOptions } from "./call-options.js"

/** How calls are made: straight away, or through interceptors. */
export interface Invoker {
  /** One request, one response. */
  unary(method: AnyMethod, request: unknown, options: CallOptions | undefined): Promise<unknown>
  /** A call of one request whose responses stream. */
  withRequest(method: AnyMethod, request: unknown, options: CallOptions | undefined): CallHandle
  /** A call whose requests stream. @param requests `undefined`: they are written by hand */
  withRequests(method: AnyMethod, requests: Requests<unknown> | undefined, options: CallOptions | undefined): CallHandle
}
