import type { HeaderBlock } from "@farcall/http2"
import type { Clock } from "../core/clock.js"
import { deadlinesOf, type Expiring } from "../core/deadline.js"
import type { StatusError } from "../core/status-error.js"
import type { CallGate } from "./call-gate.js"

/** Who seeks admission: the stream of a call. */
export interface Admitted {
  readonly clock: Clock
  /** The call may run; `timeoutMs` are left to it. */
  onAdmitted(timeoutMs: number): void
  /** Too many wait already. */
  onTurnedAway(error: StatusError): void
  /** It has waited until its deadline. */
  onWaitExpired(): void
}

/**
 * One call's way through the gates in front of it: its method's, its service's, the server's. It takes its place at one
 * after the other, in this order, so that a call which waits for its method takes nothing from others.
 *
 *     proceed ──> waiting at a gate ──> … ──> admitted ──> left
 *        └─ turned away        └─ deadline or cancel ─────────^
 *
 * What comes of its requests while it waits is kept as it came, in one buffer, and no credit is given: that is at most
 * the stream's window, whatever it would be inflated or decoded to.
 */
export class Admission implements Expiring {
  deadline: number
  deadlineSlot = -1
  /** Its neighbours in a gate's queue: the gate's own. */
  before: Admission | undefined = undefined
  after: Admission | undefined = undefined
  /** What the call begins with. */
  readonly head: HeaderBlock
  /** It has neither been admitted nor turned away. */
  waiting = true
  private readonly gates: readonly CallGate[]
  private readonly owner: Admitted
  /** How many of the gates count it among the calls that run. */
  private passed = 0
  /** Where it waits. */
  private gate: CallGate | undefined = undefined
  private held: Uint8Array = nothing
  private heldLength = 0

  constructor(gates: readonly CallGate[], head: HeaderBlock, timeoutMs: number, owner: Admitted) {
    this.head = head
    this.gates = gates
    this.owner = owner
    this.deadline = owner.clock.now() + timeoutMs
  }

  /** Goes on from gate to gate, as far as there is room. */
  proceed(): void {
    const { gates, owner } = this
    while (this.passed < gates.length) {
      const gate = gates[this.passed]!
      if (!gate.enter()) {
        this.waitAt(gate)
        return
      }
      this.passed++
    }
    deadlinesOf(owner.clock).remove(this)
    this.waiting = false
    owner.onAdmitted(this.deadline - owner.clock.now())
  }

  /** From the gate: the call that waited there has its place. */
  onEntered(): void {
    this.gate = undefined
    this.passed++
    this.proceed()
  }

  onDeadline(): void {
    this.waiting = false
    this.owner.onWaitExpired()
  }

  /** The call is over, whether it has run or not. To be called once. */
  leave(): void {
    this.waiting = false
    deadlinesOf(this.owner.clock).remove(this)
    this.gate?.withdraw(this)
    this.gate = undefined
    // The server's gate first: who waits for this call's place at its method finds room behind it.
    while (this.passed > 0) this.gates[--this.passed]!.leave()
  }

  /** Keeps what has come while the call waits. */
  hold(chunk: Uint8Array, start: number, stop: number): void {
    const needed = this.heldLength + stop - start
    if (needed > this.held.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.held.length))
      grown.set(this.held.subarray(0, this.heldLength))
      this.held = grown
    }
    this.held.set(chunk.subarray(start, stop), this.heldLength)
    this.heldLength = needed
  }

  /** What has been kept, which is kept no longer. */
  takeHeld(): Uint8Array {
    const taken = this.held.subarray(0, this.heldLength)
    this.held = nothing
    this.heldLength = 0
    return taken
  }

  private waitAt(gate: CallGate): void {
    const full = gate.wait(this)
    if (full !== undefined) {
      this.waiting = false
      this.owner.onTurnedAway(full)
      return
    }
    this.gate = gate
    deadlinesOf(this.owner.clock).add(this)
  }
}

const nothing = new Uint8Array(0)
