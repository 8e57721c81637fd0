import type { AuthContext } from "./auth-context.js"
import type { CallEnd, Ender } from "./call-tracer.js"
import type { ConnectivityState } from "./connectivity.js"
import type { Metadata } from "./metadata.js"
import type { MethodKind } from "./service.js"
import type { Status } from "./status.js"
import type { StatusError } from "./status-error.js"

/**
 * What is published on diagnostics channels: the message of each, by the channel's name. Numbers of channels, subchannels,
 * connections and servers are those of channelz, unique in the process; stream ids are HTTP/2's, unique on a connection.
 */
export interface DiagnosticsEvents {
  "farcall:client:channel:state": ChannelStateEvent
  "farcall:client:resolver:update": ResolverUpdateEvent
  "farcall:client:resolver:error": ResolverErrorEvent
  "farcall:client:subchannel:state": SubchannelStateEvent
  "farcall:client:subchannel:health": SubchannelHealthEvent
  "farcall:client:connection:connecting": ConnectingEvent
  "farcall:client:connection:failed": ConnectFailedEvent
  "farcall:client:connection:connected": ConnectedEvent
  "farcall:client:connection:draining": ConnectionDrainingEvent
  "farcall:client:connection:closed": ConnectionClosedEvent
  "farcall:client:call:start": ClientCallStartEvent
  "farcall:client:attempt:start": AttemptStartEvent
  "farcall:client:stream:open": ClientStreamEvent
  "farcall:client:stream:reset": StreamResetEvent
  "farcall:client:attempt:end": AttemptEndEvent
  "farcall:client:call:end": ClientCallEndEvent
  "farcall:server:listening": ListeningEvent
  "farcall:server:draining": ServerDrainingEvent
  "farcall:server:closed": ServerClosedEvent
  "farcall:server:health": ServerHealthEvent
  "farcall:server:connection:failed": ServerConnectionFailedEvent
  "farcall:server:connection:connected": ConnectedEvent
  "farcall:server:connection:draining": ConnectionDrainingEvent
  "farcall:server:connection:closed": ConnectionClosedEvent
  "farcall:server:stream:open": ServerStreamEvent
  "farcall:server:stream:reset": StreamResetEvent
  "farcall:server:call:start": ServerCallStartEvent
  "farcall:server:call:end": ServerCallEndEvent
  "farcall:server:worker:started": WorkerStartedEvent
  "farcall:server:worker:died": WorkerDiedEvent
}

// ── channels ──

/** A channel's state has changed. */
export interface ChannelStateEvent {
  readonly channelId: number
  /** As the channel was given it. */
  readonly target: string
  readonly from: ConnectivityState
  readonly to: ConnectivityState
  /** Why, in TRANSIENT_FAILURE. */
  readonly reason: string | undefined
}

/** A channel's name stands for these addresses from now on. */
export interface ResolverUpdateEvent {
  readonly channelId: number
  readonly target: string
  /** As peers are named: `ipv4:127.0.0.1:50051`. */
  readonly addresses: readonly string[]
  /** Whether a service config came along. */
  readonly serviceConfig: boolean
}

/** A channel's name cannot be found, or what was found cannot be used. */
export interface ResolverErrorEvent {
  readonly channelId: number
  readonly target: string
  readonly error: Error
}

/** The state of one of a channel's addresses has changed. */
export interface SubchannelStateEvent {
  readonly channelId: number
  readonly subchannelId: number
  readonly address: string
  readonly from: ConnectivityState
  readonly to: ConnectivityState
  /** Why an attempt failed, or a connection was lost. */
  readonly error: Error | undefined
}

/** The server has said how the service fares whose health the channel watches (gRPC A17). */
export interface SubchannelHealthEvent {
  readonly channelId: number
  readonly subchannelId: number
  readonly address: string
  /** Empty: the server as a whole. */
  readonly service: string
  /** `undefined`: it is well. */
  readonly trouble: Error | undefined
}

// ── connections ──

/** A channel begins to connect to an address. */
export interface ConnectingEvent {
  readonly channelId: number
  readonly target: string
  readonly address: string
  readonly authority: string
}

/** An attempt to connect has led to nothing. */
export interface ConnectFailedEvent extends ConnectingEvent {
  readonly error: Error
}

/** A connection of HTTP/2. */
export interface ConnectionEvent {
  readonly connectionId: number
  /** The other side's address. */
  readonly peer: string
  /** This side's. */
  readonly local: string
}

/** A connection serves its purpose from now on. */
export interface ConnectedEvent extends ConnectionEvent {
  /** What is spoken. */
  readonly protocol: "h2"
  /** What TLS has found out; `undefined` in plaintext. */
  readonly tls: AuthContext | undefined
}

/** It takes no new streams; those that are open go on. */
export interface ConnectionDrainingEvent extends ConnectionEvent {
  readonly reason: string
}

/** A connection is closed, or lost. */
export interface ConnectionClosedEvent extends ConnectionEvent {
  /** `undefined`: it was closed as it should be. */
  readonly error: Error | undefined
}

// ── calls of a client ──

/** A client's call begins, behind its interceptors. */
export interface ClientCallStartEvent {
  /** Among the calls of both sides. */
  readonly callId: number
  /** `/package.Service/Method`. */
  readonly method: string
  readonly kind: MethodKind
  readonly target: string
  readonly authority: string
  /** Milliseconds that the call's own options allow it, `Infinity` without a limit. */
  readonly timeoutMs: number
  /** What goes with every attempt: what is changed here is sent. It is not shown by `console.log` or JSON. */
  readonly metadata: Metadata
}

/** An attempt at a call begins: it looks for a connection. */
export interface AttemptStartEvent {
  /** The very message that told of the call's start. */
  readonly call: ClientCallStartEvent
  /** From 1 on. */
  readonly attempt: number
  readonly transparent: boolean
  readonly hedged: boolean
  /** Milliseconds that the call has waited for it by its policy. */
  readonly delayMs: number
  /** As of the call, and goes with this attempt alone. */
  readonly metadata: Metadata
}

/** An attempt has a connection, and its headers are sent. */
export interface ClientStreamEvent {
  readonly call: ClientCallStartEvent
  readonly attempt: number
  readonly connectionId: number
  readonly streamId: number
  readonly peer: string
  /** How the requests are compressed. */
  readonly compression: string | undefined
}

/** How a call ended, or an attempt. */
export interface EndEvent {
  readonly status: Status
  readonly endedBy: Ender
  readonly durationMs: number
  /** With its cause and its trailers, for which it is not shown by `console.log` or JSON. */
  readonly error: StatusError | undefined
  /** What came, or went, with the status. Nor is it shown by `console.log` or JSON. */
  readonly trailers: CallEnd["trailers"]
}

/** An attempt at a call is over. */
export interface AttemptEndEvent extends EndEvent {
  readonly call: ClientCallStartEvent
  readonly attempt: number
  /** `undefined`: it never had a connection. */
  readonly stream: ClientStreamEvent | undefined
}

/** A client's call is over, and so are its attempts. */
export interface ClientCallEndEvent extends EndEvent {
  readonly call: ClientCallStartEvent
  /** How many there were, those that no server saw included. */
  readonly attempts: number
  /** Of the last attempt that had a connection. */
  readonly stream: ClientStreamEvent | undefined
}

// ── streams ──

/** RST_STREAM was sent or has come, or a stream was lost with its connection. */
export interface StreamResetEvent {
  readonly connectionId: number
  readonly streamId: number
  readonly peer: string
  /** HTTP/2's: `CANCEL`, `REFUSED_STREAM`, … */
  readonly code: string
  readonly initiator: "local" | "peer"
  /** Whether this stream alone was closed, or its whole connection. */
  readonly scope: "stream" | "connection"
}

/** A client has opened a stream: a call, where what it says is gRPC's. */
export interface ServerStreamEvent {
  readonly connectionId: number
  readonly streamId: number
  readonly peer: string
  readonly path: string | undefined
}

// ── servers and their calls ──

/** A server listens at an address. */
export interface ListeningEvent {
  readonly serverId: number
  /** As a target for clients: `localhost:50051`. */
  readonly address: string
  readonly tls: boolean
}

/** A server begins to shut down. */
export interface ServerDrainingEvent {
  readonly serverId: number
  /** How long running calls may go on, in milliseconds. */
  readonly graceMs: number
  /** How many connections are open. */
  readonly connections: number
}

/** A server has shut down, and nothing of it is left. */
export interface ServerClosedEvent {
  readonly serverId: number
}

/** `addHealth` tells clients something else from now on. */
export interface ServerHealthEvent {
  readonly serverId: number
  /** Empty: the server as a whole. */
  readonly service: string
  /** `undefined`: the service is known no more. */
  readonly status: "UNKNOWN" | "SERVING" | "NOT_SERVING" | undefined
}

/** A connection that came to nothing: turned away, a TLS handshake that failed, no HTTP/2. */
export interface ServerConnectionFailedEvent {
  readonly serverId: number
  readonly error: Error
}

/** A call's headers have come to a server. */
export interface ServerCallStartEvent {
  /** Among the calls of both sides. */
  readonly callId: number
  /** As the client wrote it. */
  readonly method: string
  /** `undefined` where no service that was added has the method. */
  readonly kind: MethodKind | undefined
  readonly authority: string | undefined
  readonly peer: string
  readonly connectionId: number
  readonly streamId: number
  /** Milliseconds that the client allows, `Infinity` without a limit. */
  readonly timeoutMs: number
  /** Which attempt of the client's it says to be, from 1 on. */
  readonly attempt: number
  /** What the client sent along. It is not shown by `console.log` or JSON. */
  readonly metadata: Metadata
}

/** A server's call is over, though its handler may still run. */
export interface ServerCallEndEvent extends EndEvent {
  readonly call: ServerCallStartEvent
}

/** A worker thread serves from now on. */
export interface WorkerStartedEvent {
  /** The service that runs on it. */
  readonly service: string
  readonly module: string
  readonly threadId: number
}

/** A worker thread has ended that was not to; another takes its place. */
export interface WorkerDiedEvent extends WorkerStartedEvent {
  readonly error: Error
  /** It was ended because its call did not stop. */
  readonly terminated: boolean
}
