import { ErrorCode } from "@farcall/http2"
import type { Clock, Timer } from "../../core/clock.js"
import type { Wire } from "../../transport/wire.js"
import type { PlacedFault } from "./active-fault.js"
import { type Direction, isEffect, ofStream, type StrikeRule } from "./fault-rule.js"
import type { FaultBoard, FaultyConnection } from "./faults.js"
import type { ReadFrame } from "./header-blocks.js"
import { isShape } from "./line-shape.js"
import { LinkOutput } from "./link-output.js"
import { LinkWay, opaque } from "./link-way.js"
import { type ChosenFault, momentIn, PassingCall } from "./passing-call.js"
import {
  bodyOf,
  connectionCredit,
  emptyEnd,
  FRAME_HEADER,
  FrameType,
  goAway,
  okTrailers,
  PREFACE_LENGTH,
  rstStream,
  splitData,
} from "./passing-frame.js"

/** One end of a link. */
export interface LinkEnd {
  readonly wire: Wire
  /** Ends the wire abruptly. */
  reset(): void
}

export interface LinkOptions {
  /** Whether frames are looked for. Default true; what does not begin as HTTP/2 passes as bytes all the same. */
  readonly frames?: boolean | undefined
  /** Told when both wires are gone. */
  readonly onClosed?: ((link: FaultyLink) => void) | undefined
}

/**
 * What stands between a client and a server: two wires, and what comes by one goes out by the other, as far as the rules
 * let it.
 *
 *     client ── wire ── [ frames, looked through for the rules' moments ── shape ── output ] ── wire ── server
 *                       [ output ── shape ── frames                                        ]
 */
export class FaultyLink implements FaultyConnection {
  private readonly clock: Clock
  private readonly faults: FaultBoard
  private readonly ends: Readonly<Record<"client" | "server", LinkEnd>>
  private readonly requests: LinkWay
  private readonly responses: LinkWay
  private readonly calls = new Map<number, PassingCall>()
  /** Streams of which nothing passes any more. */
  private readonly dropped = new Set<number>()
  /** The last stream by a GOAWAY that was put in here. */
  private lastStream = Number.POSITIVE_INFINITY
  /** Rules that wait for a byte of this connection. */
  private readonly byteStrikes: ChosenFault[] = []
  /** Rules under whose effect the connection is, with what ends it. */
  private readonly effects = new Map<PlacedFault, Timer | undefined>()
  private open = 2
  private readonly onClosed: ((link: FaultyLink) => void) | undefined

  constructor(clock: Clock, client: LinkEnd, server: LinkEnd, faults: FaultBoard, options: LinkOptions = {}) {
    this.clock = clock
    this.faults = faults
    this.ends = { client, server }
    this.onClosed = options.onClosed
    const close = (): void => this.close()
    const framed = options.frames ?? true
    this.requests = new LinkWay(
      "requests",
      client.wire,
      new LinkOutput(server.wire, clock, close),
      PREFACE_LENGTH,
      framed,
    )
    this.responses = new LinkWay("responses", server.wire, new LinkOutput(client.wire, clock, close), 0, framed)
    faults.enter(this)
    this.relay(this.requests)
    this.relay(this.responses)
  }

  /** Both wires are gone. */
  get closed(): boolean {
    return this.open === 0
  }

  /** Ends both wires at once. */
  close(): void {
    for (const timer of this.effects.values()) timer?.cancel()
    this.requests.output.stop()
    this.responses.output.stop()
    this.ends.client.wire.destroy()
    this.ends.server.wire.destroy()
  }

  // ── from the rules ──

  offer(fault: PlacedFault): void {
    const { rule, subject } = fault
    // What is counted is counted from its beginning, and these have begun: all but those that enter just now.
    const begun = this.requests.passed + this.responses.passed > 0
    if (rule.nth !== undefined && begun) return
    if (subject === "connections") {
      if (!fault.chooses()) return
      if ("after" in rule && rule.after !== undefined) this.byteStrikes.push({ fault, acted: false })
      else if (fault.acts()) this.begin(fault)
      return
    }
    for (const call of this.calls.values()) {
      if (fault.concerns(call.path) && fault.chooses()) call.faults.push({ fault, acted: false })
    }
  }

  strikeNow(fault: PlacedFault): void {
    if (fault.acts()) this.strike(fault, undefined)
  }

  lift(fault: PlacedFault): void {
    for (const way of [this.requests, this.responses]) way.shape.remove(fault)
    this.endEffect(fault)
  }

  // ── what passes ──

  private relay(way: LinkWay): void {
    way.from.attach({
      onChunk: (chunk, start, stop) => this.onChunk(way, chunk.subarray(start, stop)),
      onWireEnd: () => way.output.end(),
      onWireClosed: () => {
        this.open--
        if (this.open > 0) way.output.gone()
        else {
          this.close()
          this.faults.leave(this)
          this.onClosed?.(this)
        }
      },
    })
  }

  private onChunk(way: LinkWay, chunk: Uint8Array): void {
    if (!way.framed) {
      this.onFrame(way, opaque(new Uint8Array(chunk)))
      return
    }
    for (const frame of way.reader.read(chunk, 0, chunk.length)) {
      const read = way.framed ? way.read(frame) : opaque(frame.bytes)
      if (read !== undefined) this.onFrame(way, read)
    }
    if (!way.framed) this.passAsBytes()
  }

  /** It is no HTTP/2, or none in the clear. */
  private passAsBytes(): void {
    for (const way of [this.requests, this.responses]) {
      way.framed = false
      const rest = way.reader.takeRest()
      if (rest.length > 0) this.onFrame(way, opaque(rest))
    }
  }

  private onFrame(way: LinkWay, frame: ReadFrame): void {
    const call = this.callOf(way.direction, frame)
    const strikes = this.strikesIn(way, frame, call)
    const due = way.shape.dueOf(frame.bytes.length, this.clock.now(), call?.passed === true ? call : undefined)
    way.passed += frame.bytes.length
    let rest = frame
    // Frames are put in between two frames; what acts on bytes alone may strike amid one.
    const whole = frame.type === FrameType.data && strikes.some(({ chosen }) => ofStream(chosen.fault.rule))
    let struckAt = 0
    let restAt = 0
    for (const { chosen, offset } of strikes) {
      if (!chosen.fault.acts()) continue
      chosen.acted = true
      if (offset > struckAt) {
        const [before, after] = whole ? splitData(rest, offset - restAt) : split(rest.bytes, offset - restAt)
        this.pass(way, { ...rest, bytes: before }, due)
        rest = { ...rest, bytes: after }
        struckAt = offset
        restAt = whole ? offset - FRAME_HEADER : offset
      }
      this.strike(chosen.fault, call)
    }
    this.pass(way, rest, due)
    if (call === undefined) return
    if (!this.dropped.has(call.streamId)) call.passed = true
    if (call.over) this.calls.delete(call.streamId)
  }

  private callOf(direction: Direction, { headers, streamId }: ReadFrame): PassingCall | undefined {
    const known = this.calls.get(streamId)
    if (known !== undefined || direction === "responses" || headers?.path === undefined) return known
    const call = new PassingCall(streamId, headers.path)
    this.calls.set(streamId, call)
    for (const fault of this.faults.choose(headers.path)) call.faults.push({ fault, acted: false })
    if (streamId > this.lastStream) this.dropped.add(streamId)
    return call
  }

  /** The rules whose moment is in this frame, in the order of its bytes. */
  private strikesIn(way: LinkWay, frame: ReadFrame, call: PassingCall | undefined): Striking[] {
    const strikes: Striking[] = []
    for (const chosen of this.byteStrikes) {
      const { after } = chosen.fault.rule as StrikeRule
      const target = (after as Partial<Record<Direction, number>>)[way.direction]
      if (target === undefined || chosen.acted || target < way.passed) continue
      if (target <= way.passed + frame.bytes.length) strikes.push({ chosen, offset: target - way.passed })
    }
    if (call !== undefined) {
      const progress = call.take(way.direction, frame)
      for (const chosen of call.faults) {
        if (isShape(chosen.fault) || chosen.acted) continue
        const offset = momentIn(chosen.fault.rule as StrikeRule, progress)
        if (offset !== undefined) strikes.push({ chosen, offset })
      }
    }
    return strikes.sort((one, other) => one.offset - other.offset)
  }

  private pass(way: LinkWay, frame: ReadFrame, due: number): void {
    const { streamId } = frame
    if (!this.dropped.has(streamId)) {
      // RFC 9113 §6.8: the last stream of a further GOAWAY is not to be a higher one.
      if (frame.type === FrameType.goAway && this.lastStream < Number.POSITIVE_INFINITY) return
      way.output.write(frame.bytes, streamId, due)
      return
    }
    // What nobody will have taken still counts against the connection's window (RFC 9113 §6.9).
    const data = bodyOf(frame)?.length ?? 0
    if (data > 0) this.opposite(way).output.write(connectionCredit(data))
  }

  private opposite(way: LinkWay): LinkWay {
    return way === this.requests ? this.responses : this.requests
  }

  // ── what strikes ──

  private strike(fault: PlacedFault, call: PassingCall | undefined): void {
    const rule = fault.rule as StrikeRule
    const toClient = this.responses.output
    const toServer = this.requests.output
    switch (rule.fault) {
      case "cut":
        toClient.stop()
        toServer.stop()
        this.ends.client.reset()
        this.ends.server.reset()
        return
      case "close":
        if (rule.towards !== "server") toClient.end()
        if (rule.towards !== "client") toServer.end()
        return
      case "reset":
        this.replaceStream(call!, rstStream(call!.streamId, ErrorCode[rule.code]))
        return
      case "endStream":
        this.replaceStream(call!, emptyEnd(call!.streamId))
        return
      case "trailers":
        this.replaceStream(call!, okTrailers(call!.streamId))
        return
      case "goAway":
        this.goAway(call, rule.seen ?? true)
        if (rule.close !== true) return
        toClient.end()
        toServer.end()
        return
      default:
        this.begin(fault)
    }
  }

  /** The stream ends for both sides: for the client by this frame. */
  private replaceStream(call: PassingCall, towardsClient: Uint8Array): void {
    this.drop(call)
    this.responses.output.write(towardsClient, call.streamId)
  }

  private drop(call: PassingCall): void {
    this.calls.delete(call.streamId)
    if (this.dropped.has(call.streamId)) return
    this.dropped.add(call.streamId)
    // RFC 9113 §6.4: a stream that the server has not heard of cannot be reset.
    if (call.passed) this.requests.output.write(rstStream(call.streamId, ErrorCode.CANCEL), call.streamId)
  }

  /** Streams above the last that it names are such as the server has not seen. */
  private goAway(call: PassingCall | undefined, seen: boolean): void {
    const highest = call?.streamId ?? Math.max(0, ...this.calls.keys())
    this.lastStream = Math.min(this.lastStream, seen ? highest : Math.max(0, highest - 2))
    for (const other of this.calls.values()) if (other.streamId > this.lastStream) this.drop(other)
    this.responses.output.write(goAway(this.lastStream))
  }

  // ── what lasts ──

  private begin(fault: PlacedFault): void {
    if (isShape(fault)) {
      for (const way of [this.requests, this.responses]) way.shape.add(fault)
      return
    }
    const ms = "ms" in fault.rule && fault.rule.fault !== "join" ? fault.rule.ms : undefined
    this.effects.get(fault)?.cancel()
    this.effects.set(fault, ms === undefined ? undefined : this.clock.after(ms, () => this.endEffect(fault)))
    this.settleEffects()
  }

  private endEffect(fault: PlacedFault): void {
    this.effects.get(fault)?.cancel()
    if (this.effects.delete(fault)) this.settleEffects()
  }

  private settleEffects(): void {
    const rules = [...this.effects.keys()].map(({ rule }) => rule).filter(isEffect)
    for (const way of [this.requests, this.responses]) {
      way.settle(rules.filter(({ direction }) => direction === undefined || direction === way.direction))
    }
  }
}

/** A rule, and at which byte of a frame it strikes. */
interface Striking {
  readonly chosen: ChosenFault
  readonly offset: number
}

function split(bytes: Uint8Array, at: number): [before: Uint8Array, after: Uint8Array] {
  return [bytes.subarray(0, at), bytes.subarray(at)]
}
