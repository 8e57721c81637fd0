import { ErrorCode } from "@farcall/http2"
import { CallAuthorizer } from "../../client/call-authorizer.js"
import { RetryResources } from "../../client/retry-resources.js"
import type {
  Channel,
  ChannelCall,
  ClientStream,
  ClientTransport,
  RequestHead,
  StreamListener,
} from "../../client/transport.js"
import type { Clock } from "../../core/clock.js"
import type { ConnectivityState } from "../../core/connectivity.js"
import { encodedMessage } from "../../core/encoded-message.js"
import { PREFIX_LENGTH } from "../../core/message-framing.js"
import { statusCodes } from "../../core/status.js"
import { ServerCall } from "../../server/call.js"
import { type Router, unimplementedText } from "../../server/router.js"
import { headerFields, LoopbackResponse, Window } from "./loopback-response.js"

/**
 * A channel that leads to handlers of this process with nothing in between: no HTTP/2, no frames, no connection that is
 * made or lost. The call on either side is the real thing, and messages go through their codecs, so that handlers and
 * callers get what they would get over a network. What one side does the other hears of a little later, never at once.
 */
export class LoopbackChannel implements Channel {
  readonly target: string
  readonly authority = "localhost"
  readonly clock: Clock
  readonly state: ConnectivityState = "READY"
  readonly config: undefined = undefined
  readonly lastError: undefined = undefined
  /** What has begun is seen at once, so nothing is kept to be sent again. */
  readonly retries: RetryResources = new RetryResources(0, 0, () => 0)
  private readonly transport: ClientTransport
  /** Calls may bring credentials of their own. */
  private readonly authorizer = new CallAuthorizer(undefined, this)

  constructor(target: string, router: Router, clock: Clock) {
    this.target = target
    this.clock = clock
    this.transport = {
      peer: target,
      openStreams: 0,
      secure: true,
      open: (request, listener) => new LoopbackRequest(target, router, clock, request, listener),
      drain() {},
      close() {},
    }
  }

  start(call: ChannelCall): void {
    this.place(this.authorizer.standIn(call))
  }

  place(call: ChannelCall): void {
    call.begin(this.transport)
  }

  withdraw(call: ChannelCall): void {
    this.authorizer.end(call)
  }

  /** There is nothing else to wait for. */
  describeWait(): string {
    return "waiting for its call credentials"
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** The client's side of a call. */
class LoopbackRequest implements ClientStream {
  readonly seen = true
  readonly takenCompressed = false
  private readonly request: RequestHead
  private readonly clock: Clock
  private readonly window = new Window()
  private readonly response: LoopbackResponse
  /** `undefined`: the method has no handler. */
  private readonly call: ServerCall | undefined
  private ended = false

  constructor(peer: string, router: Router, clock: Clock, request: RequestHead, listener: StreamListener) {
    this.request = request
    this.clock = clock
    this.response = new LoopbackResponse(peer, clock, request.method, listener, (bytes) => {
      if (this.window.give(bytes)) clock.soon(() => listener.onWritable())
    })
    const route = router.find(request.method.path)
    if (route?.handler === undefined) {
      this.call = undefined
      const message = unimplementedText(request.method.path)
      this.response.finish({ code: "UNIMPLEMENTED", codeNumber: statusCodes.UNIMPLEMENTED, message }, [], undefined)
      return
    }
    const { timeoutMs, authority, metadata } = request
    const call = new ServerCall(this.response, route, { ...headerFields(metadata), authority }, timeoutMs, {
      intercept: undefined,
      onHandlerError: (error) => {
        this.response.handlerError = error
      },
    })
    this.call = call
    this.response.call = call
    clock.soon(() => call.start(timeoutMs))
  }

  get writable(): boolean {
    return this.window.hasRoom
  }

  sendMessage(message: unknown, end: boolean): void {
    if (this.ended) return
    const bytes = encodedMessage(this.request.method.input, message, false)
    this.window.take(bytes.length)
    this.clock.soon(() => this.call?.onMessage(bytes, PREFIX_LENGTH, bytes.length, true, bytes.length))
    if (end) this.end()
  }

  end(): void {
    if (this.ended) return
    this.ended = true
    this.clock.soon(() => {
      this.response.requestsEnded = true
      this.call?.onRequestsEnd()
    })
  }

  consumed(bytes: number): void {
    this.response.onTaken(bytes)
  }

  /** Retries, which send bytes again, need a service config, and this channel has none. */
  sendEncoded(): void {}

  /** Messages come whole. */
  expect(): void {}

  cancel(): void {
    this.ended = true
    this.response.close()
    const closure = { code: ErrorCode.CANCEL, scope: "stream", initiator: "peer", mayHaveBeenProcessed: true } as const
    this.clock.soon(() => this.call?.onReset({ ...closure, message: "it was cancelled" }))
  }
}
