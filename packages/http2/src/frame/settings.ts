import { ConnectionError } from "../errors.js"
import type { HpackEncoder } from "../hpack/encoder.js"
import { ErrorCode } from "./error-code.js"
import { INITIAL_WINDOW_SIZE, MAX_MAX_FRAME_SIZE, MAX_UINT31, MIN_MAX_FRAME_SIZE, readUint32 } from "./header.js"

/** The settings of RFC 9113 §6.5.2 by their wire identifiers. */
export const SettingId = {
  HEADER_TABLE_SIZE: 0x1,
  ENABLE_PUSH: 0x2,
  MAX_CONCURRENT_STREAMS: 0x3,
  INITIAL_WINDOW_SIZE: 0x4,
  MAX_FRAME_SIZE: 0x5,
  MAX_HEADER_LIST_SIZE: 0x6,
} as const

/** One identifier and its value are six bytes. */
export const SETTING_LENGTH = 6

/** What one side has told the other; the values of RFC 9113 §6.5.2 until it has spoken. `Infinity` where there is no limit. */
export interface Settings {
  headerTableSize: number
  enablePush: boolean
  maxConcurrentStreams: number
  initialWindowSize: number
  maxFrameSize: number
  maxHeaderListSize: number
}

/** What holds before a SETTINGS frame says otherwise: RFC 9113 §6.5.2. */
export function initialSettings(): Settings {
  return {
    headerTableSize: 4096,
    enablePush: true,
    maxConcurrentStreams: Number.POSITIVE_INFINITY,
    initialWindowSize: INITIAL_WINDOW_SIZE,
    maxFrameSize: MIN_MAX_FRAME_SIZE,
    maxHeaderListSize: Number.POSITIVE_INFINITY,
  }
}

/**
 * Reads the entries of a SETTINGS payload into `settings`, in order, the last of an identifier winning. Identifiers
 * that are not known are ignored (RFC 9113 §6.5.2). `encoder` is told of each table size.
 * @throws ConnectionError for a value that its identifier does not allow
 */
export function readSettings(
  bytes: Uint8Array,
  start: number,
  stop: number,
  settings: Settings,
  encoder: HpackEncoder,
): void {
  for (let at = start; at < stop; at += SETTING_LENGTH) {
    const value = readUint32(bytes, at + 2)
    switch ((bytes[at] << 8) | bytes[at + 1]) {
      case SettingId.HEADER_TABLE_SIZE:
        settings.headerTableSize = value
        // RFC 7541 §4.2: of several sizes between two header blocks, the smallest counts as well as the last.
        encoder.setPeerTableSize(value)
        break
      case SettingId.ENABLE_PUSH:
        if (value > 1) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `SETTINGS_ENABLE_PUSH is ${value}`)
        settings.enablePush = value === 1
        break
      case SettingId.MAX_CONCURRENT_STREAMS:
        settings.maxConcurrentStreams = value
        break
      case SettingId.INITIAL_WINDOW_SIZE:
        if (value > MAX_UINT31) {
          throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, `SETTINGS_INITIAL_WINDOW_SIZE is ${value}`)
        }
        settings.initialWindowSize = value
        break
      case SettingId.MAX_FRAME_SIZE:
        if (value < MIN_MAX_FRAME_SIZE || value > MAX_MAX_FRAME_SIZE) {
          throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `SETTINGS_MAX_FRAME_SIZE is ${value}`)
        }
        settings.maxFrameSize = value
        break
      case SettingId.MAX_HEADER_LIST_SIZE:
        settings.maxHeaderListSize = value
        break
    }
  }
}
