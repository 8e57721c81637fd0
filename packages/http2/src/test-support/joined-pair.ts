import { Connection } from "../connection.js"
import type { ConnectionHandler, ConnectionOptions } from "../handler.js"

/** A client and a server whose bytes are handed to each other in memory. */
export class JoinedPair<C, S> {
  readonly client: Connection<C>
  readonly server: Connection<S>
  now = 0
  /** Bytes are handed over in chunks of at most this size. */
  chunk: number = Number.POSITIVE_INFINITY

  constructor(
    clientHandler: ConnectionHandler<C>,
    serverHandler: ConnectionHandler<S>,
    clientOptions?: ConnectionOptions,
    serverOptions?: ConnectionOptions,
  ) {
    this.client = new Connection("client", clientHandler, clientOptions)
    this.server = new Connection("server", serverHandler, serverOptions)
  }

  /** Carries bytes until neither has any more. */
  settle(): void {
    while (this.carry(this.client, this.server) || this.carry(this.server, this.client));
  }

  /** One flush one way; false when there was nothing. */
  carry(from: Connection<C> | Connection<S>, to: Connection<C> | Connection<S>): boolean {
    const segments = from.takeOutput()
    for (const segment of segments) {
      for (let at = 0; at < segment.length; at += this.chunk) {
        to.receive(segment, at, Math.min(at + this.chunk, segment.length), this.now)
      }
    }
    if (segments.length > 0) from.written()
    return segments.length > 0
  }
}
