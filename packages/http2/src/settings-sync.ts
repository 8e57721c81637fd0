import { ConnectionError } from "./errors.js"
import { ErrorCode } from "./frame/error-code.js"
import { MAX_UINT31 } from "./frame/header.js"
import { initialSettings, readSettings, SETTING_LENGTH, SettingId, type Settings } from "./frame/settings.js"
import type { HpackEncoder } from "./hpack/encoder.js"
import type { Limits } from "./limits.js"

/** Settings of ours that can be another on the way. */
export interface SettingsChange {
  /** The largest HPACK table that the peer may use towards us (bytes, 0 to 2³²−1). */
  readonly headerTableSize?: number
  /** The receive window of each stream, those that are open included (bytes, 0 to 2³¹−1). */
  readonly streamWindow?: number
  /**
   * Server: the streams of the client's that may be open, and the handlers that may run (0 to 2³²−1). Fewer than there
   * are end none: no further ones are taken until that many are left (RFC 9113 §5.1.2).
   */
  readonly maxConcurrentStreams?: number
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
  /** Streams that the peer may have open, by what it has acknowledged; from the beginning by the first announcement. */
  streamLimit: number = Number.POSITIVE_INFINITY

  /**
   * The largest that the peer may have heard of, of those in force and those announced: table size, and how far the window
   * of a stream is above that in force. What is larger it may use before its acknowledgement is here.
   */
  mostTableSize: number = initialSettings().headerTableSize
  windowAhead = 0

  /** Changes that wait for the acknowledgement of what was announced before. */
  #waiting: { -readonly [Name in keyof SettingsChange]: number } | undefined = undefined

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
      this.streamLimit = limits.maxConcurrentStreams
      entries.push(SettingId.MAX_CONCURRENT_STREAMS, limits.maxConcurrentStreams)
    }
    settings.initialWindowSize = say(SettingId.INITIAL_WINDOW_SIZE, settings.initialWindowSize, limits.streamWindow)
    settings.maxFrameSize = say(SettingId.MAX_FRAME_SIZE, settings.maxFrameSize, limits.maxFrameSize)
    settings.maxHeaderListSize = limits.maxHeaderListSize
    entries.push(SettingId.MAX_HEADER_LIST_SIZE, limits.maxHeaderListSize)
    this.#announced.push(settings)
    this.#lookAhead()
    return entries
  }

  /**
   * The entries of a later SETTINGS frame, flat; what the change leaves out stays as it was announced last. Undefined when
   * an earlier one is not acknowledged: the change goes out with the acknowledgement, for an end that answers two frames
   * with one (Go's server) would else have us reckon with other settings than its own for good.
   * @throws RangeError for a value that the setting cannot have
   */
  announce(role: "client" | "server", change: SettingsChange): number[] | undefined {
    if (role === "client" && change.maxConcurrentStreams !== undefined) {
      throw new RangeError("maxConcurrentStreams is a server's: no stream is opened towards a client")
    }
    const wanted = { ...this.#waiting }
    for (const [name, most] of Object.entries(largest) as [keyof SettingsChange, number][]) {
      const value = change[name]
      if (value === undefined) continue
      if (!(Number.isInteger(value) && value >= 0 && value <= most)) throw new RangeError(`${name} cannot be ${value}`)
      wanted[name] = value
    }
    this.#waiting = wanted
    return this.announceWaiting()
  }

  /** The entries of the changes that have waited, when they need wait no longer. */
  announceWaiting(): number[] | undefined {
    const change = this.#waiting
    if (change === undefined || !this.inForce) return undefined
    this.#waiting = undefined
    const { headerTableSize, maxConcurrentStreams, streamWindow } = change
    const settings = { ...this.local }
    const entries: number[] = []
    if (headerTableSize !== undefined) {
      entries.push(SettingId.HEADER_TABLE_SIZE, (settings.headerTableSize = headerTableSize))
    }
    if (maxConcurrentStreams !== undefined) {
      entries.push(SettingId.MAX_CONCURRENT_STREAMS, (settings.maxConcurrentStreams = maxConcurrentStreams))
    }
    if (streamWindow !== undefined) {
      entries.push(SettingId.INITIAL_WINDOW_SIZE, (settings.initialWindowSize = streamWindow))
    }
    this.#announced.push(settings)
    this.#lookAhead()
    return entries
  }

  /** @throws ConnectionError when there was nothing to acknowledge */
  acknowledged(): void {
    const settings = this.#announced.shift()
    if (settings === undefined) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "acknowledgement of SETTINGS that were not sent")
    }
    this.local = settings
    this.streamLimit = settings.maxConcurrentStreams
    this.#lookAhead()
  }

  #lookAhead(): void {
    const { headerTableSize, initialWindowSize } = this.local
    this.mostTableSize = Math.max(headerTableSize, ...this.#announced.map((settings) => settings.headerTableSize))
    const mostWindow = Math.max(initialWindowSize, ...this.#announced.map((settings) => settings.initialWindowSize))
    this.windowAhead = mostWindow - initialWindowSize
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

/** What can be changed on the way, and the largest value. */
const largest: { readonly [Name in keyof SettingsChange]-?: number } = {
  headerTableSize: 2 ** 32 - 1,
  streamWindow: MAX_UINT31,
  maxConcurrentStreams: 2 ** 32 - 1,
}
