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
import { MessageView } from "./message-view.js"

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
  const views = viewsOf(serverCall)
  const response = await run(new InterceptedCall(serverCall, {}, views))
  if (streamsResponses(serverCall.method.kind)) await serverCall.sendAll(outgoingStream(response, views))
  else serverCall.reply(await outgoing(response, views))
}

/** The innermost step: the handler. */
async function handle(call: InterceptedCall): Promise<Response> {
  const { serverCall, views } = call
  serverCall.metadata = call.metadata
  const { method } = serverCall
  const input = streamsRequests(method.kind) ? call.inputs : await call.input()
  serverCall.tracing?.onHandler()
  const answer = serverCall.route.handler!(input, new ServerContext(serverCall))
  if (streamsResponses(method.kind))
    return new ServerResponse(serverCall, { messages: answer as AsyncIterable<unknown> }, {}, views)
  const message = await answer
  return new ServerResponse(serverCall, { message: async () => message }, {}, views)
}

/** How interceptors see the messages of a call that has them as bytes, for its handler runs elsewhere. */
interface Views {
  readonly requests: MessageView
  readonly responses: MessageView
}

function viewsOf({ route }: ServerCall): Views | undefined {
  const { method, shown } = route
  if (shown === method) return undefined
  return { requests: new MessageView(shown.input, "request"), responses: new MessageView(shown.output, "response") }
}

/** The response as the call sends it. */
function outgoing(response: Response, views: Views | undefined): Promise<unknown> {
  if (response instanceof ServerResponse) return response.output()
  const message = (): Promise<unknown> => response.message()
  return views === undefined ? message() : views.responses.oneOn(message, message)
}

function outgoingStream(response: Response, views: Views | undefined): AsyncIterable<unknown> {
  if (response instanceof ServerResponse) return response.outputs
  return views === undefined ? response.messages : views.responses.manyOn(response.messages, response.messages)
}

class InterceptedCall implements Call {
  readonly serverCall: ServerCall
  readonly views: Views | undefined
  private readonly changes: CallChanges

  constructor(serverCall: ServerCall, changes: CallChanges, views: Views | undefined) {
    this.serverCall = serverCall
    this.changes = changes
    this.views = views
  }

  get method(): AnyMethod {
    return this.serverCall.route.shown
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

  get status(): Promise<Status> {
    return this.serverCall.status
  }

  get values(): Map<unknown, unknown> {
    return this.serverCall.values
  }

  message(): Promise<unknown> {
    if (this.changes.message !== undefined) return this.changes.message()
    return this.views === undefined ? this.received() : this.views.requests.one(this.received)
  }

  get messages(): AsyncIterable<unknown> {
    if (this.changes.messages !== undefined) return this.changes.messages
    const received = this.serverCall.readRequests()
    return this.views === undefined ? received : this.views.requests.many(received)
  }

  /** The request as the handler takes it. */
  input(): Promise<unknown> {
    return this.views === undefined ? this.message() : this.views.requests.oneOn(this.changes.message, this.received)
  }

  get inputs(): AsyncIterable<unknown> {
    if (this.views === undefined) return this.messages
    return this.views.requests.manyOn(this.changes.messages, this.serverCall.readRequests())
  }

  private readonly received = (): Promise<unknown> => this.serverCall.readRequest()

  with(changes: CallChanges): Call {
    return new InterceptedCall(this.serverCall, { ...this.changes, ...changes }, this.views)
  }
}

class ServerResponse implements Response {
  private readonly serverCall: ServerCall
  /** What the handler gave. */
  private readonly given: ResponseChanges
  /** What interceptors have put in its place. */
  private readonly changes: ResponseChanges
  private readonly views: Views | undefined

  constructor(serverCall: ServerCall, given: ResponseChanges, changes: ResponseChanges, views: Views | undefined) {
    this.serverCall = serverCall
    this.given = given
    this.changes = changes
    this.views = views
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
    if (this.changes.message !== undefined) return this.changes.message()
    const given = this.given.message!
    return this.views === undefined ? given() : this.views.responses.one(given)
  }

  get messages(): AsyncIterable<unknown> {
    if (this.changes.messages !== undefined) return this.changes.messages
    const given = this.given.messages!
    return this.views === undefined ? given : this.views.responses.many(given)
  }

  /** The response as the call sends it. */
  output(): Promise<unknown> {
    if (this.views === undefined) return this.message()
    return this.views.responses.oneOn(this.changes.message, this.given.message!)
  }

  get outputs(): AsyncIterable<unknown> {
    if (this.views === undefined) return this.messages
    return this.views.responses.manyOn(this.changes.messages, this.given.messages!)
  }

  with(changes: ResponseChanges): Response {
    return new ServerResponse(this.serverCall, this.given, { ...this.changes, ...changes }, this.views)
  }
}
