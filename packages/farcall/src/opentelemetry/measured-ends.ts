import type { ServerCallStart } from "../core/call-tracer.js"
import type { Status } from "../core/status.js"
import { currentTurn, type Turn } from "../core/turn.js"

/** Measures calls that have ended. */
export interface EndMeasure {
  /**
   * @param at when the turn was over in which it ended, by the call's clock
   * @param times how many calls there were like this one
   */
  measure(call: ServerCallStart, status: Status, at: number, times: number): void
}

/**
 * The calls of a server that have ended in a turn: they are measured when it is over, for that is when their answers leave.
 * Those that came together and are of the same sizes have the same to measure, and that is done once.
 */
export class MeasuredEnds {
  private readonly onError: (error: unknown) => void
  private turn: Turn | undefined = undefined
  private ended: EndedCall[] = []

  /** @param onError told what measuring has thrown */
  constructor(onError: (error: unknown) => void) {
    this.onError = onError
  }

  add(call: ServerCallStart, status: Status, by: EndMeasure): void {
    const turn = currentTurn(call.clock)
    if (turn !== this.turn) this.begin(turn)
    const { ended } = this
    const last = ended[ended.length - 1]
    if (last?.by === by && last.status === status && isLike(last.call, call)) last.times++
    else ended.push({ call, status, by, times: 1 })
  }

  private begin(turn: Turn): void {
    this.turn = turn
    const ended: EndedCall[] = []
    this.ended = ended
    turn.whenOver((at) => this.measure(ended, at))
  }

  private measure(ended: readonly EndedCall[], at: number): void {
    for (const { call, status, by, times } of ended) {
      try {
        by.measure(call, status, at, times)
      } catch (error) {
        this.onError(error)
      }
    }
  }
}

/** Whether two calls of a method have the same to measure. */
function isLike(one: ServerCallStart, other: ServerCallStart): boolean {
  return (
    one.startedAt === other.startedAt &&
    one.sentBytes === other.sentBytes &&
    one.receivedBytes === other.receivedBytes &&
    one.sentMessages === other.sentMessages &&
    one.receivedMessages === other.receivedMessages
  )
}

/** A call, and how many there were like it. */
interface EndedCall {
  readonly call: ServerCallStart
  readonly status: Status
  readonly by: EndMeasure
  times: number
}
