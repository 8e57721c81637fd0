import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { type AbortListener, AbortListeners } from "./abort-listeners.js"

/** Notes the reason that it is told. */
function listener(told: unknown[]): AbortListener {
  return { onAborted: ({ reason }) => told.push(reason) }
}

describe("listeners to an abort", () => {
  it("are told once, each of them", () => {
    const told: unknown[] = []
    const listeners = new AbortListeners()
    listeners.add(listener(told))
    listeners.add(listener(told))
    listeners.abort("first")
    listeners.abort("second")
    assert.deepEqual(told, ["first", "first"])
    assert.equal(listeners.reason, "first")
  })

  it("hear nothing once they are removed, in whichever order, even by one another while they are told", () => {
    const told: string[] = []
    const listeners = new AbortListeners()
    const named = (name: string): AbortListener => ({ onAborted: () => told.push(name) })
    const [a, b, c] = ["a", "b", "c"].map((name) => listeners.add(named(name)))
    listeners.remove(a!)
    listeners.remove(a!)
    listeners.remove(c!)
    listeners.add({ onAborted: () => listeners.remove(b!) })
    listeners.abort("now")
    assert.deepEqual(told, ["b"])
  })

  it("are those of a signal, and of nothing else", () => {
    assert.throws(() => AbortListeners.of(new AbortController() as never), {
      name: "TypeError",
      message: "signal must be an AbortSignal: of an AbortController it is controller.signal",
    })
    for (const none of ["x", 5, {}, null, undefined]) {
      assert.throws(() => AbortListeners.of(none as never), /^TypeError: signal must be an AbortSignal$/)
    }
  })

  it("of a signal are all told by one listener of its own, which comes and goes with them", () => {
    const abortion = new AbortController()
    const { signal } = abortion
    let attached = 0
    const { addEventListener, removeEventListener } = signal
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      attached++
      addEventListener.apply(signal, args)
    }
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      attached--
      removeEventListener.apply(signal, args)
    }
    const told: unknown[] = []
    const listenings = Array.from({ length: 20 }, () => AbortListeners.of(signal).add(listener(told)))
    assert.equal(attached, 1)
    for (const listening of listenings) AbortListeners.of(signal).remove(listening)
    assert.equal(attached, 0)
    AbortListeners.of(signal).add(listener(told))
    assert.equal(attached, 1)
    abortion.abort("late")
    assert.deepEqual(told, ["late"])
  })

  it("of a signal that has been aborted know it", () => {
    const listeners = AbortListeners.of(AbortSignal.abort("before"))
    assert.equal(listeners.aborted, true)
    assert.equal(listeners.reason, "before")
  })
})
