import type { ServerProcess } from "../measure/pinned-process.js"

/** A server of somebody else's that answers the unary call of examples/echo, and is not there on every machine. */
export interface Peer {
  readonly name: string
  /**
   * Starts it on a core.
   * @throws PeerMissing when something of it is not installed
   */
  start(core: number): Promise<ServerProcess>
}

/** Something that a peer needs is not there; the message says how to get it. */
export class PeerMissing extends Error {}
