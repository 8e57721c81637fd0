import type { ServerCallStart } from "../core/call-tracer.js"
import type { Status } from "../core/status.js"
import { currentTurn, type Turn } from "../core/turn.js"

/** Measures calls that have ended. */
export interface EndMeasure {
  /** @param at when the turn was over in which it ended, by the call's clock */
  measure(call: ServerCallStart, status: Status, at: number): void
}

/** The calls of a server that have ended in a turn: they are measured when it is over, for that is when their answers leave. */
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
    this.ended.push({ call, status, by })
  }

  private begin(turn: Turn): void {
    this.turn = turn
    const ended: EndedCall[] = []
    this.ended = ended
    turn.whenOver((at) => this.measure(ended, at))
  }

  private measure(ended: readonly EndedCall[], at: number): void {
    for (const { call, status, by } of ended) {
      try {
        by.measure(call, status, at)
      } catch (error) {
        this.onError(error)
      }
    }
  }
}

interface EndedCall {
  readonly call: ServerCallStart
  readonly status: Status
  readonly by: EndMeasure
}
