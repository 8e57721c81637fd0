import type { CallTally } from "../core/call-counts.js"
import { type Clock, systemClock } from "../core/clock.js"
import type { ConnectivityState } from "../core/connectivity.js"
import type { Entity, TraceChild, TraceSeverity } from "../core/entity.js"
import {
  type ChannelView,
  type ConnectionView,
  type ListenSocketView,
  liveChannels,
  liveServers,
  type ServerView,
  type SubchannelView,
} from "../core/registry.js"

/** What a process has of gRPC at one moment. Nothing in it changes any more. */
export interface ChannelzSnapshot {
  readonly takenAt: Date
  /** The channels that are not closed, the oldest first. */
  readonly channels: readonly ChannelSnapshot[]
  /** The servers that are not shut down, the oldest first. */
  readonly servers: readonly ServerSnapshot[]
}

/** A channel, with the subchannels that it has now. */
export interface ChannelSnapshot {
  /** Unique in the process, among all that has an id; a greater one is younger. */
  readonly id: number
  /** As it was given to `createChannel`. */
  readonly target: string
  readonly state: ConnectivityState
  /** Each call once, however many attempts it took. */
  readonly calls: CallsSnapshot
  readonly maxConnectionsPerAddress: number
  readonly trace: TraceSnapshot
  readonly subchannels: readonly SubchannelSnapshot[]
}

/** One address of a channel. */
export interface SubchannelSnapshot {
  readonly id: number
  readonly address: string
  readonly state: ConnectivityState
  /** Each attempt that had a stream here. */
  readonly calls: CallsSnapshot
  readonly trace: TraceSnapshot
  readonly connections: readonly ConnectionSnapshot[]
}

/** A server, with the addresses it listens on and its connections. */
export interface ServerSnapshot {
  readonly id: number
  readonly calls: CallsSnapshot
  readonly trace: TraceSnapshot
  readonly listenSockets: readonly ListenSocketSnapshot[]
  readonly connections: readonly ConnectionSnapshot[]
}

/** An address on which a server listens. */
export interface ListenSocketSnapshot {
  readonly id: number
  /** `ipv4:127.0.0.1:50051`, `ipv6:[::1]:50051`, `unix:/run/x.sock`. */
  readonly local: string
}

/** How many calls there were, and how they ended. */
export interface CallsSnapshot {
  readonly started: number
  /** They ended OK. */
  readonly succeeded: number
  readonly failed: number
  /** `undefined`: never since channelz was loaded. */
  readonly lastStartedAt: Date | undefined
}

/** What has happened since channelz was loaded. */
export interface TraceSnapshot {
  readonly createdAt: Date
  /** How many events there have been, those that are kept no more included. */
  readonly eventCount: number
  /** Those that are kept, the oldest first. */
  readonly events: readonly TraceEventSnapshot[]
}

/** Something that happened to a channel, a subchannel or a server. */
export interface TraceEventSnapshot {
  readonly at: Date
  /** As it should be; failed, and tried again; broken. */
  readonly severity: TraceSeverity
  readonly text: string
  /** What the event is about, which may be gone by now. */
  readonly child: TraceChild | undefined
}

/** A connection of HTTP/2. Of the times those are `undefined` that there has been none of since channelz was loaded. */
export interface ConnectionSnapshot {
  readonly id: number
  /** Which end this is. */
  readonly role: "client" | "server"
  readonly createdAt: Date
  readonly local: string
  readonly remote: string
  /** By what name a client has asked for the server. */
  readonly remoteName: string | undefined
  /** How it is secured; `undefined`: not at all. */
  readonly security: SecuritySnapshot | undefined
  readonly streams: StreamsSnapshot
  readonly messages: MessagesSnapshot
  /** PINGs that asked whether the other end is there. */
  readonly keepalivesSent: number
  /** Bytes of DATA that may go on the connection as a whole before the receiver gives more credit. */
  readonly flowControl: { readonly mayBeSent: number; readonly mayCome: number }
  /** The error code of the GOAWAY that came from the other end. */
  readonly goAwayCode: number | undefined
  /** Of the socket, as far as they are known: `{ TCP_NODELAY: "1" }`. */
  readonly socketOptions: Readonly<Record<string, string>>
}

/** How many streams there were, and how they ended. */
export interface StreamsSnapshot {
  readonly open: number
  /** How many the other end allows to be open, where it has said so; a client's limit. */
  readonly allowed: number | undefined
  readonly started: number
  /** The server has ended them of its own will, whatever the status. */
  readonly succeeded: number
  /** They were reset, or lost with the connection. */
  readonly failed: number
  readonly lastStartedAt: Date | undefined
}

/** Messages on a connection, by direction. */
export interface MessagesSnapshot {
  readonly sent: number
  readonly received: number
  readonly lastSentAt: Date | undefined
  readonly lastReceivedAt: Date | undefined
}

/** What TLS has found out. */
export interface SecuritySnapshot {
  /** `"TLSv1.3"`. */
  readonly protocol: string
  /** By the name that the standards give it: `"TLS_AES_128_GCM_SHA256"`. */
  readonly cipher: string
  /** The certificate that this end has shown, in DER. */
  readonly localCertificate: Uint8Array | undefined
  /** The certificate that the other end has shown, in DER. */
  readonly remoteCertificate: Uint8Array | undefined
}

/** All that there is. */
export function takeSnapshot(): ChannelzSnapshot {
  const [channels, servers] = [[...liveChannels], [...liveServers]]
  // Where all is on one virtual clock, so is the look at it.
  const clocks = new Set([...channels, ...servers].map(({ entity }) => entity.clock))
  const [clock] = clocks.size === 1 ? clocks : [systemClock]
  return {
    takenAt: new Date(clock!.wallNow()),
    channels: channels.map(snapshotOfChannel),
    servers: servers.map(snapshotOfServer),
  }
}

export function snapshotOfChannel(channel: ChannelView): ChannelSnapshot {
  const { entity, target, state, calls, maxConnectionsPerAddress } = channel
  return {
    id: entity.id,
    target,
    state,
    calls: callsOf(calls, entity.clock),
    maxConnectionsPerAddress,
    trace: traceOf(entity),
    subchannels: Array.from(channel.subchannels, snapshotOfSubchannel),
  }
}

export function snapshotOfSubchannel(subchannel: SubchannelView): SubchannelSnapshot {
  const { entity, name, state, calls } = subchannel
  return {
    id: entity.id,
    address: name,
    state,
    calls: callsOf(calls, entity.clock),
    trace: traceOf(entity),
    connections: Array.from(subchannel.connections, snapshotOfConnection),
  }
}

function snapshotOfServer(server: ServerView): ServerSnapshot {
  return {
    ...summaryOfServer(server),
    connections: Array.from(server.connections, snapshotOfConnection),
  }
}

/** A server without its connections, of which there may be tens of thousands. */
export function summaryOfServer(server: ServerView): Omit<ServerSnapshot, "connections"> {
  const { entity, calls } = server
  return {
    id: entity.id,
    calls: callsOf(calls, entity.clock),
    trace: traceOf(entity),
    listenSockets: Array.from(server.listenSockets, snapshotOfListenSocket),
  }
}

export function snapshotOfListenSocket({ entity, local }: ListenSocketView): ListenSocketSnapshot {
  return { id: entity.id, local }
}

export function snapshotOfConnection(connection: ConnectionView): ConnectionSnapshot {
  const { entity, role, local, remote, remoteName, auth, counts, flow, socketOptions } = connection
  const { clock } = entity
  const allowed = role === "client" && Number.isFinite(flow.peerMaxStreams) ? flow.peerMaxStreams : undefined
  return {
    id: entity.id,
    role,
    createdAt: instant(entity.madeAt, clock)!,
    local,
    remote,
    remoteName,
    security: auth && {
      protocol: auth.protocol,
      cipher: auth.cipher,
      localCertificate: auth.ownCertificate,
      remoteCertificate: auth.certificate?.raw,
    },
    streams: {
      open: flow.openStreams,
      allowed,
      started: counts.started,
      succeeded: counts.succeeded,
      failed: counts.failed,
      lastStartedAt: instant(counts.lastStartedAt, clock),
    },
    messages: {
      sent: counts.messagesSent,
      received: counts.messagesReceived,
      lastSentAt: instant(counts.lastSentAt, clock),
      lastReceivedAt: instant(counts.lastReceivedAt, clock),
    },
    keepalivesSent: counts.keepalivesSent,
    flowControl: { mayBeSent: flow.sendWindow, mayCome: flow.receiveWindow },
    goAwayCode: flow.goAwayCode,
    socketOptions,
  }
}

function callsOf({ started, succeeded, failed, lastStartedAt }: CallTally, clock: Clock): CallsSnapshot {
  return { started, succeeded, failed, lastStartedAt: instant(lastStartedAt, clock) }
}

function traceOf({ madeAt, eventCount, events, clock }: Entity): TraceSnapshot {
  return {
    createdAt: instant(madeAt, clock)!,
    eventCount,
    events: events.map(({ at, ...event }) => ({ at: instant(at, clock)!, ...event })),
  }
}

/** What people call the time `at` of a clock; `undefined` for `NaN`. */
function instant(at: number, clock: Clock): Date | undefined {
  return Number.isNaN(at) ? undefined : new Date(clock.wallNow() - (clock.now() - at))
}
