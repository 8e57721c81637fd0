import { type ConnectionCore, Due } from "./connection-core.js"
import { ConnectionError, frameSizeError, protocolError } from "./errors.js"
import { ErrorCode } from "./frame/error-code.js"
import { FrameFlag } from "./frame/header.js"
import { StreamState } from "./stream-state.js"

/**
 * What a SETTINGS frame, its payload bytes[start…stop), brings about: the peer's settings, or its word that ours are in
 * force (RFC 9113 §6.5).
 * @throws ConnectionError for a frame that breaks a rule
 */
export function receiveSettings<Owner>(
  core: ConnectionCore<Owner>,
  flags: number,
  streamId: number,
  bytes: Uint8Array,
  start: number,
  stop: number,
): void {
  if (streamId !== 0) throw protocolError(`SETTINGS on stream ${streamId}`)
  if ((flags & FrameFlag.ACK) === 0) applyPeerSettings(core, bytes, start, stop)
  else if (start === stop) applyOwnSettings(core)
  else throw frameSizeError("SETTINGS with ACK", stop - start)
}

function applyPeerSettings<Owner>(core: ConnectionCore<Owner>, bytes: Uint8Array, start: number, stop: number): void {
  const { settings } = core
  const { initialWindowSize } = settings.peer
  settings.receive(core.isClient ? "client" : "server", bytes, start, stop, core.limits, core.encoder)
  const { peer } = settings
  core.writer.maxFrameSize = peer.maxFrameSize
  if (peer.initialWindowSize !== initialWindowSize) shiftSendWindows(core, peer.initialWindowSize - initialWindowSize)
  core.writer.settingsAck()
  core.guard.unsentReplies(core.output.replies)
  core.due |= Due.data | Due.capacity
  core.handler.onSettings()
}

/** RFC 9113 §6.9.2: a new initial window reaches back to all streams. */
function shiftSendWindows<Owner>(core: ConnectionCore<Owner>, difference: number): void {
  for (const stream of core.streams.values()) {
    if (!stream.outbound.grow(difference)) {
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "SETTINGS take a stream's window past 2^31-1")
    }
    core.scheduler.resume(stream)
  }
}

/** The peer has acknowledged the oldest that we announced; what waited for that is announced next. */
function applyOwnSettings<Owner>(core: ConnectionCore<Owner>): void {
  const { settings } = core
  const { initialWindowSize } = settings.local
  settings.acknowledged()
  const { local } = settings
  core.decoder.setTableLimit(local.headerTableSize, settings.mostTableSize)
  if (core.admission.setPlaces(settings.streamLimit)) core.due |= Due.admission
  if (local.initialWindowSize !== initialWindowSize) {
    resizeReceiveWindows(core, initialWindowSize, local.initialWindowSize)
  }
  const entries = settings.announceWaiting()
  if (entries !== undefined) core.sendSettings(entries)
}

function resizeReceiveWindows<Owner>(core: ConnectionCore<Owner>, before: number, now: number): void {
  core.windows.begin(now)
  for (const stream of core.streams.values()) {
    const credit = stream.inbound.resize(before, now)
    if (credit > 0 && stream.phase !== StreamState.halfClosedRemote) core.writer.windowUpdate(stream.id, credit)
  }
}
