import type { Ender } from "../core/call-tracer.js"
import {
  type AttemptReason,
  type AttemptTracing,
  type ClientCallTracing,
  transparentAttempt,
} from "../core/client-call-tracing.js"
import { Metadata } from "../core/metadata.js"
import type { AnyMethod } from "../core/service.js"
import { type Status, statusCodes } from "../core/status.js"
import type { StatusError } from "../core/status-error.js"
import type { AuthorizedCall } from "./authorized-call.js"
import type { CallCredentials } from "./call-credentials.js"
import type { QueuePlace } from "./call-queue.js"
import { enderWithoutStream, openStream } from "./open-stream.js"
import type { MethodConfig } from "./service-config.js"
import type {
  Channel,
  ChannelCall,
  ClientStream,
  ClientTransport,
  ReceivedFields,
  RequestHead,
  StreamFailure,
  StreamListener,
} from "./transport.js"

/**
 * One attempt at a call that may have several: looks for a connection of its own, and is committed as soon as the server
 * answers with more than a status.
 *
 *                 begin              onHeaders
 *     pending ──────────► pending ──────────────► committed ──► done     (all that comes is the call's)
 *        │ fail              │ onEnd
 *        └───────────────────┴──────► done                               (what becomes of the call is its owner's to say)
 */
export class Attempt implements ChannelCall, RequestHead, StreamListener {
  /** From 1 on. */
  readonly number: number
  /** Those who watch it. */
  tracing: AttemptTracing | undefined = undefined
  /** How many of the call's requests it has sent. */
  sent = 0
  stream: ClientStream | undefined = undefined
  queuePlace: QueuePlace | undefined = undefined
  standIn: AuthorizedCall | undefined = undefined
  peer: string | undefined = undefined
  private readonly owner: AttemptOwner
  private readonly ownMetadata: Metadata | undefined

  constructor(owner: AttemptOwner, number: number) {
    this.owner = owner
    this.number = number
    const { ownMetadata: own, callTracing } = owner.call
    const metadata = callTracing === undefined ? own : callTracing.sentMetadata
    // Checklist point 55.
    this.ownMetadata =
      number === 1 ? metadata : new Metadata(metadata).set("grpc-previous-rpc-attempts", String(number - 1))
  }

  /** What it sends along: its call's, and what those who watch it have added. */
  get metadata(): Metadata | undefined {
    return this.tracing === undefined ? this.ownMetadata : this.tracing.sentMetadata
  }

  get method(): AnyMethod {
    return this.owner.call.method
  }

  get authority(): string {
    return this.owner.call.authority
  }

  get credentials(): CallCredentials | undefined {
    return this.owner.call.credentials
  }

  get compression(): string | undefined {
    return this.owner.call.compression
  }

  get timeoutMs(): number {
    return this.owner.call.timeoutMs
  }

  get config(): MethodConfig | undefined {
    return this.owner.call.config
  }

  get waitForReady(): boolean {
    return this.owner.call.waitForReady
  }

  /** Looks for a connection. */
  start(reason: AttemptReason): void {
    const { callTracing } = this.owner.call
    if (callTracing !== undefined) this.tracing = callTracing.attempt(this.number, this.ownMetadata, reason)
    this.owner.channel.start(this)
  }

  /** Looks for another connection, when the one it had did not count (transparently). */
  startAnew(): void {
    this.sent = 0
    this.stream = undefined
    this.start(transparentAttempt)
  }

  /** Ends it; its owner hears nothing more. */
  cancel(): void {
    this.tracing?.end(calledOff, "client", undefined, undefined)
    if (this.stream === undefined) this.owner.channel.withdraw(this)
    else this.stream.cancel()
  }

  // ── from the channel ──

  begin(transport: ClientTransport): boolean {
    return openStream(this, transport)
  }

  onStream(stream: ClientStream, peer: string): void {
    this.stream = stream
    this.peer = peer
    this.owner.onAttemptWritable(this)
  }

  fail(error: StatusError): void {
    const endedBy = enderWithoutStream(error)
    this.end({ status: error.status, trailers: undefined, failure: undefined, error, endedBy })
  }

  // ── from the stream ──

  onHeaders(block: ReceivedFields): void {
    this.owner.commit(this)
    this.owner.call.onHeaders(block)
  }

  onMessage(bytes: Uint8Array, start: number, stop: number, owned: boolean, wireBytes: number): boolean {
    return this.owner.call.onMessage(bytes, start, stop, owned, wireBytes)
  }

  onPartial(wireBytes: number, missing: number): void {
    this.owner.call.onPartial(wireBytes, missing)
  }

  onWritable(): void {
    this.owner.onAttemptWritable(this)
  }

  onEnd(status: Status, trailers: ReceivedFields | undefined, failure: StreamFailure | undefined): void {
    this.end({ status, trailers, failure, error: undefined, endedBy: failure?.endedBy ?? "server" })
  }

  private end(ending: Ending): void {
    this.tracing?.end(ending.status, ending.endedBy, ending.error, ending.trailers)
    this.owner.onAttemptEnd(this, ending)
  }
}

/** How an attempt ends that is not waited for, because another one has the answer. */
const calledOff: Status = {
  code: "CANCELLED",
  codeNumber: statusCodes.CANCELLED,
  message: "another attempt has the answer",
}

/** How an attempt ended. */
export interface Ending {
  readonly status: Status
  readonly trailers: ReceivedFields | undefined
  readonly failure: StreamFailure | undefined
  /** There was no connection for it. */
  readonly error: StatusError | undefined
  readonly endedBy: Ender
}

/** A call as its attempts see it. */
export interface AttemptedCall extends Omit<RequestHead, "metadata" | "tracing">, StreamListener {
  /** What its user sends along. */
  readonly ownMetadata: Metadata | undefined
  readonly callTracing: ClientCallTracing | undefined
  readonly waitForReady: boolean
  readonly credentials: CallCredentials | undefined
}

/** Who makes the attempts. */
export interface AttemptOwner {
  readonly call: AttemptedCall
  readonly channel: Channel
  /** It has a stream, or room on it again: it is to send what there is. */
  onAttemptWritable(attempt: Attempt): void
  /** What comes now is the answer: no other attempt matters any more. */
  commit(attempt: Attempt): void
  onAttemptEnd(attempt: Attempt, ending: Ending): void
}
