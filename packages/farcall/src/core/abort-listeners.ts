import { badOption } from "./reason.js"

/** Someone who is to be told that what it was made for has been aborted. */
export interface AbortListener {
  onAborted(source: AbortListeners): void
}

/** A listener's place; the listeners' own. */
export interface Listening {
  readonly listener: AbortListener
  /** −1 once it hears nothing more. */
  slot: number
}

/**
 * What an AbortSignal is for, without its price: an object of 2 µs, one more for a listener that comes and goes, and a
 * warning of Node's at the eleventh of them. Calls listen to the handler that they are made for by this, and to a signal
 * through one listener of the signal's own, however many calls there are.
 */
export class AbortListeners {
  aborted = false
  reason: unknown = undefined
  private readonly all: Listening[] = []

  /** Those of a signal, the same each time. @throws TypeError for what is none */
  static of(signal: AbortSignal): AbortListeners {
    const known = signal as (AbortSignal & { [ofSignal]?: AbortListeners }) | undefined
    const listeners = known?.[ofSignal]
    if (listeners !== undefined) return listeners
    if (typeof known?.addEventListener !== "function") throw notASignal(signal)
    return (known[ofSignal] = new SignalListeners(known))
  }

  add(listener: AbortListener): Listening {
    const listening = { listener, slot: this.all.length }
    this.all.push(listening)
    if (listening.slot === 0) this.onFirst()
    return listening
  }

  remove(listening: Listening): void {
    const { slot } = listening
    if (slot < 0) return
    listening.slot = -1
    const last = this.all.pop()!
    if (last !== listening) {
      this.all[slot] = last
      last.slot = slot
    }
    if (this.all.length === 0) this.onLast()
  }

  /** Tells everybody, once. */
  abort(reason: unknown): void {
    if (this.aborted) return
    this.aborted = true
    this.reason = reason
    const all = this.all.splice(0)
    for (const listening of all) listening.slot = -1
    for (const { listener } of all) listener.onAborted(this)
  }

  protected onFirst(): void {}
  protected onLast(): void {}
}

function notASignal(given: unknown): TypeError {
  const hint = given instanceof AbortController ? ": of an AbortController it is controller.signal" : ""
  return badOption(`signal must be an AbortSignal${hint}`)
}

/** Where a signal keeps its listeners: in a WeakMap each new signal would cost as much again as it does. */
const ofSignal: unique symbol = Symbol("farcall's listeners")

class SignalListeners extends AbortListeners {
  private readonly signal: AbortSignal
  private readonly onAbort: () => void

  constructor(signal: AbortSignal) {
    super()
    this.signal = signal
    this.onAbort = () => this.abort(signal.reason)
    if (signal.aborted) this.abort(signal.reason)
  }

  protected override onFirst(): void {
    this.signal.addEventListener("abort", this.onAbort)
  }

  /** A signal that is made of others lives on as long as someone listens to it. */
  protected override onLast(): void {
    this.signal.removeEventListener("abort", this.onAbort)
  }
}
