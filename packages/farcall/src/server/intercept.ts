import type { AuthContext } from "../core/auth-context.js"
import {
  type Call,
  type CallChanges,
  chain,
  type Interceptor,
  type Response,
  type ResponseChanges,
} from "../core/interceptor.js"
import type { Metadata } from "../core/metadata.js"
import { type AnyMethod, streamsRequests, streamsResponses } from "../core/service.js"
import type { Status } from "../core/status.js"
import type { ServerCall } from "./call.js"
import { ServerContext } from "./context.js"

/**
 * Puts interceptors around the calls of a server. They run before the request is read, so that a call that one of them
 * refuses costs no decoding.
 */
export function interceptCalls(interceptors: readonly Interceptor[]): (call: ServerCall) => void {
  const run = chain(interceptors, async (call) => handle(call as InterceptedCall))
  return (serverCall) => {
    perform(serverCall, run).catch((error: unknown) => serverCall.failed(error))
  }
}

async function perform(serverCall: ServerCall, run: (call: Call) => Promise<Response>): Promise<void> {
  const response = await run(new InterceptedCall(serverCall, {}))
  if (streamsResponses(serverCall.method.kind)) await serverCall.sendAll(response.messages)
  else serverCall.reply(await response.message())
}

/** The innermost step: the handler. */
async function handle(call: InterceptedCall): Promise<Response> {
  const { serverCall } = call
  serverCall.metadata = call.metadata
  const { method } = serverCall
  const input = streamsRequests(method.kind) ? call.messages : await call.message()
  const answer = serverCall.route.handler!(input, new ServerContext(serverCall))
  if (streamsResponses(method.kind))
    return new ServerResponse(serverCall, { messages: answer as AsyncIterable<unknown> })
  const message = await answer
  return new ServerResponse(serverCall, { message: async () => message })
}

class InterceptedCall implements Call {
  readonly serverCall: ServerCall
  private readonly changes: CallChanges

  constructor(serverCall: ServerCall, changes: CallChanges) {
    this.serverCall = serverCall
    this.changes = changes
  }

  get method(): AnyMethod {
    return this.serverCall.method
  }

  get metadata(): Metadata {
    return this.changes.metadata ?? this.serverCall.metadata
  }

  get deadline(): number {
    return this.serverCall.deadline
  }

  get signal(): AbortSignal {
    return this.serverCall.signal
  }

  get auth(): AuthContext | undefined {
    return this.serverCall.auth
  }

  get peer(): string {
    return this.serverCall.peer
  }

  message(): Promise<unknown> {
    return this.changes.message === undefined ? this.serverCall.readRequest() : this.changes.message()
  }

  get messages(): AsyncIterable<unknown> {
    return this.changes.messages ?? this.serverCall.readRequests()
  }

  with(changes: CallChanges): Call {
    return new InterceptedCall(this.serverCall, { ...this.changes, ...changes })
  }
}

class ServerResponse implements Response {
  private readonly serverCall: ServerCall
  private readonly content: ResponseChanges

  constructor(serverCall: ServerCall, content: ResponseChanges) {
    this.serverCall = serverCall
    this.content = content
  }

  get headers(): Metadata {
    return this.serverCall.responseHeaders
  }

  get trailers(): Metadata {
    return this.serverCall.responseTrailers
  }

  get status(): Promise<Status> {
    return this.serverCall.status
  }

  get attempts(): number {
    const previous = this.serverCall.metadata.get("grpc-previous-rpc-attempts") ?? ""
    return /^\d{1,9}$/.test(previous) ? Number(previous) + 1 : 1
  }

  message(): Promise<unknown> {
    return this.content.message!()
  }

  get messages(): AsyncIterable<unknown> {
    return this.content.messages!
  }

  with(changes: ResponseChanges): Response {
    return new ServerResponse(this.serverCall, { ...this.content, ...changes })
  }
}
