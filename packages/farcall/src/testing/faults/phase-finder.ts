import { PREFIX_LENGTH } from "../../core/message-framing.js"
import type { ByteOffset, CallPhase } from "./fault.js"
import { FRAME_HEADER, FrameType, type PassingFrame } from "./passing-frame.js"

export type Direction = "requests" | "responses"

/** Finds where in a connection's frames a phase of a call is first reached. */
export class PhaseFinder {
  private readonly phase: CallPhase | ByteOffset
  /** Bytes of the direction in which one is looked for. */
  private passed = 0
  private readonly bodies = new Map<number, FirstMessage>()
  /** Streams whose response has begun. */
  private readonly answered = new Set<number>()

  constructor(phase: CallPhase | ByteOffset) {
    this.phase = phase
  }

  /** At which of the frame's bytes the phase is reached, 0 before all of it; `undefined`: it is not. */
  find(direction: Direction, frame: PassingFrame): number | undefined {
    const { phase } = this
    if (typeof phase !== "string") return phase.direction === direction ? this.findByte(phase.byte, frame) : undefined
    if (frame.type === FrameType.headers) return this.headersPhase(direction, frame) === phase ? 0 : undefined
    if (frame.type !== FrameType.data) return undefined
    const inside = direction === "requests" ? "request message" : "response message"
    const after = direction === "requests" ? "between requests" : "between responses"
    if (phase !== inside && phase !== after) return undefined
    let body = this.bodies.get(frame.streamId)
    if (body === undefined) this.bodies.set(frame.streamId, (body = new FirstMessage()))
    const before = body.seen
    body.take(frame.bytes.subarray(FRAME_HEADER))
    const target = phase === inside ? body.middle : body.end
    return target > before && target <= body.seen ? FRAME_HEADER + target - before : undefined
  }

  private findByte(byte: number, { bytes }: PassingFrame): number | undefined {
    const before = this.passed
    this.passed += bytes.length
    return byte >= before && byte < this.passed ? byte - before : undefined
  }

  private headersPhase(direction: Direction, { streamId }: PassingFrame): CallPhase {
    if (direction === "requests") return "request headers"
    if (this.answered.has(streamId)) return "trailers"
    this.answered.add(streamId)
    return "response headers"
  }
}

/** How long a stream's first message is, with its prefix, as soon as that has come. */
class FirstMessage {
  /** Bytes of DATA so far. */
  seen = 0
  /** Where its body's middle is, `Infinity` until it is known. */
  middle: number = Number.POSITIVE_INFINITY
  end: number = Number.POSITIVE_INFINITY
  private readonly prefix = new Uint8Array(PREFIX_LENGTH)

  take(data: Uint8Array): void {
    const part = data.subarray(0, Math.max(0, PREFIX_LENGTH - this.seen))
    this.prefix.set(part, Math.min(this.seen, PREFIX_LENGTH))
    this.seen += data.length
    if (this.seen < PREFIX_LENGTH || this.end !== Number.POSITIVE_INFINITY) return
    const length = new DataView(this.prefix.buffer).getUint32(1)
    this.end = PREFIX_LENGTH + length
    this.middle = PREFIX_LENGTH + Math.floor(length / 2)
  }
}
