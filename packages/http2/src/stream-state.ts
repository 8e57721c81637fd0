/**
 * The life of a stream, RFC 9113 §5.1, without the two reserved states: we never promise, and refuse every promise.
 *
 *                              +--------+
 *                              |  idle  |
 *                              +--------+
 *                                   | send HEADERS / receive HEADERS
 *                                   v
 *        receive END_STREAM    +--------+    send END_STREAM
 *           ,------------------|  open  |------------------.
 *           v                  +--------+                  v
 *   +---------------+               |               +---------------+
 *   |  half-closed  |               |               |  half-closed  |
 *   |   (remote)    |               | RST_STREAM    |    (local)    |
 *   +---------------+               | either way    +---------------+
 *           | send END_STREAM       |       receive END_STREAM |
 *           | or RST_STREAM         v        or RST_STREAM     |
 *           |                  +--------+                      |
 *           `----------------->| closed |<---------------------'
 *                              +--------+
 *
 * A frame that its state does not allow is answered in one of two ways: the connection ends, or the stream alone.
 */
export const StreamState = {
  idle: 0,
  open: 1,
  halfClosedLocal: 2,
  halfClosedRemote: 3,
  closed: 4,
} as const

/** The states as RFC 9113 §5.1 names them. */
export type StreamStateName = "idle" | "open" | "half-closed (local)" | "half-closed (remote)" | "closed"

const stateNames: readonly StreamStateName[] = ["idle", "open", "half-closed (local)", "half-closed (remote)", "closed"]

/** The name of a `StreamState`. */
export function streamStateName(state: number): StreamStateName {
  return stateNames[state]
}

/** What can happen to a stream: the columns of the table. */
export const StreamInput = {
  sendHeaders: 0,
  sendEnd: 1,
  sendReset: 2,
  receiveHeaders: 3,
  receiveData: 4,
  receiveEnd: 5,
  receiveReset: 6,
  receiveWindowUpdate: 7,
} as const

/** What a table entry above the states means. */
export const Refusal = {
  /** Nothing to do: a command too late, or a frame that crossed the end of its stream. */
  ignore: 8,
  /** Connection error PROTOCOL_ERROR: a frame for a stream that was never opened. */
  idleStream: 9,
  /** Stream error STREAM_CLOSED: the peer had ended this stream. */
  streamClosed: 10,
  /** Connection error STREAM_CLOSED: header blocks after the end of a stream (RFC 9113 §5.1, "closed"). */
  connectionStreamClosed: 11,
} as const

const { open, halfClosedLocal, halfClosedRemote, closed } = StreamState
const { ignore, idleStream, streamClosed, connectionStreamClosed } = Refusal

// Columns as in StreamInput.
// biome-ignore format: a table is read in columns
const transitions = Uint8Array.from([
  // sendHeaders       sendEnd           sendReset  receiveHeaders          receiveData       receiveEnd        receiveReset  receiveWindowUpdate
  open,              ignore,           ignore,    open,                   idleStream,       idleStream,       idleStream,   idleStream,       // idle
  open,              halfClosedLocal,  closed,    open,                   open,             halfClosedRemote, closed,       open,             // open
  ignore,            ignore,           closed,    halfClosedLocal,        halfClosedLocal,  closed,           closed,       halfClosedLocal,  // half-closed (local)
  halfClosedRemote,  closed,           closed,    streamClosed,           streamClosed,     streamClosed,     closed,       halfClosedRemote, // half-closed (remote)
  ignore,            ignore,           ignore,    connectionStreamClosed, streamClosed,     streamClosed,     ignore,       ignore,           // closed
])

/** The state that follows, or one of `Refusal` (any number of 8 or more). */
export function nextState(state: number, input: number): number {
  return transitions[(state << 3) | input]
}
