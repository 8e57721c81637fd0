import { limits } from "../core/limits.js"

/**
 * Sessions by which a client shortens its next handshake with a server (RFC 8446 §2.2). One is used until the server gives
 * another, for some give none in a handshake that was shortened; a server that no longer takes it shakes hands in full.
 */
export class TlsSessionCache {
  private readonly sessions = new Map<string, Buffer>()

  /** Keeps the newest of a server, and those of the `maxTlsSessions` servers that were connected to last. */
  keep(server: string, session: Buffer): void {
    this.sessions.delete(server)
    this.sessions.set(server, session)
    if (this.sessions.size > limits.maxTlsSessions) this.sessions.delete(this.sessions.keys().next().value!)
  }

  get(server: string): Buffer | undefined {
    const session = this.sessions.get(server)
    if (session !== undefined) this.keep(server, session)
    return session
  }
}
