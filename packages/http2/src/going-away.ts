import { copyOf } from "./copy-of.js"
import { protocolError } from "./errors.js"
import { ErrorCode } from "./frame/error-code.js"
import { MAX_UINT31, readUint31, readUint32 } from "./frame/header.js"
import { noBytes } from "./no-bytes.js"

/** What GOAWAY of either side has said (RFC 9113 §6.8). */
export class GoingAway {
  /** Whether GOAWAY has been sent, or received. */
  sent = false
  received = false
  /** Streams above it are not looked at, the peer's by us and ours by the peer; 2³¹−1 as long as all are welcome. */
  peerStreamLimit: number = MAX_UINT31
  ownStreamLimit: number = MAX_UINT31
  /** What the peer's last one gave as its reason. */
  peerCode: number = ErrorCode.NO_ERROR
  peerDebug: Uint8Array = noBytes

  /** We are about to say that streams of the peer's above `lastStreamId` are ignored; a limit said before is not raised. */
  send(lastStreamId: number): void {
    this.sent = true
    this.peerStreamLimit = Math.min(this.peerStreamLimit, lastStreamId)
  }

  /**
   * The payload of a GOAWAY that has come, bytes[start…stop), at least 8 of them.
   * @throws ConnectionError PROTOCOL_ERROR when it raises the last stream
   */
  receive(bytes: Uint8Array, start: number, stop: number): void {
    const lastStreamId = readUint31(bytes, start)
    if (lastStreamId > this.ownStreamLimit) {
      throw protocolError(`GOAWAY raises the last stream from ${this.ownStreamLimit} to ${lastStreamId}`)
    }
    this.received = true
    this.ownStreamLimit = lastStreamId
    this.peerCode = readUint32(bytes, start + 4)
    this.peerDebug = copyOf(bytes, start + 8, stop)
  }

  /** Whether either side has said it. */
  get begun(): boolean {
    return this.sent || this.received
  }

  /**
   * Whether no stream will follow those that are open. A server knows that only when its GOAWAY has named the last one:
   * 2³¹−1 announces that word, and GOAWAY of a client is about streams of the server.
   */
  lastStreamsOpen(isClient: boolean): boolean {
    return isClient ? this.begun : this.peerStreamLimit < MAX_UINT31
  }
}
