import { errorCodeName } from "../frame/error-code.js"
import { FrameFlag, FrameType, readUint24, readUint31, readUint32 } from "../frame/header.js"
import { SettingId } from "../frame/settings.js"
import { HpackDecoder } from "../hpack/decoder.js"
import type { HeaderBlock } from "../hpack/header-block.js"
import { concat } from "./frames.js"

/**
 * Reads what a connection sends, a line for each frame: `HEADERS 1 end :status=200`, `DATA 1 "text"`, `DATA 1 16384 bytes`,
 * `RST_STREAM 1 CANCEL`, `GOAWAY 3 NO_ERROR`, `WINDOW_UPDATE 0 +100`, `SETTINGS ACK`. Checks that frames are whole.
 */
export class FrameTranscript {
  readonly #decoder = new HpackDecoder({ tableSize: 4096, maxHeaderListSize: 1 << 20, maxHeaderCount: 10_000 })
  #rest: Uint8Array = new Uint8Array(0)
  #fragments: Uint8Array[] = []
  #fragmentsEnd = ""

  read(segments: readonly Uint8Array[]): string[] {
    const lines: string[] = []
    const bytes = concat([this.#rest, ...segments])
    let at = 0
    if (bytes[0] === 0x50) {
      lines.push("preface")
      at = 24
    }
    while (bytes.length - at >= 9) {
      const length = readUint24(bytes, at)
      if (at + 9 + length > bytes.length) break
      const payload = bytes.slice(at + 9, at + 9 + length)
      lines.push(this.#line(bytes[at + 3], bytes[at + 4], readUint31(bytes, at + 5), payload))
      at += 9 + length
    }
    this.#rest = bytes.slice(at)
    return lines
  }

  /** Bytes of a frame that is not whole. */
  get unread(): number {
    return this.#rest.length
  }

  #line(type: number, flags: number, streamId: number, payload: Uint8Array): string {
    const end = (flags & FrameFlag.END_STREAM) !== 0 ? " end" : ""
    switch (type) {
      case FrameType.DATA:
        return `DATA ${streamId}${end} ${contentOf(payload)}`
      case FrameType.HEADERS:
      case FrameType.CONTINUATION: {
        this.#fragments.push(payload)
        if (type === FrameType.HEADERS) this.#fragmentsEnd = end
        const name = type === FrameType.HEADERS ? "HEADERS" : "CONTINUATION"
        if ((flags & FrameFlag.END_HEADERS) === 0) return `${name} ${streamId}${end} …`
        const whole = concat(this.#fragments)
        this.#fragments = []
        const text = blockText(this.#decoder.decode(whole, 0, whole.length))
        return `${name} ${streamId}${this.#fragmentsEnd} ${text}`
      }
      case FrameType.RST_STREAM:
        return `RST_STREAM ${streamId} ${errorCodeName(readUint32(payload, 0))}`
      case FrameType.SETTINGS: {
        if ((flags & FrameFlag.ACK) !== 0) return "SETTINGS ACK"
        let text = "SETTINGS"
        for (let at = 0; at < payload.length; at += 6) {
          text += ` ${settingNames[payload[at + 1]]}=${readUint32(payload, at + 2)}`
        }
        return text
      }
      case FrameType.PING:
        return `PING${(flags & FrameFlag.ACK) !== 0 ? " ACK" : ""} ${hexOf(payload)}`
      case FrameType.GOAWAY:
        return `GOAWAY ${readUint31(payload, 0)} ${errorCodeName(readUint32(payload, 4))}`
      case FrameType.WINDOW_UPDATE:
        return `WINDOW_UPDATE ${streamId} +${readUint32(payload, 0)}`
      default:
        return `type ${type} on ${streamId}: ${hexOf(payload)}`
    }
  }
}

export function blockText(block: HeaderBlock): string {
  if (block.oversize) return "(oversize)"
  const { method, scheme, path, authority, status, fields } = block
  const words: string[] = []
  for (const [name, value] of Object.entries({ method, scheme, path, authority, status })) {
    if (value !== undefined) words.push(`:${name}=${value}`)
  }
  for (let i = 0; i < fields.length; i += 2) words.push(`${fields[i]}=${fields[i + 1]}`)
  return words.join(" ")
}

export function contentOf(bytes: Uint8Array): string {
  return bytes.length > 100 ? `${bytes.length} bytes` : JSON.stringify(new TextDecoder().decode(bytes))
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

const settingNames: Record<number, string> = Object.fromEntries(
  Object.entries(SettingId).map(([name, id]) => [id, name]),
)
