import type { ConnectionCore } from "./connection-core.js"
import type { ConnectionEnding } from "./connection-ending.js"
import type { DueWork } from "./due-work.js"
import type { ConnectionError } from "./errors.js"
import type { FrameReader } from "./frame/reader.js"
import type { FrameDispatch } from "./frame-dispatch.js"
import { FrameTimeout } from "./frame-timeout.js"
import { Handshake } from "./handshake.js"
import { UnreadBytes } from "./unread-bytes.js"

/** What comes in: bytes become frames, as many in a turn as may, and the peer has only so long for them. */
export class Intake<Owner> {
  readonly #core: ConnectionCore<Owner>
  readonly #ending: ConnectionEnding<Owner>
  readonly #dueWork: DueWork<Owner>
  readonly #reader: FrameReader
  readonly #dispatch: FrameDispatch<Owner>
  readonly #handshake: Handshake
  readonly #frameTimeout: FrameTimeout
  readonly #unread = new UnreadBytes()

  constructor(
    core: ConnectionCore<Owner>,
    ending: ConnectionEnding<Owner>,
    dueWork: DueWork<Owner>,
    reader: FrameReader,
    dispatch: FrameDispatch<Owner>,
  ) {
    this.#core = core
    this.#ending = ending
    this.#dueWork = dueWork
    this.#reader = reader
    this.#dispatch = dispatch
    this.#handshake = new Handshake(core.limits, !core.isClient)
    this.#frameTimeout = new FrameTimeout(core.limits.frameTimeout)
  }

  /** chunk[start…stop), which is only lent; `now` by the clock that the connection is told of. */
  receive(chunk: Uint8Array, start: number, stop: number, now: number): void {
    if (this.#unread.length > 0) {
      this.#unread.add(chunk, start, stop)
      return
    }
    const end = this.#read(chunk, start, stop)
    if (!this.#core.settings.peerReceived && this.#reader.prefaceSeen) this.#handshake.prefaceCame(now)
    if (end === stop || this.#ending.closed) return
    this.#unread.add(chunk, end, stop)
    this.#core.output.announce()
  }

  /** A new turn, in which as many handlers may start again: goes on with what the last one left. */
  nextTurn(): void {
    this.#dispatch.nextTurn()
    if (this.#unread.length === 0 || this.#core.busy) return
    const rest = this.#unread.take()
    if (this.#ending.closed) return
    const end = this.#read(rest, 0, rest.length)
    if (end < rest.length && !this.#ending.closed) this.#unread.putBack(rest.subarray(end))
  }

  /** Bytes that wait for the next turn. */
  get unread(): number {
    return this.#unread.length
  }

  /** Bytes kept of what is not whole, and of what has not been read. */
  get bytesHeld(): number {
    return this.#unread.length + this.#reader.bytesHeld + this.#dispatch.bytesHeld
  }

  /** Frames of all types that have begun. */
  get frames(): number {
    return this.#reader.frames
  }

  /** What ends the connection at `now`, if the peer is late. `reading`: else it is us whom a frame's rest waits for. */
  overdue(now: number, reading: boolean): ConnectionError | undefined {
    return this.#handshake.overdue(now, this.#reader.prefaceSeen) ?? this.#frameTimeout.overdue(this.#core.now, reading)
  }

  /** When to ask that next, by the clock that the connection is told of; undefined: no need to. */
  nextTimeout(): number | undefined {
    const { deadline } = this.#frameTimeout
    return this.#handshake.nextTimeout() ?? (deadline === undefined ? undefined : this.#core.clockTime(deadline))
  }

  /** Reads frames, and attends to what they brought about. Returns where it stopped, for the next turn to go on from. */
  #read(bytes: Uint8Array, start: number, stop: number): number {
    const core = this.#core
    let end = stop
    core.busy = true
    try {
      end = this.#reader.receive(bytes, start, stop)
    } catch (error) {
      this.#ending.fault(error)
    }
    core.busy = false
    if (core.due !== 0 || core.ending) this.#dueWork.settle()
    if (core.settings.peerReceived) this.#handshake.finish()
    this.#frameTimeout.read(this.#dispatch.blockUnderWay, this.#reader.frameUnderWay, core.now)
    return end
  }
}
