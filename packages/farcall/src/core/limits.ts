/**
 * gRPC's own limits, by default; those of HTTP/2 are in `@farcall/http2`. Each is an option of the channel or server
 * that it bounds.
 */
export const limits: {
  readonly maxReceiveMessageLength: number
  readonly maxSendMessageLength: number
  readonly messagesPerTurn: number
  readonly maxDecodedMessages: number
  readonly inflatedAhead: number
  readonly maxUnseenRequests: number
  readonly shutdownGraceMs: number
  readonly drainPingMs: number
  readonly firstBytesMs: number
  readonly listenLookupMs: number
  readonly tlsHandshakeMs: number
  readonly maxPendingConnections: number
  readonly maxClientHello: number
  readonly maxTlsSessions: number
  readonly certificatesReloadMs: number
  readonly stalledSocketMs: number
  readonly dearChunkSize: number
  readonly dearChunkMs: number
  readonly closeMs: number
  readonly surplusConnectionIdleMs: number
  readonly keepaliveTimeoutMs: number
  readonly serverKeepaliveMs: number
  readonly minPingIntervalMs: number
  readonly minIdlePingIntervalMs: number
  readonly pingStrikes: number
  readonly maxQueuedCalls: number
  readonly workerWindow: number
  readonly workerStartMs: number
  readonly workerRestartMs: number
  readonly maxWorkerRestartMs: number
  readonly maxHealthWatchers: number
  readonly maxReflectionRequests: number
  readonly maxAskedNameLength: number
  readonly reflectionResponseSize: number
  readonly traceEvents: number
  readonly traceTextLength: number
  readonly tracedStreams: number
  readonly channelzPage: number
} = {
  /**
   * Bytes of one received message, checked on its prefix before anything is allocated; a longer one ends its call
   * RESOURCE_EXHAUSTED. As in grpc-go and grpc-js.
   */
  maxReceiveMessageLength: 4 * 1024 * 1024,
  /** Bytes of one sent message. The protocol's length prefix allows no more than 2³²−1; protobuf no more than 2³¹−1. */
  maxSendMessageLength: 2 ** 31 - 1,
  /**
   * Messages that a stream takes from an iterable before it gives the event loop a turn: one that always has another
   * ready would else keep everyone else waiting until the window is full.
   */
  messagesPerTurn: 128,
  /**
   * Messages of one stream that wait for their reader as objects; further ones wait as they came, in one buffer. An empty
   * message is five bytes of the window, and a hundred or so as an object: this keeps what small ones cost under 64 KiB.
   */
  maxDecodedMessages: 512,
  /**
   * Bytes of messages of one stream that are inflated and wait for their reader, above which the next ones wait as they
   * came: compressed they can be a thousandth of that, and the window counts what is on the wire.
   */
  inflatedAhead: 262_144,
  /**
   * Bytes of requests that a call without a policy keeps until its server is known to have seen it, to send them again if
   * not: the window that a stream begins with (RFC 9113 §6.9.2). A server that takes more has given credit, most likely.
   */
  maxUnseenRequests: 65_535,
  /** How long `shutdown` waits for running calls, in milliseconds, before they are cancelled. */
  shutdownGraceMs: 10_000,
  /** How long a server that drains waits, in milliseconds, for the PING between its two GOAWAYs. */
  drainPingMs: 5_000,
  /**
   * How long an accepted connection may take, in milliseconds, to send the first bytes by which its protocol is told.
   */
  firstBytesMs: 10_000,
  /** How long the name that a server is to listen on may be looked up, in milliseconds. */
  listenLookupMs: 20_000,
  /** How long an accepted connection may take, in milliseconds, from its beginning until TLS stands. */
  tlsHandshakeMs: 10_000,
  /** Connections of one address that have not said their protocol, or not finished their TLS handshake, at once. */
  maxPendingConnections: 4096,
  /** Bytes of a TLS client's first message, within which the name is looked for that it asks for. */
  maxClientHello: 16_384,
  /** Servers of which a client's TLS credentials keep a session, by which the next handshake is shorter. */
  maxTlsSessions: 100,
  /** How old, in milliseconds, certificates read from files may be when a handshake begins; then they are read again. */
  certificatesReloadMs: 60_000,
  /**
   * How long output may wait, in milliseconds, without the system's taking a byte of it: then the peer reads no more, and
   * the connection is cut. A peer that reads, however slowly, is not; nor is one that pauses a stream, for what waits for
   * a window is no output yet.
   */
  stalledSocketMs: 60_000,
  /** Bytes of a chunk behind which more is likely to wait: sockets are read in chunks of 64 KiB, many in one turn. */
  dearChunkSize: 32 * 1024,
  /**
   * How long such a chunk may take to be read, in milliseconds, for the connection to be read on in the same turn. Beyond,
   * as with thousands of tiny frames, the others get theirs first.
   */
  dearChunkMs: 1,
  /**
   * How long a finished connection waits, in milliseconds, for its last bytes to leave and for the peer to close too.
   */
  closeMs: 1_000,
  /**
   * How long a further connection to the same address stays without a call, in milliseconds, before it is given up; up to
   * twice as long, for it is looked at as often.
   */
  surplusConnectionIdleMs: 30_000,
  /** How long a peer has to answer a keepalive PING, in milliseconds, with anything at all (gRPC A8). */
  keepaliveTimeoutMs: 20_000,
  /** After how long without a word a server asks its client whether it is there, in milliseconds: 2 hours (A8). */
  serverKeepaliveMs: 7_200_000,
  /** The least time between two PINGs of a client that has calls, in milliseconds: 5 minutes (A8). */
  minPingIntervalMs: 300_000,
  /** … and of one that has none: 2 hours (A8). */
  minIdlePingIntervalMs: 7_200_000,
  /** How many PINGs may come sooner before the connection ends with `too_many_pings` (A8). */
  pingStrikes: 2,
  /**
   * Calls that wait where a server, a service or a method limits how many run at once; or for a worker thread of their
   * service.
   */
  maxQueuedCalls: 1_000,
  /** Bytes of a stream's messages that are on their way to or from a worker thread; each counts 256 more than it has. */
  workerWindow: 262_144,
  /** How long a worker thread may take, in milliseconds, to load its module and call `serveWorker`. */
  workerStartMs: 30_000,
  /** After how long a worker thread that died before it had served is replaced, in milliseconds; doubles each time. */
  workerRestartMs: 100,
  /** … up to this. */
  maxWorkerRestartMs: 10_000,
  /** Calls of `grpc.health.v1.Health/Watch` that run at once. */
  maxHealthWatchers: 1_000,
  /** Requests of one stream of reflection. */
  maxReflectionRequests: 10_000,
  /** Characters of a name that health or reflection is asked for: it is kept while it is watched, or goes back. */
  maxAskedNameLength: 1_024,
  /** Bytes of files in a response of reflection, above which imported ones are left to be asked for. */
  reflectionResponseSize: 1_048_576,
  /** Events of one channel, subchannel or server that are kept for who looks in; a further one displaces the oldest. */
  traceEvents: 32,
  /** Characters of such an event's text; what is behind them is cut off. */
  traceTextLength: 500,
  /** Streams whose calls `FARCALL_TRACE` can name in lines about frames and connections: those that were opened last. */
  tracedStreams: 4_096,
  /** Channels, servers or sockets in one answer of the channelz service. */
  channelzPage: 100,
}
