import { errorCodeName, type Stream, type StreamClosure } from "@farcall/http2"
import type { AuthContext } from "../core/auth-context.js"
import { diagnosticsChannel } from "../core/diagnostics.js"
import type { ConnectionEvent } from "../core/diagnostics-events.js"

const channels = {
  client: {
    connected: diagnosticsChannel("farcall:client:connection:connected"),
    draining: diagnosticsChannel("farcall:client:connection:draining"),
    closed: diagnosticsChannel("farcall:client:connection:closed"),
    reset: diagnosticsChannel("farcall:client:stream:reset"),
  },
  server: {
    connected: diagnosticsChannel("farcall:server:connection:connected"),
    draining: diagnosticsChannel("farcall:server:connection:draining"),
    closed: diagnosticsChannel("farcall:server:connection:closed"),
    reset: diagnosticsChannel("farcall:server:stream:reset"),
  },
}

/** A connection as its events tell of it. */
interface Told {
  readonly id: number
  readonly remote: string
  readonly local: string
  readonly auth: AuthContext | undefined
}

/** Publishes what becomes of a connection and its streams on diagnostics channels, for those who have subscribed. */
export class ConnectionEvents {
  private readonly connection: Told
  private readonly channels: (typeof channels)["client" | "server"]
  /** What never was a connection is not told of as one that ends. */
  private begun = false

  constructor(connection: Told, role: "client" | "server") {
    this.connection = connection
    this.channels = channels[role]
  }

  connected(): void {
    this.begun = true
    const { connected } = this.channels
    if (!connected.hasSubscribers) return
    connected.publish({ ...this.event(), protocol: "h2", tls: this.connection.auth })
  }

  draining(reason: string): void {
    const { draining } = this.channels
    if (this.begun && draining.hasSubscribers) draining.publish({ ...this.event(), reason })
  }

  closed(error: Error | undefined): void {
    const { closed } = this.channels
    if (this.begun && closed.hasSubscribers) closed.publish({ ...this.event(), error })
  }

  /** A stream has ended before its time, by the peer, by a rule that was broken, or with the connection. */
  reset(stream: Stream<unknown>, { code, initiator, scope }: StreamClosure): void {
    const { reset } = this.channels
    if (!reset.hasSubscribers) return
    const { connectionId, peer } = this.event()
    reset.publish({ connectionId, streamId: stream.id, peer, code: errorCodeName(code), initiator, scope })
  }

  /** This side is about to reset a stream. */
  resetHere(stream: Stream<unknown>, code: number): void {
    const { reset } = this.channels
    if (!reset.hasSubscribers) return
    const { connectionId, peer } = this.event()
    const what = { initiator: "local", scope: "stream" } as const
    reset.publish({ connectionId, streamId: stream.id, peer, code: errorCodeName(code), ...what })
  }

  private event(): ConnectionEvent {
    const { id, remote, local } = this.connection
    return { connectionId: id, peer: remote, local }
  }
}
