/** A frame of HTTP/2 on its way (RFC 9113 §4.1), with its header; the client's preface comes as one of type −1. */
export interface PassingFrame {
  readonly type: number
  readonly flags: number
  readonly streamId: number
  readonly bytes: Uint8Array
}

export const FrameType = {
  preface: -1,
  data: 0,
  headers: 1,
  rstStream: 3,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const
export const FRAME_HEADER = 9
export const END_STREAM = 1
export const END_HEADERS = 4
/** Of DATA (RFC 9113 §6.1). */
const PADDED = 8

/** What a client begins with (RFC 9113 §3.4). */
const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
export const PREFACE_LENGTH: number = PREFACE.length

export function isPreface(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1") === PREFACE
}

/** Cuts one direction of a connection into frames, which are its own. */
export class FrameReader {
  private rest: Uint8Array = new Uint8Array(0)
  private preface: number

  /** @param preface how many bytes come before the first frame */
  constructor(preface: number) {
    this.preface = preface
  }

  /** The frames that are whole with these bytes. */
  read(chunk: Uint8Array, start: number, stop: number): PassingFrame[] {
    const bytes = new Uint8Array(this.rest.length + stop - start)
    bytes.set(this.rest)
    bytes.set(chunk.subarray(start, stop), this.rest.length)
    const frames: PassingFrame[] = []
    let at = 0
    if (this.preface > 0 && bytes.length >= this.preface) {
      frames.push({ type: FrameType.preface, flags: 0, streamId: 0, bytes: bytes.subarray(0, this.preface) })
      at = this.preface
      this.preface = 0
    }
    while (this.preface === 0 && at + FRAME_HEADER <= bytes.length) {
      const end = at + FRAME_HEADER + ((bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!)
      if (end > bytes.length) break
      frames.push({
        type: bytes[at + 3]!,
        flags: bytes[at + 4]!,
        streamId: uint31(bytes, at + 5),
        bytes: bytes.subarray(at, end),
      })
      at = end
    }
    this.rest = bytes.subarray(at)
    return frames
  }

  /** What has come of a frame that is not whole, and is not to be read any more. */
  takeRest(): Uint8Array {
    const { rest } = this
    this.rest = new Uint8Array(0)
    return rest
  }
}

/** What a frame carries of messages: nothing where it is not DATA, and where padding stands around it. */
export function bodyOf({ type, flags, bytes }: PassingFrame): Uint8Array | undefined {
  return type === FrameType.data && (flags & PADDED) === 0 ? bytes.subarray(FRAME_HEADER) : undefined
}

/** Two DATA frames of one, of which the first has the bytes up to `offset`, counted from the frame's header. */
export function splitData(frame: PassingFrame, offset: number): [Uint8Array, Uint8Array] {
  const { flags, streamId, bytes } = frame
  return [
    frameOf(FrameType.data, flags & ~END_STREAM, streamId, bytes.subarray(FRAME_HEADER, offset)),
    frameOf(FrameType.data, flags, streamId, bytes.subarray(offset)),
  ]
}

export function rstStream(streamId: number, code: number): Uint8Array {
  return frameOf(FrameType.rstStream, 0, streamId, uint32s(code))
}

export function goAway(lastStreamId: number): Uint8Array {
  return frameOf(FrameType.goAway, 0, 0, uint32s(lastStreamId, 0))
}

/** Credit of the whole connection. */
export function connectionCredit(bytes: number): Uint8Array {
  return frameOf(FrameType.windowUpdate, 0, 0, uint32s(bytes))
}

export function emptyEnd(streamId: number): Uint8Array {
  return frameOf(FrameType.data, END_STREAM, streamId, new Uint8Array(0))
}

/** `grpc-status: 0` as a literal field that no table keeps (RFC 7541 §6.2.2). */
export function okTrailers(streamId: number): Uint8Array {
  const text = (value: string): number[] => [value.length, ...new TextEncoder().encode(value)]
  const block = Uint8Array.from([0, ...text("grpc-status"), ...text("0")])
  return frameOf(FrameType.headers, END_STREAM | END_HEADERS, streamId, block)
}

export function frameOf(type: number, flags: number, streamId: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER + payload.length)
  bytes.set([payload.length >>> 16, payload.length >>> 8, payload.length, type, flags])
  bytes.set(uint32s(streamId), 5)
  bytes.set(payload, FRAME_HEADER)
  return bytes
}

function uint32s(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value >>> 24, value >>> 16, value >>> 8, value]))
}

function uint31(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! & 0x7f) << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}
