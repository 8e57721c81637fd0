import type { Wire } from "../../transport/wire.js"
import type { Direction, EffectRule } from "./fault-rule.js"
import { HeaderBlocks, type ReadFrame } from "./header-blocks.js"
import { LineShape } from "./line-shape.js"
import type { LinkOutput } from "./link-output.js"
import { FrameReader, FrameType, isPreface, type PassingFrame } from "./passing-frame.js"

/** One direction of a link: where its bytes come from, how they are read, and where they go out. */
export class LinkWay {
  readonly direction: Direction
  readonly from: Wire
  readonly output: LinkOutput
  readonly reader: FrameReader
  readonly blocks: HeaderBlocks = new HeaderBlocks()
  readonly shape: LineShape
  framed: boolean
  /** Bytes that have come by. */
  passed = 0
  private blocked = false

  constructor(direction: Direction, from: Wire, output: LinkOutput, preface: number, framed: boolean) {
    this.direction = direction
    this.from = from
    this.output = output
    this.reader = new FrameReader(preface)
    this.shape = new LineShape(direction)
    this.framed = framed
  }

  /** A frame as it is to go on, if it is to yet; what is no HTTP/2 passes as it is, and all behind it. */
  read(frame: PassingFrame): ReadFrame | undefined {
    if (frame.type === FrameType.preface && !isPreface(frame.bytes)) this.framed = false
    try {
      return this.blocks.take(frame)
    } catch {
      this.framed = false
      return opaque(this.blocks.giveUp())
    }
  }

  /** Comes under the effect of these rules, and of no others. */
  settle(rules: readonly EffectRule[]): void {
    const sizes = rules.flatMap((rule) => (rule.fault === "split" ? [rule.bytes ?? 1] : []))
    const times = rules.flatMap((rule) => (rule.fault === "join" ? [rule.ms ?? JOIN_MS] : []))
    this.output.splitBytes = sizes.length === 0 ? undefined : Math.min(...sizes)
    this.output.joinMs = times.length === 0 ? undefined : Math.max(...times)
    const blocked = rules.some(({ fault }) => fault === "block")
    // What has been read already stays here.
    if (blocked || rules.some(({ fault }) => fault === "stall")) this.output.hold()
    else this.output.release()
    if (blocked === this.blocked) return
    this.blocked = blocked
    if (blocked) this.from.pauseReading()
    else this.from.resumeReading()
  }
}

/** Bytes of which nothing is known. */
export function opaque(bytes: Uint8Array): ReadFrame {
  return { type: FrameType.preface, flags: 0, streamId: 0, bytes }
}

/** How long what is joined is collected, in milliseconds. */
const JOIN_MS = 20
