import { type HeaderBlock, HpackDecoder } from "@farcall/http2"
import { END_HEADERS, END_STREAM, FRAME_HEADER, FrameType, frameOf, type PassingFrame } from "./passing-frame.js"

/** A frame on its way, and where it begins a list of headers, the list. */
export interface ReadFrame extends PassingFrame {
  readonly headers?: HeaderBlock | undefined
}

/** Of HEADERS (RFC 9113 §6.2). */
const PADDED = 8
const PRIORITY = 0x20
/** The longest frame that every peer takes (RFC 9113 §4.2). */
const MAX_FRAME = 16_384

/**
 * Reads the header blocks of one direction of a connection, and has each stand for itself: without the dynamic table
 * (RFC 7541 §2.3.2) any of them can be dropped or put off, and the others are still read right.
 */
export class HeaderBlocks {
  private readonly decoder = new HpackDecoder({
    tableSize: 4096,
    maxHeaderListSize: Number.POSITIVE_INFINITY,
    maxHeaderCount: Number.POSITIVE_INFINITY,
  })
  /** The frames of a block that is not whole. */
  private begun: PassingFrame[] = []

  constructor() {
    // What limit the reader has announced is between the two: whoever writes keeps to it.
    this.decoder.allowTableSize(2 ** 32 - 1)
  }

  /**
   * The frame as it is to go on; `undefined`: it is a part of a header block that goes on as a whole, with its last part.
   * @throws Error when a block cannot be read
   */
  take(frame: PassingFrame): ReadFrame | undefined {
    if (frame.type !== FrameType.headers && frame.type !== FrameType.continuation) return frame
    this.begun.push(frame)
    if ((frame.flags & END_HEADERS) === 0) return undefined
    const [first] = this.begun
    const parts = this.begun.map(fragmentOf)
    const block = parts.length === 1 ? parts[0]! : joined(parts)
    const headers = this.decoder.decode(block, 0, block.length)
    this.begun = []
    const flags = (first!.flags & END_STREAM) | END_HEADERS
    const { streamId } = first!
    return {
      type: FrameType.headers,
      flags,
      streamId,
      headers,
      bytes: headerFrames(streamId, flags, literals(headers)),
    }
  }

  /** The frames of a block that could not be read, as they came. */
  giveUp(): Uint8Array {
    const bytes = joined(this.begun.map((frame) => frame.bytes))
    this.begun = []
    return bytes
  }
}

/** The part of a header block in a frame, without padding and priority. */
function fragmentOf({ type, flags, bytes }: PassingFrame): Uint8Array {
  if (type === FrameType.continuation) return bytes.subarray(FRAME_HEADER)
  const padded = (flags & PADDED) !== 0
  const start = FRAME_HEADER + (padded ? 1 : 0) + ((flags & PRIORITY) === 0 ? 0 : 5)
  return bytes.subarray(start, bytes.length - (padded ? bytes[FRAME_HEADER]! : 0))
}

/** HEADERS, and CONTINUATION where the block is long. */
function headerFrames(streamId: number, flags: number, block: Uint8Array): Uint8Array {
  if (block.length <= MAX_FRAME) return frameOf(FrameType.headers, flags, streamId, block)
  const frames: Uint8Array[] = []
  for (let at = 0; at < block.length; at += MAX_FRAME) {
    const last = at + MAX_FRAME >= block.length ? END_HEADERS : 0
    const part = block.subarray(at, at + MAX_FRAME)
    if (at === 0) frames.push(frameOf(FrameType.headers, (flags & ~END_HEADERS) | last, streamId, part))
    else frames.push(frameOf(FrameType.continuation, last, streamId, part))
  }
  return joined(frames)
}

/**
 * A list as literals that no table keeps (RFC 7541 §6.2.2), after a size update that leaves the reader none (§6.3): it
 * may stand before any block, and one that lowers the table is owed it before the next.
 */
function literals(headers: HeaderBlock): Uint8Array {
  const { method, scheme, authority, path, status, protocol, fields } = headers
  const parts: Uint8Array[] = [Uint8Array.of(0x20)]
  const pseudo = { ":method": method, ":scheme": scheme, ":authority": authority, ":path": path, ":status": status }
  for (const [name, value] of Object.entries({ ...pseudo, ":protocol": protocol })) {
    if (value !== undefined) parts.push(...literal(0, name, value))
  }
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i]!
    parts.push(...literal(headers.isSensitive(name) ? NEVER_INDEXED : 0, name, fields[i + 1]!))
  }
  return joined(parts)
}

/** RFC 7541 §6.2.3. */
const NEVER_INDEXED = 0x10

function literal(kind: number, name: string, value: string): Uint8Array[] {
  return [Uint8Array.of(kind), ...octets(name), ...octets(value)]
}

/** A string as it is, each character a byte (RFC 7541 §5.2). */
function octets(text: string): [length: Uint8Array, bytes: Uint8Array] {
  const bytes = Buffer.from(text, "latin1")
  const length: number[] = [Math.min(bytes.length, 127)]
  if (bytes.length >= 127) {
    // RFC 7541 §5.1: the rest of an integer, seven bits a byte.
    let rest = bytes.length - 127
    for (; rest >= 128; rest >>>= 7) length.push((rest & 0x7f) | 0x80)
    length.push(rest)
  }
  return [Uint8Array.from(length), bytes]
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
