import { errorCodeName } from "./frame/error-code.js"
import {
  CLIENT_PREFACE,
  FRAME_HEADER_LENGTH,
  FrameFlag,
  FrameType,
  frameTypeName,
  readUint24,
  readUint31,
  readUint32,
} from "./frame/header.js"
import { SETTING_LENGTH, SettingId } from "./frame/settings.js"
import { HpackDecoder } from "./hpack/decoder.js"
import type { HeaderBlock } from "./hpack/header-block.js"
import { noBytes } from "./no-bytes.js"

/**
 * Tells in words what goes over a connection one way, a line for each frame:
 *
 *     HEADERS 1 END_HEADERS :method=POST :path=/echo.Echo/Reply authorization=(23 bytes)
 *     DATA 1 END_STREAM 18 bytes
 *     RST_STREAM 1 CANCEL
 *
 * It must see the bytes from the first one on. Values of sensitive fields are not told, nor any DATA. It is for looking:
 * it checks nothing, and when it cannot make sense of what it sees it says so and is silent from then on.
 */
export class FrameLog {
  readonly #line: (text: string, streamId: number) => void
  readonly #hides: (name: string) => boolean
  readonly #decoder = new HpackDecoder({ tableSize: 4096, maxHeaderListSize: 1 << 20, maxHeaderCount: 10_000 })
  /** The beginning of what is not whole: preface, frame header, or a frame that is not DATA. */
  #held: Uint8Array = new Uint8Array(64)
  #heldLength = 0
  #prefaceExpected: boolean
  /** Payload of DATA that has yet to pass. */
  #dataLeft = 0
  /** Of a header block that goes on in CONTINUATION. */
  #fragments: Uint8Array = noBytes
  #lost = false

  /**
   * @param sender who sends what is looked at: a client begins with a preface
   * @param line is given each line, and the stream that it is about; 0: the connection
   * @param hides says by the name of a field that its value is not to be told, beside those that are sensitive anyway
   */
  constructor(
    sender: "client" | "server",
    line: (text: string, streamId: number) => void,
    hides: (name: string) => boolean = () => false,
  ) {
    this.#prefaceExpected = sender === "client"
    this.#line = line
    this.#hides = hides
    // What the receiver has allowed is known to those two; a size update tells what is made of it.
    this.#decoder.setTableLimit(0xffff_ffff)
  }

  /** bytes[start…stop) have passed. */
  receive(bytes: Uint8Array, start: number, stop: number): void {
    while (start < stop && !this.#lost) {
      if (this.#dataLeft > 0) {
        const passing = Math.min(this.#dataLeft, stop - start)
        this.#dataLeft -= passing
        start += passing
      } else {
        const taken = Math.min(this.#wanted() - this.#heldLength, stop - start)
        this.#hold(bytes, start, start + taken)
        start += taken
        if (this.#heldLength === this.#wanted()) this.#whole()
      }
    }
  }

  /** How many bytes make whole what is held. */
  #wanted(): number {
    if (this.#prefaceExpected) return CLIENT_PREFACE.length
    if (this.#heldLength < FRAME_HEADER_LENGTH) return FRAME_HEADER_LENGTH
    return FRAME_HEADER_LENGTH + (this.#held[3] === FrameType.DATA ? 0 : readUint24(this.#held, 0))
  }

  #hold(bytes: Uint8Array, start: number, stop: number): void {
    const length = this.#heldLength + stop - start
    if (length > this.#held.length) {
      const larger = new Uint8Array(2 * length)
      larger.set(this.#held.subarray(0, this.#heldLength))
      this.#held = larger
    }
    this.#held.set(bytes.subarray(start, stop), this.#heldLength)
    this.#heldLength = length
  }

  #whole(): void {
    const held = this.#held
    const length = this.#heldLength
    this.#heldLength = 0
    if (this.#prefaceExpected) {
      this.#prefaceExpected = false
      if (CLIENT_PREFACE.every((byte, i) => held[i] === byte)) this.#line("preface", 0)
      else this.#giveUp("no preface of HTTP/2")
      return
    }
    const streamId = readUint31(held, 5)
    if (held[3] === FrameType.DATA) {
      this.#dataLeft = readUint24(held, 0)
      this.#line(`DATA ${streamId}${flagWords(FrameType.DATA, held[4])} ${this.#dataLeft} bytes`, streamId)
      return
    }
    try {
      this.#line(this.#describe(held[3], held[4], streamId, held.subarray(FRAME_HEADER_LENGTH, length)), streamId)
    } catch (error) {
      this.#giveUp(`${frameTypeName(held[3])} ${streamId}: ${error instanceof Error ? error.message : error}`)
    }
  }

  #giveUp(reason: string): void {
    this.#lost = true
    this.#line(`${reason}; no more is told of this direction`, 0)
  }

  #describe(type: number, flags: number, streamId: number, payload: Uint8Array): string {
    const frame = `${frameTypeName(type)}${streamId === 0 ? "" : ` ${streamId}`}${flagWords(type, flags)}`
    switch (type) {
      case FrameType.HEADERS:
      case FrameType.CONTINUATION:
        return `${frame}${this.#fields(type, flags, payload)}`
      case FrameType.RST_STREAM:
        return `${frame} ${errorCodeName(readUint32(payload, 0))}`
      case FrameType.SETTINGS:
        return `${frame}${settingWords(payload)}`
      case FrameType.PING:
        return `${frame} ${hexOf(payload)}`
      case FrameType.GOAWAY: {
        const debug = payload.length > 8 ? ` ${JSON.stringify(new TextDecoder().decode(payload.subarray(8)))}` : ""
        return `${frame} last stream ${readUint31(payload, 0)} ${errorCodeName(readUint32(payload, 4))}${debug}`
      }
      case FrameType.WINDOW_UPDATE:
        return `${frame} +${readUint31(payload, 0)}`
      default:
        return `${frame} ${payload.length} bytes`
    }
  }

  #fields(type: number, flags: number, payload: Uint8Array): string {
    let start = 0
    let stop = payload.length
    if (type === FrameType.HEADERS) {
      if ((flags & FrameFlag.PADDED) !== 0) stop -= payload[start++]
      if ((flags & FrameFlag.PRIORITY) !== 0) start += 5
    }
    const before = this.#fragments
    const block = new Uint8Array(before.length + Math.max(0, stop - start))
    block.set(before)
    block.set(payload.subarray(start, stop), before.length)
    const whole = (flags & FrameFlag.END_HEADERS) !== 0
    this.#fragments = whole ? noBytes : block
    return whole ? fieldWords(this.#decoder.decode(block, 0, block.length), this.#hides) : " …"
  }
}

function fieldWords(block: HeaderBlock, hides: (name: string) => boolean): string {
  if (block.oversize) return ` (a header list of ${block.listSize} bytes)`
  const { method, scheme, authority, path, protocol, status, fields } = block
  const pseudo = Object.entries({ method, scheme, authority, path, protocol, status })
  let words = ""
  for (const [name, value] of pseudo) if (value !== undefined) words += ` :${name}=${printable(value)}`
  for (let i = 0; i < fields.length; i += 2) {
    const [name, value] = [fields[i], fields[i + 1]]
    words += ` ${printable(name)}=${block.isSensitive(name) || hides(name) ? `(${value.length} bytes)` : printable(value)}`
  }
  return words
}

/** As it is where it is plain and in one piece, else in quotes. */
function printable(value: string): string {
  return /^[!#-~]+$/.test(value) ? value : JSON.stringify(value).replace(/[\u007f-\u00ff]/g, escapeByte)
}

function escapeByte(char: string): string {
  return `\\u00${char.charCodeAt(0).toString(16)}`
}

function settingWords(payload: Uint8Array): string {
  let words = ""
  for (let at = 0; at + SETTING_LENGTH <= payload.length; at += SETTING_LENGTH) {
    const id = (payload[at] << 8) | payload[at + 1]
    words += ` ${settingNames.get(id) ?? `0x${id.toString(16)}`}=${readUint32(payload, at + 2)}`
  }
  return words
}

function flagWords(type: number, flags: number): string {
  let words = ""
  for (const [flag, name] of flagNames.get(type) ?? []) if ((flags & flag) !== 0) words += ` ${name}`
  return words
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

const settingNames: ReadonlyMap<number, string> = new Map(Object.entries(SettingId).map(([name, id]) => [id, name]))
/** Bits mean other things on other frames. */
const flagNames: ReadonlyMap<number, readonly (readonly [number, string])[]> = new Map([
  [FrameType.DATA, [[FrameFlag.END_STREAM, "END_STREAM"] as const, [FrameFlag.PADDED, "PADDED"] as const]],
  [FrameType.HEADERS, [[FrameFlag.END_STREAM, "END_STREAM"] as const, [FrameFlag.END_HEADERS, "END_HEADERS"] as const]],
  [FrameType.CONTINUATION, [[FrameFlag.END_HEADERS, "END_HEADERS"] as const]],
  [FrameType.SETTINGS, [[FrameFlag.ACK, "ACK"] as const]],
  [FrameType.PING, [[FrameFlag.ACK, "ACK"] as const]],
])
