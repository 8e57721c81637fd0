import type {
  ClientStream,
  ClientTransport,
  ReceivedFields,
  RequestHead,
  StreamFailure,
  StreamListener,
  TransportListener,
} from "../client/transport.js"
import { CallCounts } from "../core/call-counts.js"
import type { Clock } from "../core/clock.js"
import type { MessageKeeper } from "../core/encoded-message.js"
import type { ConnectionView } from "../core/registry.js"
import { type Status, statusCodes } from "../core/status.js"

/** One channel's part in a connection that it shares: what it ends are its own calls, and nobody else's. */
export class ConnectionLease implements ClientTransport, TransportListener {
  readonly peer: string
  readonly secure: boolean
  readonly calls: CallCounts = new CallCounts()
  private readonly clock: Clock
  private readonly transport: ClientTransport
  private readonly listener: TransportListener
  private readonly onReleased: () => void
  private readonly streams = new Set<LeasedStream>()
  /** It takes no more streams. */
  private drained = false
  private released = false

  /** @param onReleased called once, when it is given back: it takes no more streams, and has none */
  constructor(transport: ClientTransport, listener: TransportListener, clock: Clock, onReleased: () => void) {
    this.clock = clock
    this.peer = transport.peer
    this.secure = transport.secure
    this.transport = transport
    this.listener = listener
    this.onReleased = onReleased
  }

  get openStreams(): number {
    return this.streams.size
  }

  get connections(): Iterable<ConnectionView> | undefined {
    return this.transport.connections
  }

  open(request: RequestHead, listener: StreamListener): ClientStream | undefined {
    if (this.drained) return undefined
    const leased = new LeasedStream(this, listener)
    const stream = this.transport.open(request, leased)
    if (stream === undefined) return undefined
    leased.stream = stream
    this.streams.add(leased)
    this.calls.start(this.clock)
    return leased
  }

  drain(): void {
    this.drained = true
    this.releaseWhenIdle()
  }

  close(reason: string): void {
    this.drained = true
    for (const stream of [...this.streams]) stream.breakOff(reason)
    this.releaseWhenIdle()
  }

  onStreamEnd(stream: LeasedStream, ok: boolean): void {
    if (this.streams.delete(stream)) this.calls.end(ok)
    if (this.drained) this.releaseWhenIdle()
  }

  // ── from the connection ──

  onCapacity(): void {
    if (!this.drained) this.listener.onCapacity()
  }

  onDraining(reason: string): void {
    if (!this.drained) this.listener.onDraining(reason)
  }

  onClosed(error: Error | undefined): void {
    this.drained = true
    if (this.released) return
    this.released = true
    this.listener.onClosed(error)
  }

  private releaseWhenIdle(): void {
    if (this.released || this.streams.size > 0) return
    this.released = true
    this.onReleased()
    this.listener.onClosed(undefined)
  }
}

/** A stream on a shared connection, between the call and the transport. */
class LeasedStream implements ClientStream, StreamListener {
  stream!: ClientStream
  private readonly lease: ConnectionLease
  private readonly listener: StreamListener

  constructor(lease: ConnectionLease, listener: StreamListener) {
    this.lease = lease
    this.listener = listener
  }

  /** Its channel is closed. */
  breakOff(reason: string): void {
    this.cancel()
    const status: Status = { code: "UNAVAILABLE", codeNumber: statusCodes.UNAVAILABLE, message: reason }
    this.listener.onEnd(status, undefined, {
      mayHaveBeenProcessed: true,
      neverSent: false,
      endedBy: "client",
      cause: new Error(reason),
      reason: "FARCALL_CHANNEL_CLOSED",
    })
  }

  get writable(): boolean {
    return this.stream.writable
  }

  get seen(): boolean {
    return this.stream.seen
  }

  get takenCompressed(): boolean {
    return this.stream.takenCompressed
  }

  sendMessage(message: unknown, end: boolean, keeper?: MessageKeeper): void {
    this.stream.sendMessage(message, end, keeper)
  }

  sendEncoded(bytes: Uint8Array, end: boolean): void {
    this.stream.sendEncoded(bytes, end)
  }

  end(): void {
    this.stream.end()
  }

  consumed(bytes: number): void {
    this.stream.consumed(bytes)
  }

  expect(bytes: number): void {
    this.stream.expect(bytes)
  }

  cancel(): void {
    this.stream.cancel()
    this.lease.onStreamEnd(this, false)
  }

  onHeaders(block: ReceivedFields): void {
    this.listener.onHeaders(block)
  }

  onMessage(bytes: Uint8Array, start: number, stop: number, owned: boolean, wireBytes: number): boolean {
    return this.listener.onMessage(bytes, start, stop, owned, wireBytes)
  }

  onPartial(wireBytes: number, missing: number): void {
    this.listener.onPartial(wireBytes, missing)
  }

  onWritable(): void {
    this.listener.onWritable()
  }

  onEnd(status: Status, trailers: ReceivedFields | undefined, failure: StreamFailure | undefined): void {
    this.lease.onStreamEnd(this, status.code === "OK")
    this.listener.onEnd(status, trailers, failure)
  }
}
