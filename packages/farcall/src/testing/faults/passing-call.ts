import { PREFIX_LENGTH } from "../../core/message-framing.js"
import type { PlacedFault } from "./active-fault.js"
import type { CallPhase, Direction, StrikeRule } from "./fault-rule.js"
import type { ReadFrame } from "./header-blocks.js"
import { bodyOf, END_STREAM, FRAME_HEADER, FrameType } from "./passing-frame.js"

/** A rule that has chosen a call: it acts on it once. */
export interface ChosenFault {
  readonly fault: PlacedFault
  acted: boolean
}

/** A stream on its way: how far its two directions have come, and which rules are to act on it. */
export class PassingCall {
  readonly streamId: number
  readonly path: string
  readonly faults: ChosenFault[] = []
  /** The server has heard of it. */
  passed = false
  private answered = false
  private readonly bodies = { requests: new Body(), responses: new Body() }
  private readonly ended = { requests: false, responses: false }

  constructor(streamId: number, path: string) {
    this.streamId = streamId
    this.path = path
  }

  /** Neither side will say any more. */
  get over(): boolean {
    return this.ended.requests && this.ended.responses
  }

  /** Takes note of a frame, before any of it has passed. */
  take(direction: Direction, frame: ReadFrame): Progress {
    const ends = (frame.flags & END_STREAM) !== 0
    if (frame.type === FrameType.rstStream) this.ended.requests = this.ended.responses = true
    else if ((frame.type === FrameType.data || frame.type === FrameType.headers) && ends) this.ended[direction] = true
    const data = bodyOf(frame)
    if (data !== undefined) {
      const body = this.bodies[direction]
      const before = body.seen
      body.take(data)
      return { direction, before, body, phases: [] }
    }
    return { direction, before: 0, body: undefined, phases: this.phasesOf(direction, frame, ends) }
  }

  private phasesOf(direction: Direction, { type, headers }: ReadFrame, ends: boolean): readonly CallPhase[] {
    if (type !== FrameType.headers) return []
    if (direction === "requests") return this.passed ? [] : ["request headers"]
    if (headers?.status?.startsWith("1")) return []
    if (this.answered) return ["trailers"]
    this.answered = true
    // An answer that is its trailers alone.
    return ends ? ["response headers", "trailers"] : ["response headers"]
  }
}

/** What a frame brings a call forward by. */
export interface Progress {
  readonly direction: Direction
  /** Bytes of messages that had come in the direction. */
  readonly before: number
  /** Of the direction, with the frame; `undefined`: the frame has nothing of messages. */
  readonly body: Body | undefined
  /** What is reached before the frame passes. */
  readonly phases: readonly CallPhase[]
}

/** At which of a frame's bytes a rule's moment comes, 0 before all of it; `undefined`: not in this one. */
export function momentIn(rule: StrikeRule, { direction, before, body, phases }: Progress): number | undefined {
  if (rule.after !== undefined) {
    const target = (rule.after as Partial<Record<Direction, number>>)[direction]
    return body === undefined || target === undefined ? undefined : placeOf(target, before, body.seen)
  }
  const at = rule.at ?? "request headers"
  if (phases.includes(at)) return 0
  if (body === undefined) return undefined
  if (at === (direction === "requests" ? "request message" : "response message")) {
    return placeOf(body.middle, before, body.seen)
  }
  if (at === (direction === "requests" ? "between requests" : "between responses")) {
    return placeOf(body.end, before, body.seen)
  }
  return undefined
}

function placeOf(target: number, before: number, seen: number): number | undefined {
  if (target === 0 && before === 0) return 0
  return target > before && target <= seen ? FRAME_HEADER + target - before : undefined
}

/** What has come of one direction's messages, and how long the first is, with its prefix, as soon as that has come. */
class Body {
  /** Bytes of DATA so far. */
  seen = 0
  /** Where the first message's middle is, `Infinity` until it is known. */
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
