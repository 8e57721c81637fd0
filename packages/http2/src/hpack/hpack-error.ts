/** The peer broke RFC 7541. The connection cannot go on: its tables no longer agree (COMPRESSION_ERROR, RFC 9113 §4.3). */
export class HpackError extends Error {
  override readonly name = "HpackError"
}
