import type { ConnectivityState } from "../core/connectivity.js"
import type { TraceSeverity } from "../core/entity.js"
import type {
  ChannelCodec,
  ChannelDataCodec,
  ChannelTraceCodec,
  ChannelTraceEventCodec,
  SecurityCodec,
  ServerCodec,
  SocketCodec,
  SocketRefCodec,
  SubchannelCodec,
  SubchannelRefCodec,
} from "../gen/grpc/channelz/v1/channelz_codec.js"
import { addressMessage } from "./address-message.js"
import type { InitOf } from "./init-of.js"
import type {
  CallsSnapshot,
  ChannelSnapshot,
  ConnectionSnapshot,
  ListenSocketSnapshot,
  SecuritySnapshot,
  ServerSnapshot,
  SubchannelSnapshot,
  TraceEventSnapshot,
  TraceSnapshot,
} from "./snapshot.js"

// Snapshots as the messages of grpc.channelz.v1.

export function channelMessage(channel: ChannelSnapshot): InitOf<typeof ChannelCodec> {
  const { id, target, subchannels } = channel
  return {
    ref: { channelId: BigInt(id), name: target },
    data: { ...dataMessage(channel, target), maxConnectionsPerSubchannel: uint32(channel.maxConnectionsPerAddress) },
    subchannelRef: subchannels.map(subchannelRef),
  }
}

export function subchannelMessage(subchannel: SubchannelSnapshot): InitOf<typeof SubchannelCodec> {
  return {
    ref: subchannelRef(subchannel),
    data: dataMessage(subchannel, subchannel.address),
    socketRef: subchannel.connections.map(socketRef),
  }
}

export function serverMessage(server: Omit<ServerSnapshot, "connections">): InitOf<typeof ServerCodec> {
  const { id, calls, trace, listenSockets } = server
  return {
    ref: { serverId: BigInt(id), name: listenSockets.map(({ local }) => local).join(", ") },
    data: { ...callsMessage(calls), trace: traceMessage(trace) },
    listenSocket: listenSockets.map(({ id, local }) => ({ socketId: BigInt(id), name: local })),
  }
}

export function listenSocketMessage({ id, local }: ListenSocketSnapshot): InitOf<typeof SocketCodec> {
  return { ref: { socketId: BigInt(id), name: local }, data: {}, local: addressMessage(local) }
}

/** @param summary what is only to be had by asking the socket is left out */
export function connectionMessage(connection: ConnectionSnapshot, summary: boolean): InitOf<typeof SocketCodec> {
  const { role, local, remote, remoteName, security, streams, messages, flowControl, goAwayCode } = connection
  const lastStarted = timestamp(streams.lastStartedAt)
  return {
    ref: socketRef(connection),
    data: {
      streamsStarted: BigInt(streams.started),
      streamsSucceeded: BigInt(streams.succeeded),
      streamsFailed: BigInt(streams.failed),
      messagesSent: BigInt(messages.sent),
      messagesReceived: BigInt(messages.received),
      keepAlivesSent: BigInt(connection.keepalivesSent),
      lastLocalStreamCreatedTimestamp: role === "client" ? lastStarted : undefined,
      lastRemoteStreamCreatedTimestamp: role === "server" ? lastStarted : undefined,
      lastMessageSentTimestamp: timestamp(messages.lastSentAt),
      lastMessageReceivedTimestamp: timestamp(messages.lastReceivedAt),
      localFlowControlWindow: BigInt(flowControl.mayBeSent),
      remoteFlowControlWindow: BigInt(flowControl.mayCome),
      receivedGoawayError: goAwayCode,
      peerMaxConcurrentStreams: uint32(streams.allowed ?? 0),
      option: summary ? [] : Object.entries(connection.socketOptions).map(([name, value]) => ({ name, value })),
    },
    local: addressMessage(local),
    remote: addressMessage(remote),
    remoteName: remoteName ?? "",
    security: security && securityMessage(security),
  }
}

/** A connection's name says both of its ends. */
export function socketRef({
  id,
  local,
  remote,
}: Pick<ConnectionSnapshot, "id" | "local" | "remote">): InitOf<typeof SocketRefCodec> {
  return { socketId: BigInt(id), name: `${local} -> ${remote}` }
}

function subchannelRef({ id, address }: SubchannelSnapshot): InitOf<typeof SubchannelRefCodec> {
  return { subchannelId: BigInt(id), name: address }
}

function dataMessage(
  { state, calls, trace }: Pick<ChannelSnapshot, "state" | "calls" | "trace">,
  target: string,
): InitOf<typeof ChannelDataCodec> {
  return { state: { state: stateNumbers[state] }, target, trace: traceMessage(trace), ...callsMessage(calls) }
}

function callsMessage({ started, succeeded, failed, lastStartedAt }: CallsSnapshot): {
  readonly callsStarted: bigint
  readonly callsSucceeded: bigint
  readonly callsFailed: bigint
  readonly lastCallStartedTimestamp: Timestamp | undefined
} {
  return {
    callsStarted: BigInt(started),
    callsSucceeded: BigInt(succeeded),
    callsFailed: BigInt(failed),
    lastCallStartedTimestamp: timestamp(lastStartedAt),
  }
}

function traceMessage({ createdAt, eventCount, events }: TraceSnapshot): InitOf<typeof ChannelTraceCodec> {
  return {
    numEventsLogged: BigInt(eventCount),
    creationTimestamp: timestamp(createdAt),
    events: events.map(eventMessage),
  }
}

/** The message refers to channels and subchannels alone: other children are named in the text. */
function eventMessage({ at, severity, text, child }: TraceEventSnapshot): InitOf<typeof ChannelTraceEventCodec> {
  const event = { severity: severityNumbers[severity], timestamp: timestamp(at) }
  if (child === undefined) return { ...event, description: text }
  const { kind, name } = child
  const id = BigInt(child.id)
  switch (kind) {
    case "channel":
      return { ...event, description: text, childRef: { case: "channelRef", value: { channelId: id, name } } }
    case "subchannel":
      return { ...event, description: text, childRef: { case: "subchannelRef", value: { subchannelId: id, name } } }
    case "socket":
      return { ...event, description: `${text}: socket ${id}, ${name}` }
  }
}

function securityMessage({
  cipher,
  localCertificate,
  remoteCertificate,
}: SecuritySnapshot): InitOf<typeof SecurityCodec> {
  const none = new Uint8Array(0)
  return {
    model: {
      case: "tls",
      value: {
        cipherSuite: { case: "standardName", value: cipher },
        localCertificate: localCertificate ?? none,
        remoteCertificate: remoteCertificate ?? none,
      },
    },
  }
}

/** google.protobuf.Timestamp. */
interface Timestamp {
  readonly seconds: bigint
  readonly nanos: number
}

function timestamp(date: Date | undefined): Timestamp | undefined {
  if (date === undefined) return undefined
  const ms = date.getTime()
  const seconds = Math.floor(ms / 1000)
  return { seconds: BigInt(seconds), nanos: Math.round((ms - seconds * 1000) * 1_000_000) }
}

/** What does not fit says as much as the most that does. */
function uint32(value: number): number {
  return Math.min(value, 2 ** 32 - 1)
}

const stateNumbers = {
  IDLE: 1,
  CONNECTING: 2,
  READY: 3,
  TRANSIENT_FAILURE: 4,
  SHUTDOWN: 5,
} as const satisfies Record<ConnectivityState, number>

const severityNumbers = { info: 1, warning: 2, error: 3 } as const satisfies Record<TraceSeverity, number>
