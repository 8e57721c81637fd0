import { InboundWindow, OutboundWindow } from "./flow-control.js"
import type { SendQueue } from "./send-queue.js"
import { StreamState, type StreamStateName, streamStateName } from "./stream-state.js"

/** What a stream remembers in a bit each. */
export const StreamFlag = {
  /** The peer's first header block (of a response: the one that is not 1xx) has come. */
  headersReceived: 1,
  /** A frame of ours has gone out on it, other than RST_STREAM. */
  answered: 2,
  /** The command that ends our side was given; END_STREAM may still wait behind DATA. */
  endAccepted: 4,
  /** `onWritable` is owed. */
  paused: 8,
  /** It stands in the ring of streams that can send. */
  ready: 16,
  /** Its handler has not released it: it holds one of maxConcurrentStreams. */
  occupied: 32,
  /** It waits for such a slot; its handler has not heard of it. */
  waiting: 64,
  /** The request was HEAD: its response tells a content-length and has no content (RFC 9110 §9.3.2). */
  headRequest: 128,
  /** Once our side has ended the stream is reset: what the peer still sends is not wanted. */
  restUnwanted: 256,
  /** We have reset it of our own will: who did so is told no more of it. */
  reset: 512,
  /** The peer has given credit for it. */
  credited: 1024,
} as const

/** One stream of a connection: a small object of numbers, that carries its `owner` so that nobody has to look it up. */
export class Stream<Owner> {
  readonly id: number
  /** What the layer above keeps of this stream. On a server undefined until `onHeaders("initial")` has set it. */
  owner: Owner
  /** One of `StreamState`. */
  phase: number
  /** Of `StreamFlag`. */
  flags: number
  /** DATA that could not go out at once; made on first need. */
  queue: SendQueue | undefined
  /** Behind it in the ring of streams that can send. */
  next: Stream<Owner> | undefined
  /** What `content-length` promised and DATA has not yet brought; −1 when nothing was promised. */
  contentLeft: number
  /** Milliseconds from the connection's first bytes. */
  openedAt: number
  /** The longest DATA given to be sent at once that did not fit into the output directly. */
  longestSent: number
  readonly outbound: OutboundWindow
  readonly inbound: InboundWindow

  constructor(id: number, owner: Owner, outboundSize: number, inboundSize: number, openedAt: number) {
    this.id = id
    this.owner = owner
    this.phase = StreamState.open
    this.flags = 0
    this.queue = undefined
    this.next = undefined
    this.contentLeft = -1
    this.openedAt = openedAt
    this.longestSent = 0
    this.outbound = new OutboundWindow(outboundSize)
    this.inbound = new InboundWindow(inboundSize)
  }

  /** By the names of RFC 9113 §5.1. */
  get state(): StreamStateName {
    return streamStateName(this.phase)
  }

  /**
   * False when another payload as long as the longest so far would make it more than `sendBufferSize` that is queued:
   * hold back until `onWritable`. False for good once it is closed.
   */
  get writable(): boolean {
    return (this.flags & StreamFlag.paused) === 0 && this.phase !== StreamState.closed
  }

  /** Whether the peer has given credit for DATA on it: it has seen the stream then, and does something with it. */
  get credited(): boolean {
    return (this.flags & StreamFlag.credited) !== 0
  }

  /** Bytes of DATA accepted and not yet in the connection's output. */
  get queued(): number {
    return this.queue === undefined ? 0 : this.queue.bytes
  }
}
