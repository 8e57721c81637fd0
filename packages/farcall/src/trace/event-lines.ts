import type {
  ClientStreamEvent,
  ConnectedEvent,
  ConnectionClosedEvent,
  ConnectionDrainingEvent,
  ConnectionEvent,
  DiagnosticsEvents,
  EndEvent,
  StreamResetEvent,
} from "../core/diagnostics-events.js"
import { reasonOf } from "../core/reason.js"
import type { TraceArea, TraceLevel } from "./areas.js"

/** How an event is told in a line. */
export interface EventLine<Message> {
  readonly area: TraceArea
  level(message: Message): TraceLevel
  /** @param callOf the call of a stream, where it is known */
  words(message: Message, callOf: CallOf): string
}

export type CallOf = (connectionId: number, streamId: number) => number | undefined

type EventLines = { readonly [Name in keyof DiagnosticsEvents]: EventLine<DiagnosticsEvents[Name]> }

const debug = (): TraceLevel => "debug"
const info = (): TraceLevel => "info"
const error = (): TraceLevel => "error"
const failed = (failure: unknown): TraceLevel => (failure === undefined ? "info" : "error")

/** All events, each in one area. Words name the channel, connection, stream and call first, as far as there are. */
export const eventLines: EventLines = {
  "farcall:client:channel:state": {
    area: "channel",
    level: ({ reason }) => failed(reason),
    words: ({ channelId, target, from, to, reason }) =>
      `client channel=${channelId} ${target} ${from} -> ${to}${because(reason)}`,
  },
  "farcall:client:resolver:update": {
    area: "resolver",
    level: info,
    words: ({ channelId, target, addresses, serviceConfig }) =>
      `client channel=${channelId} ${target} is at ${addresses.join(" ") || "no address"}${serviceConfig ? ", with a service config" : ""}`,
  },
  "farcall:client:resolver:error": {
    area: "resolver",
    level: error,
    words: ({ channelId, target, error }) => `client channel=${channelId} ${target} not found${because(error.message)}`,
  },
  "farcall:client:subchannel:state": {
    area: "subchannel",
    level: ({ error }) => failed(error),
    words: ({ channelId, subchannelId, address, from, to, error }) =>
      `client channel=${channelId} subchannel=${subchannelId} ${address} ${from} -> ${to}${because(error?.message)}`,
  },
  "farcall:client:subchannel:health": {
    area: "health",
    level: ({ trouble }) => failed(trouble),
    words: ({ channelId, subchannelId, address, service, trouble }) =>
      `client channel=${channelId} subchannel=${subchannelId} ${address} ${named(service)} ${trouble === undefined ? "is well" : `is unwell${because(trouble.message)}`}`,
  },
  "farcall:client:connection:connecting": {
    area: "connection",
    level: debug,
    words: ({ channelId, address, authority }) => `client channel=${channelId} connecting to ${address} (${authority})`,
  },
  "farcall:client:connection:failed": {
    area: "connection",
    level: error,
    words: ({ channelId, address, error }) =>
      `client channel=${channelId} no connection to ${address}${because(error.message)}`,
  },
  "farcall:client:connection:connected": connectedLine("client"),
  "farcall:client:connection:draining": drainingLine("client"),
  "farcall:client:connection:closed": closedLine("client"),
  "farcall:client:call:start": {
    area: "call",
    level: debug,
    words: ({ callId, method, target, timeoutMs }) =>
      `client call=${callId} begins ${plain(method)} at ${target}${within(timeoutMs)}`,
  },
  "farcall:client:attempt:start": {
    area: "retry",
    level: debug,
    words: ({ call, attempt, transparent, hedged, delayMs }) =>
      `client call=${call.callId} attempt=${attempt} begins${transparent ? " anew" : ""}${hedged ? ", beside others" : ""}${delayMs > 0 ? ` after ${delayMs.toFixed(0)} ms` : ""}`,
  },
  "farcall:client:stream:open": {
    area: "call",
    level: debug,
    words: (stream) => `client call=${stream.call.callId} ${placeOf(stream)} goes to ${stream.peer}`,
  },
  "farcall:client:stream:reset": resetLine("client"),
  "farcall:client:attempt:end": {
    area: "retry",
    level: levelOfEnd,
    words: (end) => `client call=${end.call.callId} ${placeOf(end.stream, end.attempt)} ${ending(end)}`,
  },
  "farcall:client:call:end": {
    area: "call",
    level: levelOfEnd,
    words: (end) =>
      `client call=${end.call.callId} ${placeOf(end.stream)} ${plain(end.call.method)} ${ending(end)}${end.attempts > 1 ? `, ${end.attempts} attempts` : ""}`,
  },
  "farcall:server:listening": {
    area: "server",
    level: info,
    words: ({ serverId, address, tls }) => `server=${serverId} listens on ${address}${tls ? ", TLS" : ""}`,
  },
  "farcall:server:draining": {
    area: "server",
    level: info,
    words: ({ serverId, graceMs, connections }) =>
      `server=${serverId} shuts down: ${graceMs} ms for calls on ${connections} connections`,
  },
  "farcall:server:closed": { area: "server", level: info, words: ({ serverId }) => `server=${serverId} is closed` },
  "farcall:server:health": {
    area: "health",
    level: info,
    words: ({ serverId, service, status }) =>
      `server=${serverId} ${named(service)} is ${status ?? "not known any more"}`,
  },
  "farcall:server:connection:failed": {
    area: "connection",
    level: error,
    words: ({ serverId, error }) => `server=${serverId} a connection came to nothing${because(error.message)}`,
  },
  "farcall:server:connection:connected": connectedLine("server"),
  "farcall:server:connection:draining": drainingLine("server"),
  "farcall:server:connection:closed": closedLine("server"),
  "farcall:server:stream:open": {
    area: "connection",
    level: debug,
    words: ({ connectionId, streamId, path }, callOf) =>
      `server ${streamOf(connectionId, streamId, callOf)} opened: ${path === undefined ? "no path" : plain(path)}`,
  },
  "farcall:server:stream:reset": resetLine("server"),
  "farcall:server:call:start": {
    area: "call",
    level: debug,
    words: ({ callId, connectionId, streamId, method, peer, timeoutMs, attempt }) =>
      `server call=${callId} connection=${connectionId} stream=${streamId} begins ${plain(method)} from ${peer}${within(timeoutMs)}${attempt > 1 ? `, attempt ${attempt}` : ""}`,
  },
  "farcall:server:call:end": {
    area: "call",
    level: levelOfEnd,
    words: (end) => {
      const { callId, connectionId, streamId, method } = end.call
      return `server call=${callId} connection=${connectionId} stream=${streamId} ${plain(method)} ${ending(end)}`
    },
  },
  "farcall:server:worker:started": {
    area: "workers",
    level: info,
    words: ({ service, threadId }) => `server thread=${threadId} runs ${service}`,
  },
  "farcall:server:worker:died": {
    area: "workers",
    level: error,
    words: ({ service, threadId, error, terminated }) =>
      `server thread=${threadId} of ${service} ${terminated ? "was ended" : "died"}${because(error.message)}`,
  },
}

function connectedLine(side: "client" | "server"): EventLine<ConnectedEvent> {
  return {
    area: "connection",
    level: info,
    words: (event) =>
      `${side} ${wordsOf(event)} connected, ${event.protocol}, ${event.tls === undefined ? "plaintext" : `${event.tls.protocol} ${event.tls.cipher}`}`,
  }
}

function drainingLine(side: "client" | "server"): EventLine<ConnectionDrainingEvent> {
  return {
    area: "connection",
    level: info,
    words: (event) => `${side} ${wordsOf(event)} takes no more streams${because(event.reason)}`,
  }
}

function closedLine(side: "client" | "server"): EventLine<ConnectionClosedEvent> {
  return {
    area: "connection",
    level: ({ error }) => failed(error),
    words: (event) => `${side} ${wordsOf(event)} closed${because(event.error?.message)}`,
  }
}

function resetLine(side: "client" | "server"): EventLine<StreamResetEvent> {
  return {
    area: "connection",
    level: info,
    words: ({ connectionId, streamId, code, initiator, scope }, callOf) =>
      `${side} ${streamOf(connectionId, streamId, callOf)} ${scope === "connection" ? "lost with its connection" : "reset"} by ${initiator === "local" ? "this side" : "the other side"}, ${code}`,
  }
}

function wordsOf({ connectionId, local, peer }: ConnectionEvent): string {
  return `connection=${connectionId} ${local} to ${peer}`
}

function streamOf(connectionId: number, streamId: number, callOf: CallOf): string {
  const call = callOf(connectionId, streamId)
  return `${call === undefined ? "" : `call=${call} `}connection=${connectionId} stream=${streamId}`
}

function placeOf(stream: ClientStreamEvent | undefined, attempt: number = stream?.attempt ?? 1): string {
  const place =
    stream === undefined ? "on no connection" : `connection=${stream.connectionId} stream=${stream.streamId}`
  return `attempt=${attempt} ${place}`
}

function ending({ status: { code, message }, error, endedBy, durationMs }: EndEvent): string {
  const reason = reasonOf(error)
  const words = [code, reason ?? "", message === "" ? "" : JSON.stringify(message)].filter((word) => word !== "")
  return `ended ${words.join(" ")} by the ${endedBy} after ${durationMs.toFixed(1)} ms`
}

function levelOfEnd({ status }: EndEvent): TraceLevel {
  return status.code === "OK" ? "info" : "error"
}

/** What others wrote is quoted, and so is one line. */
function because(reason: string | undefined): string {
  return reason === undefined || reason === "" ? "" : `: ${JSON.stringify(reason)}`
}

/** As it is where it is plain and in one piece, else in quotes. */
function plain(text: string): string {
  return /^[!#-~]+$/.test(text) ? text : JSON.stringify(text)
}

function named(service: string): string {
  return service === "" ? "the server as a whole" : service
}

function within(timeoutMs: number): string {
  return timeoutMs === Number.POSITIVE_INFINITY ? "" : ` within ${timeoutMs.toFixed(0)} ms`
}
