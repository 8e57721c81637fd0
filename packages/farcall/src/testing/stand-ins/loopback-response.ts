import type { ReceivedFields, StreamListener } from "../../client/transport.js"
import type { AuthContext } from "../../core/auth-context.js"
import type { Clock } from "../../core/clock.js"
import type { Compression, Compressions } from "../../core/compression.js"
import { encodedMessage } from "../../core/encoded-message.js"
import { PREFIX_LENGTH } from "../../core/message-framing.js"
import type { Metadata } from "../../core/metadata.js"
import type { AnyMethod } from "../../core/service.js"
import { type Status, type StatusDetail, statusCodes } from "../../core/status.js"
import { statusToFields } from "../../core/trailers.js"
import type { ServerCall } from "../../server/call.js"
import type { CallStream } from "../../server/call-stream.js"
import { compressionsWith } from "../../transport/zlib.js"

/** The server's side of a call that goes over a `LoopbackChannel`. */
export class LoopbackResponse implements CallStream {
  readonly clock: Clock
  readonly peer: string
  readonly auth: AuthContext | undefined = undefined
  readonly requestCompressed = false
  readonly compressions: Compressions = compressions
  compression: Compression | undefined = undefined
  compressMessages = true
  requestsEnded = false
  /** What the handler threw that is no StatusError: within one process the caller may see it, as the error's cause. */
  handlerError: unknown = undefined
  call: ServerCall | undefined = undefined
  private readonly method: AnyMethod
  private readonly listener: StreamListener
  private readonly giveCredit: (bytes: number) => void
  private readonly window = new Window()
  private state: "open" | "headersSent" | "closed" = "open"
  /** The client has gone, or has been told how the call ended. */
  private deaf = false

  /** @param giveCredit told how many bytes of requests have been taken */
  constructor(
    peer: string,
    clock: Clock,
    method: AnyMethod,
    listener: StreamListener,
    giveCredit: (bytes: number) => void,
  ) {
    this.peer = peer
    this.clock = clock
    this.method = method
    this.listener = listener
    this.giveCredit = giveCredit
  }

  get writable(): boolean {
    return this.window.hasRoom
  }

  consumed(bytes: number): void {
    this.giveCredit(bytes)
  }

  /** Messages come whole. */
  expect(): void {}

  sendHeaders(metadata: Metadata | undefined): void {
    if (this.state !== "open") return
    this.state = "headersSent"
    const block = headerFields(metadata)
    this.tell(() => this.listener.onHeaders(block))
  }

  sendMessage(message: unknown): void {
    if (this.state !== "headersSent") return
    const bytes = encodedMessage(this.method.output, message, false)
    this.window.take(bytes.length)
    this.tell(() => this.listener.onMessage(bytes, PREFIX_LENGTH, bytes.length, true, bytes.length))
  }

  /** The client has taken so much of what was sent. */
  onTaken(bytes: number): void {
    if (this.window.give(bytes)) this.clock.soon(() => this.call?.onWritable())
  }

  finish(status: Status, details: readonly StatusDetail[], trailers: Metadata | undefined): void {
    if (this.state === "closed") return
    this.state = "closed"
    const block = received(statusToFields(status, details, trailers))
    // Of an answer that cannot be sent the status says what is wrong with it, as over a network.
    const cause = status.code === "UNKNOWN" ? this.handlerError : undefined
    const failure =
      cause === undefined
        ? undefined
        : { mayHaveBeenProcessed: true, neverSent: false, endedBy: "server" as const, cause }
    this.tell(() => {
      this.deaf = true
      this.listener.onEnd(status, block, failure)
    })
  }

  /** The deadline has passed here; it does so on the client's side as well, at the same instant. */
  reset(): void {
    if (this.state === "closed") return
    this.state = "closed"
    const status: Status = { code: "CANCELLED", codeNumber: statusCodes.CANCELLED, message: "the call was reset" }
    this.tell(() => {
      this.deaf = true
      this.listener.onEnd(status, undefined, undefined)
    })
  }

  release(): void {}

  /** The client wants to hear no more. */
  close(): void {
    this.state = "closed"
    this.deaf = true
  }

  private tell(what: () => void): void {
    this.clock.soon(() => {
      if (!this.deaf) what()
    })
  }
}

/** So many bytes may wait for who reads them, as with a stream's window in HTTP/2 (RFC 9113 §6.9.2). */
export class Window {
  private used = 0

  get hasRoom(): boolean {
    return this.used < WINDOW
  }

  take(bytes: number): void {
    this.used += bytes
  }

  /** Returns whether there is room again where there was none. */
  give(bytes: number): boolean {
    const full = !this.hasRoom
    this.used -= bytes
    return full && this.hasRoom
  }
}

const WINDOW = 65_535

/** Metadata as the header fields that it travels as. */
export function headerFields(metadata: Metadata | undefined): ReceivedFields {
  const fields: string[] = []
  metadata?.appendTo(fields)
  return received(fields)
}

function received(fields: readonly string[]): ReceivedFields {
  return {
    fields,
    status: "200",
    get(name) {
      const at = fields.findIndex((field, index) => index % 2 === 0 && field === name)
      return at === -1 ? undefined : fields[at + 1]
    },
  }
}

const compressions: Compressions = compressionsWith([])
