import type { ConnectionCore } from "./connection-core.js"
import type { Intake } from "./intake.js"

/** How a connection stands, for tests, tracing and channelz. */
export interface ConnectionCounters {
  /** Frames of all types, since the beginning. */
  readonly framesReceived: number
  readonly framesSent: number
  /** Header blocks and DATA frames that were queued, since the beginning. */
  readonly callFramesSent: number
  /** DATA of open streams that was received and not consumed, in bytes. */
  readonly inboundHeld: number
  /** DATA accepted that waits in the queues of its streams, in bytes. */
  readonly outboundQueued: number
  readonly pendingOutput: number
  /** What the connection's window lets us send; it may be negative. */
  readonly sendWindow: number
  /** The size of the window that we give the peer for the connection: `connectionWindow`, or what it has grown to. */
  readonly receiveWindow: number
  /** What of it the peer has not used yet. */
  readonly receiveAvailable: number
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

/** How a connection stands now. Walks all of its streams. */
export function countersOf<Owner>(core: ConnectionCore<Owner>, intake: Intake<Owner>): ConnectionCounters {
  let inboundHeld = 0
  let outboundQueued = 0
  for (const stream of core.streams.values()) {
    inboundHeld += stream.inbound.held
    outboundQueued += stream.queued
  }
  return {
    framesReceived: intake.frames,
    framesSent: core.writer.frames,
    callFramesSent: core.writer.headerBlocks + core.writer.dataFrames,
    inboundHeld,
    outboundQueued,
    pendingOutput: core.output.pending,
    sendWindow: core.sendWindow.available,
    receiveWindow: core.windows.connection.size,
    receiveAvailable: core.windows.connection.available,
    runningHandlers: core.admission.occupied,
    waitingStreams: core.admission.waiting,
    unsentFrames: core.unsentFrames,
    unsentReplies: core.output.replies,
    bytesHeld: intake.bytesHeld + core.admission.waitingBytes,
  }
}
