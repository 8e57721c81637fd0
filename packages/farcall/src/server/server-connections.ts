import type { Limits, Stream } from "@farcall/http2"
import { CallCounts, type CallTally, sumOfCalls } from "../core/call-counts.js"
import type { Clock } from "../core/clock.js"
import type { ConnectionView } from "../core/registry.js"
import type { ConnectionAgeOptions } from "../transport/connection-age.js"
import { type Http2ServerOptions, Http2ServerTransport } from "../transport/http2-server.js"
import type { StreamOwner } from "../transport/http2-session.js"
import type { ServerKeepalive } from "../transport/server-keepalive.js"
import type { Wire, WireHandler } from "../transport/wire.js"
import { GrpcServerStream } from "./grpc-server-stream.js"
import type { CallStarter } from "./protocol-call.js"

/** What connections, and the calls on them, need of their server. */
export interface ConnectionsHost extends CallStarter {
  readonly clock: Clock
  readonly keepalive: ServerKeepalive
  readonly age: ConnectionAgeOptions
  /** The engine's limits, where they are not its own defaults. */
  readonly http2: Partial<Limits> | undefined
}

/** The connections that a server has. */
export class ServerConnections {
  private readonly options: Http2ServerOptions
  private readonly transports: Set<Http2ServerTransport> = new Set()
  /** What connections have carried that are closed. */
  private readonly past = new CallCounts()
  private onLastGone: (() => void) | undefined = undefined

  constructor(host: ConnectionsHost) {
    const { clock, http2, keepalive, age } = host
    this.options = {
      clock,
      http2,
      keepalive,
      age,
      random: Math.random,
      accept: (owner: Http2ServerTransport, stream: Stream<StreamOwner>) => new GrpcServerStream(owner, stream, host),
      onClosed: (gone) => {
        this.transports.delete(gone)
        this.past.add(gone.session.counts.calls)
        if (this.transports.size === 0) this.onLastGone?.()
      },
    }
  }

  get size(): number {
    return this.transports.size
  }

  get calls(): CallTally {
    return sumOfCalls([this.past, ...[...this.transports].map(({ session }) => session.counts.calls)])
  }

  get views(): readonly ConnectionView[] {
    return [...this.transports].map(({ session }) => session)
  }

  /** Takes one; returns who is to be told of what the wire brings. */
  accept(wire: Wire): WireHandler {
    const transport = new Http2ServerTransport(wire, this.options)
    this.transports.add(transport)
    return transport.session.inbound
  }

  /** All of them take no new calls from now on, and are closed when theirs have ended. */
  drain(): void {
    for (const transport of this.transports) transport.drain()
  }

  /** Closes all of them, with what runs there. @param reason for the peers */
  close(reason: string): void {
    for (const transport of this.transports) transport.close(reason)
  }

  /** Resolves when none is left, of a server that takes no new ones. */
  gone(): Promise<void> {
    return new Promise((resolve) => {
      if (this.transports.size === 0) resolve()
      else this.onLastGone = resolve
    })
  }
}
