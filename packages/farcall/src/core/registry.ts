import type { AuthContext } from "./auth-context.js"
import type { CallTally } from "./call-counts.js"
import type { ConnectivityState } from "./connectivity.js"
import type { Entity } from "./entity.js"
import type { StreamCounts } from "./stream-counts.js"

/** A channel, to look at. */
export interface ChannelView {
  readonly entity: Entity
  readonly target: string
  readonly state: ConnectivityState
  readonly calls: CallTally
  readonly maxConnectionsPerAddress: number
  /** The oldest first; those too that are given up, until their last connection is closed. */
  readonly subchannels: Iterable<SubchannelView>
}

/** One address of a channel, to look at. */
export interface SubchannelView {
  readonly entity: Entity
  /** The address. */
  readonly name: string
  readonly state: ConnectivityState
  readonly calls: CallTally
  readonly connections: Iterable<ConnectionView>
}

/** A server, to look at. */
export interface ServerView {
  readonly entity: Entity
  readonly calls: CallTally
  readonly listenSockets: Iterable<ListenSocketView>
  /** The oldest first. */
  readonly connections: Iterable<ConnectionView>
}

/** A socket that listens, to look at. */
export interface ListenSocketView {
  readonly entity: Entity
  /** As `ConnectionView` spells it. */
  readonly local: string
}

/** A connection of HTTP/2, to look at. */
export interface ConnectionView {
  readonly entity: Entity
  /** Which end this is. */
  readonly role: "client" | "server"
  /** Where this end is: `ipv4:127.0.0.1:40000`, `unix:/run/x.sock`, `in-memory:3`. */
  readonly local: string
  readonly remote: string
  /** By what name the other end was asked for; on a client. */
  readonly remoteName: string | undefined
  /** `undefined` in plaintext. */
  readonly auth: AuthContext | undefined
  /** Options of the socket, as far as they are known: `{ TCP_NODELAY: "1" }`. */
  readonly socketOptions: Readonly<Record<string, string>>
  readonly counts: StreamCounts
  /** Made at each look. */
  readonly flow: ConnectionFlow
}

/** How a connection stands. */
export interface ConnectionFlow {
  readonly openStreams: number
  /** Bytes that may still be sent, for the connection as a whole; it may be negative. */
  readonly sendWindow: number
  /** Bytes that the other end may still send. */
  readonly receiveWindow: number
  /** How many streams the other end lets this one have open, `Infinity` when it has not said. */
  readonly peerMaxStreams: number
  /** What a GOAWAY of the other end said. */
  readonly goAwayCode: number | undefined
}

/**
 * Those of a kind that are open, the oldest first. What is dropped without having been closed is collected as if it were
 * not in here.
 */
export class LiveSet<View extends { readonly entity: Entity }> implements Iterable<View> {
  private readonly views = new Map<number, WeakRef<View>>()
  private readonly dropped = new FinalizationRegistry<number>((id) => this.views.delete(id))

  add(view: View): void {
    this.views.set(view.entity.id, new WeakRef(view))
    this.dropped.register(view, view.entity.id, view)
  }

  delete(view: View): void {
    if (this.views.delete(view.entity.id)) this.dropped.unregister(view)
  }

  get(id: number): View | undefined {
    return this.views.get(id)?.deref()
  }

  *[Symbol.iterator](): IterableIterator<View> {
    for (const reference of this.views.values()) {
      const view = reference.deref()
      if (view !== undefined) yield view
    }
  }
}

/** The channels of this process that are not closed. */
export const liveChannels: LiveSet<ChannelView> = new LiveSet()

/** The servers of this process that are not shut down. */
export const liveServers: LiveSet<ServerView> = new LiveSet()
