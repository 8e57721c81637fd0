import { ErrorCode } from "@farcall/http2"
import type { Clock, Timer } from "../../core/clock.js"
import type { Wire } from "../../transport/wire.js"
import type { Fault, PlannedFault } from "./fault.js"
import { LinkOutput } from "./link-output.js"
import {
  connectionCredit,
  emptyEnd,
  FRAME_HEADER,
  FrameReader,
  FrameType,
  goAway,
  okTrailers,
  type PassingFrame,
  PREFACE_LENGTH,
  rstStream,
  splitData,
} from "./passing-frame.js"
import { type Direction, PhaseFinder } from "./phase-finder.js"

/** One end of a link. */
export interface LinkEnd {
  readonly wire: Wire
  /** Ends the wire abruptly. */
  reset(): void
}

/**
 * What stands between a client and a server: two wires, and what comes by one goes out by the other, until the fault
 * that is planned strikes.
 *
 *     client ── wire ── [ frames, watched for the fault's phase ── output ] ── wire ── server
 *                       [ output ── frames                                ]
 *
 * Faults of streams drop frames, header blocks among them, so both sides must keep no table of headers
 * (`http2: linkLimits`), and have said so to each other: a call is to have passed unharmed before (RFC 7541 §4.2).
 */
export class FaultyLink {
  private readonly clock: Clock
  private readonly client: LinkEnd
  private readonly server: LinkEnd
  private readonly plan: PlannedFault | undefined
  private readonly finder: PhaseFinder | undefined
  private readonly toClient: LinkOutput
  private readonly toServer: LinkOutput
  /** Streams of which nothing passes any more. */
  private readonly dropped = new Set<number>()
  private readonly delays = new Set<Timer>()
  private open = 2
  /** Told when both wires are gone. */
  private readonly onClosed: ((link: FaultyLink) => void) | undefined

  constructor(
    clock: Clock,
    client: LinkEnd,
    server: LinkEnd,
    plan?: PlannedFault | undefined,
    onClosed?: (link: FaultyLink) => void,
  ) {
    this.clock = clock
    this.client = client
    this.server = server
    this.plan = plan
    this.finder = plan && new PhaseFinder(plan.phase)
    this.onClosed = onClosed
    this.toClient = new LinkOutput(client.wire, clock)
    this.toServer = new LinkOutput(server.wire, clock)
    this.relay("requests", client.wire, this.toServer, new FrameReader(PREFACE_LENGTH))
    this.relay("responses", server.wire, this.toClient, new FrameReader(0))
  }

  /** Both wires are gone. */
  get closed(): boolean {
    return this.open === 0
  }

  /** Ends both wires at once. */
  close(): void {
    for (const delay of this.delays) delay.cancel()
    this.toClient.stop()
    this.toServer.stop()
    this.client.wire.destroy()
    this.server.wire.destroy()
  }

  private relay(direction: Direction, from: Wire, output: LinkOutput, reader: FrameReader): void {
    from.attach({
      onChunk: (chunk, start, stop) => {
        for (const frame of reader.read(chunk, start, stop)) this.onFrame(direction, frame, output)
      },
      onWireEnd: () => output.end(),
      onWireClosed: () => {
        this.open--
        // A line that is dead does not tell that the other end has gone.
        if (!output.holding) this.close()
        if (this.closed) this.onClosed?.(this)
      },
    })
  }

  private onFrame(direction: Direction, frame: PassingFrame, output: LinkOutput): void {
    const { plan } = this
    const offset = this.finder?.find(direction, frame)
    if (plan === undefined || !plan.armed || plan.struck || offset === undefined) {
      this.pass(direction, frame, output)
      return
    }
    plan.struck = true
    if (plan.framed && offset > 0) {
      const [before, after] = splitData(frame, offset)
      output.write(before)
      this.strike(plan.fault, frame.streamId)
      this.pass(direction, { ...frame, bytes: after }, output)
    } else {
      output.write(frame.bytes.subarray(0, offset))
      this.strike(plan.fault, frame.streamId)
      this.pass(direction, { ...frame, bytes: frame.bytes.subarray(offset) }, output)
    }
  }

  private pass(direction: Direction, frame: PassingFrame, output: LinkOutput): void {
    if (!this.dropped.has(frame.streamId)) {
      output.write(frame.bytes)
      return
    }
    // What nobody will have taken still counts against the connection's window (RFC 9113 §6.9).
    const data = frame.type === FrameType.data ? frame.bytes.length - FRAME_HEADER : 0
    if (data > 0) (direction === "requests" ? this.toClient : this.toServer).write(connectionCredit(data))
  }

  private strike(fault: Fault, streamId: number): void {
    const { toClient, toServer } = this
    switch (fault.kind) {
      case "cut":
        this.client.reset()
        this.server.reset()
        return
      case "close":
        if (fault.towards !== "server") toClient.end()
        if (fault.towards !== "client") toServer.end()
        return
      case "stall":
        toClient.hold()
        toServer.hold()
        return
      case "delay":
        toClient.hold()
        toServer.hold()
        this.later(fault.ms, () => {
          toClient.release()
          toServer.release()
        })
        return
      case "segments":
        toClient.segments = fault.of
        toServer.segments = fault.of
        return
      case "reset":
        this.replaceStream(streamId, rstStream(streamId, fault.code))
        return
      case "endStream":
        this.replaceStream(streamId, emptyEnd(streamId))
        return
      case "trailers":
        this.replaceStream(streamId, okTrailers(streamId))
        return
      case "goAway":
        toClient.write(goAway(fault.seen ? streamId : 0, ErrorCode.NO_ERROR))
        if (!fault.seen) this.replaceStream(streamId, new Uint8Array(0))
        if (fault.close) {
          toClient.end()
          toServer.end()
        }
    }
  }

  /** The stream ends for both sides: for the client by this frame. */
  private replaceStream(streamId: number, towardsClient: Uint8Array): void {
    this.dropped.add(streamId)
    this.toClient.write(towardsClient)
    // RFC 9113 §6.4: a stream that the server has not heard of cannot be reset.
    if (this.plan?.phase !== "request headers") this.toServer.write(rstStream(streamId, ErrorCode.CANCEL))
  }

  private later(ms: number, task: () => void): void {
    const timer = this.clock.after(ms, () => {
      this.delays.delete(timer)
      task()
    })
    this.delays.add(timer)
  }
}
