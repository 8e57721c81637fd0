import {
  type CallChanges,
  chain,
  type Interceptor,
  mustBeResponse,
  type Next,
  type Response,
} from "../core/interceptor.js"
import { Metadata } from "../core/metadata.js"
import { type AnyMethod, streamsRequests, streamsResponses } from "../core/service.js"
import type { Requests } from "./call-handle.js"
import type { CallOptions } from "./call-options.js"
import { InterceptedCall, RequestPipe } from "./intercepted-call.js"
import { StreamingResponse, UnaryResponse } from "./intercepted-response.js"
import type { Invoker } from "./invoker.js"
import { OutgoingCall } from "./outgoing-call.js"
import { StreamingCall } from "./streaming-call.js"
import type { Channel } from "./transport.js"
import { callObserved } from "./unary-call.js"

/** Makes calls through interceptors. */
export function interceptedInvoker(channel: Channel, interceptors: readonly Interceptor[]): Invoker {
  const run = chain(interceptors, perform as Next)
  const unary = async (method: AnyMethod, request: unknown, options?: CallOptions): Promise<unknown> => {
    const response = mustBeResponse(await run(new OutgoingCall(method, channel, options, request, unchanged)))
    return response instanceof UnaryResponse ? response.outcome : response.message()
  }
  const responseTo = async (call: OutgoingCall): Promise<Response> => mustBeResponse(await run(call))
  const begin = (
    method: AnyMethod,
    options: CallOptions | undefined,
    request: unknown,
    input: CallChanges,
    pipe?: RequestPipe,
  ): InterceptedCall => {
    const call = new OutgoingCall(method, channel, options, request, input)
    return new InterceptedCall(responseTo(call), call.fate, pipe)
  }
  const withRequests = (method: AnyMethod, requests?: Requests<unknown>, options?: CallOptions): InterceptedCall => {
    if (requests !== undefined) return begin(method, options, undefined, { messages: asyncIterable(requests) })
    const pipe = new RequestPipe()
    return begin(method, options, undefined, { messages: pipe.messages }, pipe)
  }
  return {
    unary,
    withRequest: (method, request, options) => begin(method, options, request, unchanged),
    withRequests,
  }
}

const unchanged: CallChanges = {}

/** The innermost step: the call itself. */
function perform(call: OutgoingCall): Promise<Response> {
  if (call.method.kind !== "unary") return performStreaming(call)
  return call.unchanged
    ? performUnary(call, call.request)
    : call.message().then((request) => performUnary(call, request))
}

async function performUnary(call: OutgoingCall, request: unknown): Promise<Response> {
  const { method, channel, finalOptions, fate } = call
  return new UnaryResponse(
    await callObserved(method, channel, request, finalOptions, (made) => {
      fate.latest = made
    }),
  )
}

async function performStreaming(call: OutgoingCall): Promise<Response> {
  const { method, channel, fate } = call
  const request = streamsRequests(method.kind) ? undefined : await call.message()
  fate.check()
  const inner = streamsRequests(method.kind)
    ? StreamingCall.withRequests(method, channel, call.messages, call.finalOptions)
    : StreamingCall.withRequest(method, channel, request, call.finalOptions)
  fate.begun(inner)
  if (streamsResponses(method.kind)) {
    return new StreamingResponse(inner, await inner.headers.get(), new Metadata(), { messages: inner.responses })
  }
  const message = await inner.response.get()
  const headers = await inner.headers.get()
  return new StreamingResponse(inner, headers, await inner.trailers.get(), { message: async () => message })
}

async function* asyncIterable(requests: Requests<unknown>): AsyncIterable<unknown> {
  yield* requests
}
