import type { AuthContext } from "../core/auth-context.js"
import {
  type Call,
  type CallChanges,
  chain,
  type Interceptor,
  mustBeResponse,
  type Next,
  type Response,
  type ResponseChanges,
} from "../core/interceptor.js"
import type { Metadata } from "../core/metadata.js"
import { type AnyMethod, streamsRequests, streamsResponses } from "../core/service.js"
import { showAs } from "../core/shown-as.js"
import type { Status } from "../core/status.js"
import { isThenable } from "../core/thenable.js"
import type { ServerCall } from "./call.js"
import { ServerContext } from "./context.js"
import { MessageView } from "./message-view.js"

/**
 * Puts interceptors around the calls of a server. They run before the request is read, so that a call that one of them
 * refuses costs no decoding. What they do not ask for is not made.
 */
export function interceptCalls(interceptors: readonly Interceptor[]): (call: ServerCall) => void {
  const run = chain(interceptors, handle as Next)
  return (serverCall) => void perform(serverCall, run)
}

async function perform(serverCall: ServerCall, run: Next): Promise<void> {
  try {
    const views = viewsOf(serverCall)
    const response = mustBeResponse(await run(new InterceptedCall(serverCall, unchanged, views)))
    if (streamsResponses(serverCall.method.kind)) serverCall.replyAll(outgoingStream(response, views))
    else if (isAnswer(response)) serverCall.reply(response.answer)
    else serverCall.reply(await outgoing(response, views))
  } catch (error) {
    serverCall.failed(error)
  }
}

/** The innermost step: the handler. */
function handle(call: InterceptedCall): Promise<Response> {
  call.settleMetadata()
  return call.serverCall.method.kind === "unary" && call.asReceived ? answer(call) : handleChanged(call)
}

/**
 * Gives the handler of a unary call the request when it has come. Behind an `await`, and not as the request comes: what
 * interceptors have put around `next`, an AsyncLocalStorage for instance, is to be around the handler.
 */
async function answer({ serverCall }: InterceptedCall): Promise<Response> {
  const request = await new Promise((resolve, reject) => serverCall.withRequest(resolve, reject))
  serverCall.stream.tracing?.onHandler()
  const given = serverCall.route.handler!(request, new ServerContext(serverCall))
  return new ServerResponse(serverCall, isThenable(given) ? await given : given, unchanged, undefined)
}

async function handleChanged(call: InterceptedCall): Promise<Response> {
  const { serverCall, views } = call
  const { method } = serverCall
  const input = streamsRequests(method.kind) ? call.inputs : await call.input()
  serverCall.stream.tracing?.onHandler()
  const given = serverCall.route.handler!(input, new ServerContext(serverCall))
  return new ServerResponse(serverCall, streamsResponses(method.kind) ? given : await given, unchanged, views)
}

const unchanged = {}

/** Whether a response with one message is what the handler gave, as it gave it. */
function isAnswer(response: Response): response is ServerResponse {
  return response instanceof ServerResponse && response.asGiven
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

  /** Whether its handler is to have the request as it came. */
  get asReceived(): boolean {
    return this.views === undefined && this.changes.message === undefined
  }

  /** The handler sees the metadata that interceptors have put in place of the call's, if they have. */
  settleMetadata(): void {
    if (this.changes.metadata !== undefined) this.serverCall.metadata = this.changes.metadata
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
    return this.serverCall.watchers.signal
  }

  get auth(): AuthContext | undefined {
    return this.serverCall.stream.auth
  }

  get peer(): string {
    return this.serverCall.stream.peer
  }

  get status(): Promise<Status> {
    return this.serverCall.status
  }

  get values(): Map<unknown, unknown> {
    return this.serverCall.values
  }

  message(): Promise<unknown> {
    if (this.changes.message !== undefined) return this.changes.message()
    return this.views === undefined ? this.serverCall.readRequest() : this.views.requests.one(this.received)
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

  private get received(): () => Promise<unknown> {
    return () => this.serverCall.readRequest()
  }

  with(changes: CallChanges): Call {
    return new InterceptedCall(this.serverCall, { ...this.changes, ...changes }, this.views)
  }

  static {
    showAs<InterceptedCall>(InterceptedCall.prototype, "Call", ({ method, metadata, deadline, peer }) => ({
      method: method.path,
      metadata,
      deadline,
      peer,
    }))
  }
}

class ServerResponse implements Response {
  /** What the handler gave: a message, or those that it streams. */
  readonly answer: unknown
  private readonly serverCall: ServerCall
  /** What interceptors have put in its place. */
  private readonly changes: ResponseChanges
  private readonly views: Views | undefined

  constructor(serverCall: ServerCall, answer: unknown, changes: ResponseChanges, views: Views | undefined) {
    this.serverCall = serverCall
    this.answer = answer
    this.changes = changes
    this.views = views
  }

  /** Whether its one message is to be sent as the handler gave it. */
  get asGiven(): boolean {
    return this.views === undefined && this.changes.message === undefined
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
    return this.views === undefined ? Promise.resolve(this.answer) : this.views.responses.one(this.given)
  }

  get messages(): AsyncIterable<unknown> {
    if (this.changes.messages !== undefined) return this.changes.messages
    const given = this.answer as AsyncIterable<unknown>
    return this.views === undefined ? given : this.views.responses.many(given)
  }

  /** The response as the call sends it. */
  output(): Promise<unknown> {
    if (this.views === undefined) return this.message()
    return this.views.responses.oneOn(this.changes.message, this.given)
  }

  get outputs(): AsyncIterable<unknown> {
    if (this.views === undefined) return this.messages
    return this.views.responses.manyOn(this.changes.messages, this.answer as AsyncIterable<unknown>)
  }

  with(changes: ResponseChanges): Response {
    return new ServerResponse(this.serverCall, this.answer, { ...this.changes, ...changes }, this.views)
  }
  private get given(): () => Promise<unknown> {
    return () => Promise.resolve(this.answer)
  }
}
