import { Flag, framesIn, preface, Type } from "../wire/frame.js"
import { HpackReader } from "../wire/hpack-reader.js"

/** What the engine was told, as far as its answers depend on it: upper bounds, for most of it may have been refused. */
export interface Heard {
  pings: number
  settings: number
  /** Sum of all WINDOW_UPDATE on the connection. */
  credit: number
  /** The largest SETTINGS_MAX_FRAME_SIZE. */
  maxFrameSize: number
  /** The highest stream that may have been opened. */
  highestStream: number
}

/**
 * Reads what an engine sends, and throws at the first thing that RFC 9113 does not allow: no frame may be cut off, out of
 * place, on a stream that cannot be, or behind the end of its stream; no header block may be none; nothing may be
 * answered that was not asked.
 */
export class OutputChecker {
  frames = 0
  /** The code of the last GOAWAY. */
  goAwayCode: number | undefined = undefined
  readonly #role: "client" | "server"
  readonly #hpack = new HpackReader()
  readonly #streams = new Map<number, "open" | "ended" | "reset">()
  #rest: Uint8Array = new Uint8Array(0)
  #prefaceDue: boolean
  #block: { streamId: number; end: boolean; parts: Uint8Array[] } | undefined = undefined
  #pongs = 0
  #acks = 0
  #dataSent = 0
  #lastStream = 2 ** 31 - 1

  constructor(role: "client" | "server") {
    this.#role = role
    this.#prefaceDue = role === "client"
  }

  read(segments: readonly Uint8Array[], heard: Heard): void {
    let bytes: Uint8Array = Buffer.concat([this.#rest, ...segments])
    if (this.#prefaceDue && bytes.length > 0) {
      demand(
        Buffer.from(bytes.subarray(0, preface.length)).equals(preface),
        "a client that does not begin with its preface",
      )
      bytes = bytes.subarray(preface.length)
      this.#prefaceDue = false
    }
    const frames = framesIn(bytes)
    for (const { start, stop } of frames) this.#frame(bytes.subarray(start, stop), heard)
    this.#rest = bytes.slice(frames.at(-1)?.stop ?? 0)
    demand(this.#rest.length === 0, `output ends amid a frame: ${Buffer.from(this.#rest).toString("hex")}`)
  }

  #frame(frame: Uint8Array, heard: Heard): void {
    const bytes = Buffer.from(frame)
    const type = bytes[3]!
    const flags = bytes[4]!
    const streamId = bytes.readUInt32BE(5)
    const payload = bytes.subarray(9)
    demand(streamId < 2 ** 31, "the reserved bit is set")
    demand(payload.length <= heard.maxFrameSize, `a frame of ${payload.length} bytes`)
    if (this.frames++ === 0)
      demand(type === Type.settings && (flags & Flag.ack) === 0, "the first frame is not SETTINGS")
    if (this.#block !== undefined) demand(type === Type.continuation, `type ${type} amid a header block`)
    switch (type) {
      case Type.data:
        this.#mayUse(streamId, "DATA", heard)
        demand((flags & ~Flag.endStream) === 0, `DATA with flags ${flags}`)
        this.#dataSent += payload.length
        demand(this.#dataSent <= 65_535 + heard.credit, `${this.#dataSent} bytes of DATA, beyond the window`)
        if ((flags & Flag.endStream) !== 0) this.#streams.set(streamId, "ended")
        break
      case Type.headers:
        this.#mayUse(streamId, "HEADERS", heard)
        demand((flags & ~(Flag.endStream | Flag.endHeaders)) === 0, `HEADERS with flags ${flags}`)
        this.#block = { streamId, end: (flags & Flag.endStream) !== 0, parts: [] }
        this.#blockPart(flags, payload)
        break
      case Type.continuation:
        demand(this.#block?.streamId === streamId, "CONTINUATION without HEADERS")
        this.#blockPart(flags, payload)
        break
      case Type.rstStream:
        demand(payload.length === 4 && streamId !== 0 && streamId <= heard.highestStream, `RST_STREAM on ${streamId}`)
        this.#streams.set(streamId, "reset")
        break
      case Type.settings:
        demand(streamId === 0 && payload.length % 6 === 0, "SETTINGS")
        if ((flags & Flag.ack) === 0) break
        demand(payload.length === 0 && ++this.#acks <= heard.settings, "SETTINGS acknowledged that were not sent")
        break
      case Type.ping:
        demand(streamId === 0 && payload.length === 8, "PING")
        if ((flags & Flag.ack) !== 0) demand(++this.#pongs <= heard.pings, "PING answered that was not sent")
        break
      case Type.goAway: {
        demand(streamId === 0 && payload.length >= 8, "GOAWAY")
        const lastStream = payload.readUInt32BE(0)
        demand(lastStream <= this.#lastStream, `GOAWAY raises the last stream to ${lastStream}`)
        this.#lastStream = lastStream
        this.goAwayCode = payload.readUInt32BE(4)
        break
      }
      case Type.windowUpdate: {
        demand(payload.length === 4 && payload.readInt32BE(0) > 0, "WINDOW_UPDATE by nothing")
        demand(
          streamId === 0 || this.#streams.get(streamId) !== "reset",
          `WINDOW_UPDATE on ${streamId}, which was reset`,
        )
        break
      }
      default:
        demand(false, `a frame of type ${type}`)
    }
  }

  #mayUse(streamId: number, what: string, heard: Heard): void {
    demand((streamId & 1) === 1, `${what} on stream ${streamId}`)
    const state = this.#streams.get(streamId) ?? "open"
    demand(state === "open", `${what} on stream ${streamId}, which has ${state}`)
    if (this.#role === "server") demand(streamId <= heard.highestStream, `${what} on idle stream ${streamId}`)
    else demand(what === "HEADERS" || this.#streams.has(streamId), `${what} on idle stream ${streamId}`)
    this.#streams.set(streamId, "open")
  }

  #blockPart(flags: number, payload: Uint8Array): void {
    const block = this.#block!
    block.parts.push(payload)
    if ((flags & Flag.endHeaders) === 0) return
    this.#block = undefined
    let regular = false
    for (const [name] of this.#hpack.read(Buffer.concat(block.parts))) {
      const pseudo = name.startsWith(":")
      demand(!pseudo || !regular, `${name} after a regular field`)
      demand(/^:?[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name), `a field called ${JSON.stringify(name)}`)
      regular ||= !pseudo
    }
    if (block.end) this.#streams.set(block.streamId, "ended")
  }
}

function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`malformed output: ${what}`)
}

/** Adds what whole frames of input may have told the engine. */
export function hear(heard: Heard, bytes: Uint8Array, from: number): void {
  for (const { start, stop } of framesIn(bytes, from)) {
    const frame = Buffer.from(bytes.buffer, bytes.byteOffset + start, stop - start)
    const streamId = frame.readUInt32BE(5) & 0x7fff_ffff
    switch (frame[3]) {
      case Type.ping:
        if ((frame[4]! & Flag.ack) === 0) heard.pings++
        break
      case Type.settings:
        if ((frame[4]! & Flag.ack) !== 0) break
        heard.settings++
        for (let at = 9; at + 6 <= frame.length; at += 6) {
          const value = frame.readUInt32BE(at + 2)
          if (frame.readUInt16BE(at) === 5 && value < 2 ** 24) heard.maxFrameSize = Math.max(heard.maxFrameSize, value)
        }
        break
      case Type.windowUpdate:
        if (streamId === 0 && frame.length === 13) heard.credit += frame.readUInt32BE(9) & 0x7fff_ffff
        break
      case Type.headers:
        heard.highestStream = Math.max(heard.highestStream, streamId)
        break
    }
  }
}
