import type { AnyMethod } from "../core/service.js"
import type { StatusError } from "../core/status-error.js"
import { ClientCall } from "./call.js"
import type { CallOptions } from "./call-options.js"
import { decodeResponse, requestError, responseCountError } from "./response.js"
import type { Channel, ClientStream } from "./transport.js"

/** One request, one response: a promise and no more. */
export function callUnary(
  method: AnyMethod,
  channel: Channel,
  request: unknown,
  options: CallOptions | undefined,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    new UnaryCall(method, channel, request, options, resolve, reject)
  })
}

class UnaryCall extends ClientCall {
  private readonly request: unknown
  private readonly resolve: (response: unknown) => void
  private readonly reject: (error: StatusError) => void
  private response: unknown = undefined
  private responseCame = false

  constructor(
    method: AnyMethod,
    channel: Channel,
    request: unknown,
    options: CallOptions | undefined,
    resolve: (response: unknown) => void,
    reject: (error: StatusError) => void,
  ) {
    super(method, channel, options)
    this.request = request
    this.resolve = resolve
    this.reject = reject
    this.start()
  }

  protected override get resendable(): boolean {
    return true
  }

  protected override onOpen(stream: ClientStream): void {
    try {
      stream.sendMessage(this.request, true)
    } catch (error) {
      this.endHere(requestError(this.method, error))
    }
  }

  override onMessage(bytes: Uint8Array, start: number, stop: number, owned: boolean, wireBytes: number): boolean {
    if (this.responseCame) {
      this.endHere(responseCountError(this.method, "more than one"))
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
    return this.responseCame ? undefined : responseCountError(this.method, "no")
  }

  protected override onFinish(error: StatusError | undefined): void {
    if (error === undefined) this.resolve(this.response)
    else this.reject(error)
  }
}
