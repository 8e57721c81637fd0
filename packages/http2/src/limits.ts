import { INITIAL_WINDOW_SIZE, MAX_MAX_FRAME_SIZE, MAX_UINT31, MIN_MAX_FRAME_SIZE } from "./frame/header.js"

/** Every bound a connection keeps, by name. Sizes are bytes, times milliseconds. */
export interface Limits {
  /**
   * Streams of the peer that may be open, and handlers that may be running: a reset stream's handler still counts
   * (CVE-2023-44487). Streams beyond wait for a place, so that honest cancels are not refused; at four times as many the
   * connection ends. As in Go.
   */
  readonly maxConcurrentStreams: number
  /** Handlers that one connection may start in a turn of the event loop, which ends with `takeOutput`; the next ones wait. */
  readonly maxStreamsPerTurn: number
  /** Largest frame payload taken, announced as SETTINGS_MAX_FRAME_SIZE: 16,384 to 16,777,215. */
  readonly maxFrameSize: number
  /** Size of a header list by RFC 9113 §6.5.2 (name + value + 32 each); a larger one is reported as oversize. At four times it the connection ends. */
  readonly maxHeaderListSize: number
  /** Fields of a header list, pseudo-headers and cookie crumbs counted; more are reported as oversize. */
  readonly maxHeaderCount: number
  /** CONTINUATION frames of one header block (CVE-2024-27316). */
  readonly maxContinuationFrames: number
  /** HPACK dynamic table we let the peer use, announced as SETTINGS_HEADER_TABLE_SIZE. */
  readonly headerTableSize: number
  /** Largest HPACK dynamic table we use towards the peer, whatever it allows. */
  readonly maxEncoderTableSize: number
  /** Receive window of each stream, announced as SETTINGS_INITIAL_WINDOW_SIZE. */
  readonly streamWindow: number
  /** Receive window of the whole connection; never under 65,535, where RFC 9113 §6.9.2 starts it. */
  readonly connectionWindow: number
  /**
   * What the window of a stream may grow to on a long path, where the peer would stop for want of credit; up to
   * `streamWindow`: it does not grow. 16 MiB bring 1.3 Gbit/s over 100 ms, and are the most that grpc-go gives.
   */
  readonly maxStreamWindow: number
  /**
   * What the connection's window may grow to, and what the windows of all streams together may grow by: that much a peer
   * can pin that reads fast and answers late, until the application has stopped to read.
   */
  readonly maxConnectionWindow: number
  /** DATA that one stream may queue before it stops being `writable`. */
  readonly sendBufferSize: number
  /** Output queued or unwritten above which DATA stays in the queues of its streams. */
  readonly outputHighWater: number
  /** Server: frames other than DATA that wait unwritten; above this, `wantsInput` is false. As in nghttp2. */
  readonly maxOutboundFrames: number
  /** Output unwritten beyond `outputHighWater` above which `wantsInput` is false: headers and trailers that nobody reads. */
  readonly outputPause: number
  /** Streams opened before the peer's SETTINGS have told its own limit. */
  readonly assumedPeerStreams: number
  /** Answers to control frames that wait unwritten: above this, `wantsInput` is false. */
  readonly unsentControlPause: number
  /** … and above this, the connection ends: PING, SETTINGS and reset floods. */
  readonly unsentControlClose: number
  /** Streams the peer reset within a second, with nothing sent back (CVE-2023-44487): a budget and its refill per second. */
  readonly rapidResets: number
  readonly rapidResetsPerSecond: number
  /** Stream errors the peer made us answer with RST_STREAM (CVE-2025-8671). */
  readonly maxProvokedResets: number
  /** Frames that mean nothing (unknown types, frames for closed streams …): a budget and its refill per second. */
  readonly glitches: number
  readonly glitchesPerSecond: number
  /** Empty DATA frames in a row that end nothing (CVE-2019-9518). */
  readonly maxEmptyDataFrames: number
  /** Entries of one SETTINGS frame. */
  readonly maxSettingsEntries: number
  /** PRIORITY frames allowed per stream opened (CVE-2019-9513). */
  readonly priorityFramesPerStream: number
  /** WINDOW_UPDATE frames allowed per DATA frame sent, over a start that grows with the streams (CVE-2019-9511). */
  readonly windowUpdatesPerDataFrame: number
  /** From the connection's beginning to the end of the client's preface (server), from there to the first SETTINGS, and for both together. */
  readonly prefaceTimeout: number
  readonly settingsTimeout: number
  readonly handshakeTimeout: number
  /**
   * From the first byte of a frame other than DATA to its last, or to that of the header block that it begins: until then
   * no other stream of the connection is heard, and what has come is kept.
   */
  readonly frameTimeout: number
}

/** What is in force for whatever an option leaves out; frozen. */
export const defaultLimits: Limits = Object.freeze({
  maxConcurrentStreams: 250,
  maxStreamsPerTurn: 32,
  maxFrameSize: MIN_MAX_FRAME_SIZE,
  maxHeaderListSize: 16 * 1024,
  maxHeaderCount: 128,
  maxContinuationFrames: 8,
  headerTableSize: 4096,
  maxEncoderTableSize: 4096,
  streamWindow: 256 * 1024,
  connectionWindow: 1024 * 1024,
  maxStreamWindow: 16 * 1024 * 1024,
  maxConnectionWindow: 32 * 1024 * 1024,
  sendBufferSize: 64 * 1024,
  outputHighWater: 256 * 1024,
  maxOutboundFrames: 5000,
  outputPause: 1024 * 1024,
  assumedPeerStreams: 100,
  unsentControlPause: 100,
  unsentControlClose: 1000,
  rapidResets: 1000,
  rapidResetsPerSecond: 33,
  maxProvokedResets: 1024,
  glitches: 10_000,
  glitchesPerSecond: 330,
  maxEmptyDataFrames: 100,
  maxSettingsEntries: 32,
  priorityFramesPerStream: 100,
  windowUpdatesPerDataFrame: 10,
  prefaceTimeout: 10_000,
  settingsTimeout: 2_000,
  handshakeTimeout: 20_000,
  frameTimeout: 10_000,
})

/**
 * The defaults with what was given laid over them.
 * @throws RangeError for a value that HTTP/2 cannot say, or that is no whole number of zero or more
 */
export function resolveLimits(given: Partial<Limits> | undefined): Limits {
  if (given === undefined) return defaultLimits
  const limits = { ...defaultLimits }
  for (const name of Object.keys(defaultLimits) as (keyof Limits)[]) {
    const value = given[name]
    if (value === undefined) continue
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} is ${value}, not a whole number`)
    limits[name] = value as never
  }
  mustLie("maxFrameSize", limits.maxFrameSize, MIN_MAX_FRAME_SIZE, MAX_MAX_FRAME_SIZE)
  mustLie("streamWindow", limits.streamWindow, 1, MAX_UINT31)
  mustLie("maxStreamsPerTurn", limits.maxStreamsPerTurn, 1, MAX_UINT31)
  mustLie("connectionWindow", limits.connectionWindow, INITIAL_WINDOW_SIZE, MAX_UINT31)
  mustLie("maxStreamWindow", limits.maxStreamWindow, 0, MAX_UINT31)
  mustLie("maxConnectionWindow", limits.maxConnectionWindow, 0, MAX_UINT31)
  return limits
}

function mustLie(name: string, value: number, least: number, most: number): void {
  if (value < least || value > most) throw new RangeError(`${name} is ${value}, it must be from ${least} to ${most}`)
}
