import { Metadata } from "../core/metadata.js"
import type { AnyMethod } from "../core/service.js"
import type { StatusError } from "../core/status-error.js"
import { ClientCall } from "./call.js"
import { responseCount, unsendable } from "./call-errors.js"
import type { CallOptions } from "./call-options.js"
import { decodeResponse } from "./response.js"
import type { Channel, ClientStream, ReceivedFields } from "./transport.js"

/** One request, one response: a promise and no more. */
export function callUnary(
  method: AnyMethod,
  channel: Channel,
  request: unknown,
  options: CallOptions | undefined,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    new UnaryCall(method, channel, request, options, resolve, reject).start()
  })
}

/**
 * The same for those who may want to know more of the call than its response.
 * @param onBegun given the call before it begins
 */
export function callObserved(
  method: AnyMethod,
  channel: Channel,
  request: unknown,
  options: CallOptions | undefined,
  onBegun: (call: ObservedCall) => void,
): Promise<ObservedCall> {
  return new Promise((resolve, reject) => {
    const call = new ObservedUnaryCall(method, channel, request, options, resolve as (result: unknown) => void, reject)
    onBegun(call)
    call.start()
  })
}

/** A unary call, with what is known of it once it has ended OK. */
export interface ObservedCall {
  /** The server's address, once there is a stream. */
  readonly peer: string | undefined
  readonly attempts: number
  readonly message: unknown
  /** Whether the response came compressed. */
  readonly compressed: boolean
  /** Made anew each time. */
  headers(): Metadata
  trailers(): Metadata
}

class UnaryCall extends ClientCall {
  private readonly request: unknown
  protected readonly resolve: (result: unknown) => void
  private readonly reject: (error: StatusError) => void
  protected response: unknown = undefined
  private responseCame = false

  constructor(
    method: AnyMethod,
    channel: Channel,
    request: unknown,
    options: CallOptions | undefined,
    resolve: (result: unknown) => void,
    reject: (error: StatusError) => void,
  ) {
    super(method, channel, options)
    this.request = request
    this.resolve = resolve
    this.reject = reject
  }

  protected override get resendable(): boolean {
    return true
  }

  protected override onOpen(stream: ClientStream): void {
    try {
      stream.sendMessage(this.request, true)
    } catch (error) {
      this.endHere(unsendable(error, this.method))
    }
  }

  override onMessage(bytes: Uint8Array, start: number, stop: number, owned: boolean, wireBytes: number): boolean {
    if (this.responseCame) {
      this.endHere(responseCount("more than one", this.method))
      return false
    }
    try {
      this.response = decodeResponse(this.method, bytes, start, stop, owned)
    } catch (error) {
      this.endHere(error as StatusError)
      return false
    }
    this.responseCame = true
    this.stream!.consumed(wireBytes)
    return true
  }

  override onPartial(wireBytes: number, missing: number): void {
    this.stream!.consumed(wireBytes)
    this.stream!.expect(missing)
  }

  override onWritable(): void {}

  protected override checkResponse(): StatusError | undefined {
    return this.responseCame ? undefined : responseCount("no", this.method)
  }

  protected override onFinish(error: StatusError | undefined, _trailers: ReceivedFields | undefined): void {
    if (error === undefined) this.resolve(this.response)
    else this.reject(error)
  }
}

class ObservedUnaryCall extends UnaryCall implements ObservedCall {
  /** What the response came on, kept beyond its end. */
  private source: ClientStream | undefined = undefined
  private head: ReceivedFields | undefined = undefined
  private tail: ReceivedFields | undefined = undefined

  get message(): unknown {
    return this.response
  }

  get compressed(): boolean {
    return this.source?.takenCompressed === true
  }

  headers(): Metadata {
    return Metadata.fromFields(this.head?.fields ?? [])
  }

  trailers(): Metadata {
    return Metadata.fromFields(this.tail?.fields ?? [])
  }

  protected override onOpen(stream: ClientStream): void {
    this.source = stream
    super.onOpen(stream)
  }

  override onHeaders(block: ReceivedFields): void {
    this.head = block
    super.onHeaders(block)
  }

  protected override onFinish(error: StatusError | undefined, trailers: ReceivedFields | undefined): void {
    this.tail = trailers
    if (error === undefined) this.resolve(this)
    else super.onFinish(error, trailers)
  }
}
