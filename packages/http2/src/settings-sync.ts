import { ConnectionError } from "./errors.js"
import { ErrorCode } from "./frame/error-code.js"
import { initialSettings, readSettings, SETTING_LENGTH, SettingId, type Settings } from "./frame/settings.js"
import type { HpackEncoder } from "./hpack/encoder.js"
import type { Limits } from "./limits.js"

/** Settings of ours that can be another on the way. */
export interface SettingsChange {
  /** The largest HPACK table that the peer may use towards us (bytes, 0 to 2³²−1). */
  readonly headerTableSize?: number
  /** The receive window of each stream, those that are open included (bytes, 0 to 2³¹−1). */
  readonly streamWindow?: number
}

/**
 * The settings of both ends. Ours are in force once the peer has acknowledged them (RFC 9113 §6.5.3): until then it may
 * act by the old ones. The peer's are in force as they come.
 */
export class SettingsSync {
  /** What we may count on the peer keeping to. */
  local: Settings = initialSettings()
  readonly peer: Settings = initialSettings()
  /** Whether the peer has spoken at all; what it said may be nothing. */
  peerReceived = false

  /** Announced and not acknowledged, oldest first. */
  readonly #announced: Settings[] = []

  /** Whether the peer has acknowledged all that was announced. */
  get inForce(): boolean {
    return this.#announced.length === 0
  }

  /** The entries of the first SETTINGS frame, flat: only what differs from what HTTP/2 starts with. */
  announceFirst(role: "client" | "server", limits: Limits): number[] {
    const settings = initialSettings()
    const entries: number[] = []
    const say = (id: number, initial: number, value: number): number => {
      if (value !== initial) entries.push(id, value)
      return value
    }
    settings.headerTableSize = say(SettingId.HEADER_TABLE_SIZE, settings.headerTableSize, limits.headerTableSize)
    if (role === "client") {
      // RFC 9113 §8.4: we have no use for pushed responses, and a server may not even name this setting.
      settings.enablePush = false
      entries.push(SettingId.ENABLE_PUSH, 0)
    } else {
      settings.maxConcurrentStreams = limits.maxConcurrentStreams
      entries.push(SettingId.MAX_CONCURRENT_STREAMS, limits.maxConcurrentStreams)
    }
    settings.initialWindowSize = say(SettingId.INITIAL_WINDOW_SIZE, settings.initialWindowSize, limits.streamWindow)
    settings.maxFrameSize = say(SettingId.MAX_FRAME_SIZE, settings.maxFrameSize, limits.maxFrameSize)
    settings.maxHeaderListSize = limits.maxHeaderListSize
    entries.push(SettingId.MAX_HEADER_LIST_SIZE, limits.maxHeaderListSize)
    this.#announced.push(settings)
    return entries
  }

  /** The entries of a later SETTINGS frame, flat; what the change leaves out stays as it was announced last. */
  announce(change: SettingsChange): number[] {
    const last = this.#announced.at(-1) ?? this.local
    const { headerTableSize = last.headerTableSize, streamWindow = last.initialWindowSize } = change
    this.#announced.push({ ...last, headerTableSize, initialWindowSize: streamWindow })
    const entries: number[] = []
    if (change.headerTableSize !== undefined) entries.push(SettingId.HEADER_TABLE_SIZE, headerTableSize)
    if (change.streamWindow !== undefined) entries.push(SettingId.INITIAL_WINDOW_SIZE, streamWindow)
    return entries
  }

  /** @throws ConnectionError when there was nothing to acknowledge */
  acknowledged(): void {
    const settings = this.#announced.shift()
    if (settings === undefined) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "acknowledgement of SETTINGS that were not sent")
    }
    this.local = settings
  }

  /** @throws ConnectionError for a frame of the wrong length, with too many entries, or with a value out of range */
  receive(
    role: "client" | "server",
    bytes: Uint8Array,
    start: number,
    stop: number,
    limits: Limits,
    encoder: HpackEncoder,
  ): void {
    const length = stop - start
    if (length % SETTING_LENGTH !== 0) {
      throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, `SETTINGS of ${length} bytes`)
    }
    if (length > limits.maxSettingsEntries * SETTING_LENGTH) {
      throw new ConnectionError(
        ErrorCode.ENHANCE_YOUR_CALM,
        `SETTINGS with ${length / SETTING_LENGTH} entries, the limit is ${limits.maxSettingsEntries}`,
      )
    }
    if (role === "client") this.peer.enablePush = false
    readSettings(bytes, start, stop, this.peer, encoder)
    if (role === "client" && this.peer.enablePush) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "a server that sets SETTINGS_ENABLE_PUSH")
    }
    this.peerReceived = true
  }
}
