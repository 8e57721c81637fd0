import { type ActiveFault, PlacedFault } from "./active-fault.js"
import { checkRule, type RuleScope } from "./check-rule.js"
import type { FaultRule, Strike, Subject } from "./fault-rule.js"

/** The rules by which things go wrong between a client and a server. They may come and go while calls run. */
export interface Faults {
  /**
   * Adds a rule. It is about calls and connections that begin from now on, and where it counts none (`nth`), about those
   * too that run.
   * @throws TypeError for a rule that can match nothing
   */
  add(rule: FaultRule): ActiveFault
  /** Strikes now, every connection that is open, once. What it does can be taken back as a rule's. */
  strike(strike: ConnectionStrike): ActiveFault
  /** Removes all rules. */
  clear(): void
  /** The rules that stand, in the order in which they were added. */
  readonly rules: readonly ActiveFault[]
  /** The rules that never acted, those among them that have been removed. */
  readonly unmatched: readonly ActiveFault[]
  /** @throws Error that names the rules which never acted, with why: a test that proves nothing is to fail */
  mustHaveMatched(): void
}

/** What can strike a connection by itself. */
export type ConnectionStrike = Exclude<Strike, { readonly fault: "reset" | "endStream" | "trailers" }>

/** A connection that rules act on. */
export interface FaultyConnection {
  /** A rule has been added. */
  offer(fault: PlacedFault): void
  strikeNow(fault: PlacedFault): void
  /** A rule has been removed. */
  lift(fault: PlacedFault): void
}

export class FaultBoard implements Faults {
  /** All that were ever added. */
  private readonly all: PlacedFault[] = []
  private standing: readonly PlacedFault[] = []
  private readonly connections = new Set<FaultyConnection>()
  private readonly scope: () => RuleScope

  /** @param scope what is known of methods, asked for each rule */
  constructor(scope: () => RuleScope) {
    this.scope = scope
  }

  add(rule: FaultRule): ActiveFault {
    const fault = this.place(rule, this.scope())
    if (fault.subject !== "attempts") for (const connection of this.connections) connection.offer(fault)
    return fault
  }

  strike(strike: ConnectionStrike): ActiveFault {
    const scope = this.scope()
    // It is about the connections that there are, and no call's moment.
    const fault = this.place(
      strike,
      { ...scope, seesCalls: scope.seesCalls || strike.fault !== "goAway" },
      "connections",
    )
    this.standing = this.standing.filter((other) => other !== fault)
    for (const connection of this.connections) {
      fault.offered++
      connection.strikeNow(fault)
    }
    return fault
  }

  clear(): void {
    for (const fault of this.standing) fault.remove()
  }

  get rules(): readonly ActiveFault[] {
    return this.standing
  }

  get unmatched(): readonly ActiveFault[] {
    return this.all.filter(({ matched }) => matched === 0)
  }

  mustHaveMatched(): void {
    const idle = this.all.filter(({ matched }) => matched === 0)
    if (idle.length === 0) return
    const count = `${idle.length} of ${this.all.length} fault rules never matched`
    throw new Error(`${count}: ${idle.map((fault) => fault.describeIdleness()).join("; ")}`)
  }

  // ── for connections ──

  enter(connection: FaultyConnection): void {
    this.connections.add(connection)
    for (const fault of this.standing) if (fault.subject === "connections") connection.offer(fault)
  }

  leave(connection: FaultyConnection): void {
    this.connections.delete(connection)
  }

  /** Whether an attempt to connect is to fail. */
  refuses(): boolean {
    const attempts = this.standing.filter(({ subject }) => subject === "attempts")
    // Each of them counts the attempt, even if another has refused it.
    return attempts.filter((fault) => fault.chooses() && fault.acts()).length > 0
  }

  /** The rules that a call has been chosen by. */
  choose(path: string): PlacedFault[] {
    const concerned = this.standing.filter((fault) => fault.subject === "calls" && fault.concerns(path))
    return concerned.filter((fault) => fault.chooses())
  }

  private place(rule: FaultRule, scope: RuleScope, subject?: Subject): PlacedFault {
    const onRemoved = (gone: PlacedFault): void => {
      this.standing = this.standing.filter((other) => other !== gone)
      for (const connection of this.connections) connection.lift(gone)
    }
    const fault = new PlacedFault({ ...rule }, checkRule(rule, scope), onRemoved, subject)
    this.all.push(fault)
    this.standing = [...this.standing, fault]
    return fault
  }
}
