import type { PlacedFault } from "./active-fault.js"
import type { Direction } from "./fault-rule.js"
import type { PassingCall } from "./passing-call.js"

/** When what passes in one direction of a connection is to arrive, by the rules about latency and bandwidth. */
export class LineShape {
  private readonly direction: Direction
  /** The rules about all that passes. */
  private readonly shapers = new Set<PlacedFault>()
  /** When each rule about bandwidth will have let through all that it has seen. */
  private readonly freeAt = new Map<PlacedFault, number>()
  /** When the last of what keeps the connection's order arrives. */
  private lineDue = 0

  constructor(direction: Direction) {
    this.direction = direction
  }

  add(fault: PlacedFault): void {
    if (this.isHere(fault)) this.shapers.add(fault)
  }

  remove(fault: PlacedFault): void {
    this.shapers.delete(fault)
    this.freeAt.delete(fault)
  }

  /**
   * @param call that it is of, where it is not to keep the order of the whole connection: streams must begin in the order
   *   of their numbers (RFC 9113 §5.1.1), and after the preface
   */
  dueOf(bytes: number, now: number, call?: PassingCall): number {
    this.lineDue = Math.max(this.lineDue, this.shaped([...this.shapers], now, bytes))
    if (call === undefined || call.faults.length === 0) return this.lineDue
    const own = call.faults.filter((chosen) => {
      const { fault } = chosen
      if (!isShape(fault) || !this.isHere(fault) || fault.removed) return false
      if (!chosen.acted) chosen.acted = fault.acts()
      return chosen.acted
    })
    return own.length === 0
      ? this.lineDue
      : this.shaped(
          own.map(({ fault }) => fault),
          this.lineDue,
          bytes,
        )
  }

  /** First the bytes get onto the line, one after the other; then they are on their way. */
  private shaped(faults: readonly PlacedFault[], from: number, bytes: number): number {
    let onLine = from
    let way = 0
    for (const fault of faults) {
      const { rule } = fault
      if (rule.fault === "bandwidth") {
        const begins = Math.max(onLine, this.freeAt.get(fault) ?? 0)
        onLine = begins + (bytes * 1_000) / rule.bytesPerSecond
        this.freeAt.set(fault, onLine)
      } else if (rule.fault === "latency") {
        way += rule.ms + (rule.jitterMs === undefined ? 0 : fault.chance() * rule.jitterMs)
      }
    }
    return onLine + way
  }

  private isHere({ rule }: PlacedFault): boolean {
    return !("direction" in rule) || rule.direction === undefined || rule.direction === this.direction
  }
}

export function isShape({ rule }: PlacedFault): boolean {
  return rule.fault === "latency" || rule.fault === "bandwidth"
}
