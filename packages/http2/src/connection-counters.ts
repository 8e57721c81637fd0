/** How a connection stands, for tests, tracing and channelz. */
export interface ConnectionCounters {
  /** Frames of all types, since the beginning. */
  readonly framesReceived: number
  readonly framesSent: number
  /** DATA of open streams that was received and not consumed, in bytes. */
  readonly inboundHeld: number
  /** DATA accepted that waits in the queues of its streams, in bytes. */
  readonly outboundQueued: number
  readonly pendingOutput: number
  /** What the connection's window lets us send; it may be negative. */
  readonly sendWindow: number
  /** The size of the window that we give the peer for the connection: `connectionWindow`, or what it has grown to. */
  readonly receiveWindow: number
  /** Server: streams handed to the handler and not released. */
  readonly runningHandlers: number
  /** Server: streams whose handler has not been told of them, those that were reset meanwhile included. */
  readonly waitingStreams: number
  /** Frames other than DATA that are queued or taken, not yet written; and those of them that answer control frames. */
  readonly unsentFrames: number
  readonly unsentReplies: number
  /** Of frames and header blocks that are not whole, and of DATA for streams that wait, in bytes. */
  readonly bytesHeld: number
}
