import type { Limits } from "@farcall/http2"
import type { KnownOptions } from "../core/known-options.js"

/**
 * What `http2` of a channel or server may say: every limit of the engine, by its name there. The names are said again
 * here, since options are checked before there is a connection, and the engine is read for the first one.
 */
export const http2Options: KnownOptions<Limits> = {
  maxConcurrentStreams: "number",
  maxStreamsPerTurn: "number",
  maxFrameSize: "number",
  maxHeaderListSize: "number",
  maxHeaderCount: "number",
  maxContinuationFrames: "number",
  headerTableSize: "number",
  maxEncoderTableSize: "number",
  streamWindow: "number",
  connectionWindow: "number",
  maxStreamWindow: "number",
  maxConnectionWindow: "number",
  sendBufferSize: "number",
  outputHighWater: "number",
  maxOutboundFrames: "number",
  outputPause: "number",
  assumedPeerStreams: "number",
  unsentControlPause: "number",
  unsentControlClose: "number",
  rapidResets: "number",
  rapidResetsPerSecond: "number",
  maxProvokedResets: "number",
  glitches: "number",
  glitchesPerSecond: "number",
  maxEmptyDataFrames: "number",
  maxSettingsEntries: "number",
  priorityFramesPerStream: "number",
  windowUpdatesPerDataFrame: "number",
  prefaceTimeout: "number",
  settingsTimeout: "number",
  handshakeTimeout: "number",
  frameTimeout: "number",
}
