import assert from "node:assert/strict"
import { describe, it, mock } from "node:test"
import { createServer } from "../server/server.js"
import { Parrot } from "../test-support/parrot.js"
import { settled } from "../test-support/settled.js"
import { VirtualClock } from "../testing/virtual-clock.js"
import { addHealth, eventLoopStall, type HealthOptions, memoryPressure, type ServerHealth } from "./index.js"

/** A clock on which the event loop can be held up: time goes by, and no timer fires. */
class HeldUpClock extends VirtualClock {
  private heldUp = 0

  override now(): number {
    return super.now() + this.heldUp
  }

  holdUp(ms: number): void {
    this.heldUp += ms
  }
}

interface Scene {
  readonly health: ServerHealth
  readonly clock: HeldUpClock
  /** What `onProbe` was told: `NAME: TROUBLE`, or `NAME well`. */
  readonly told: string[]
  shutdown(): Promise<void>
}

function withProbes(probes: HealthOptions["probes"]): Scene {
  const clock = new HeldUpClock(0)
  const server = createServer({ clock }).add(Parrot, {})
  const told: string[] = []
  const onProbe = (name: string, trouble: unknown): void => {
    told.push(trouble === undefined ? `${name} well` : `${name}: ${(trouble as Error).message ?? trouble}`)
  }
  return { health: addHealth(server, { probes, onProbe }), clock, told, shutdown: () => server.shutdown() }
}

describe("a probe", () => {
  it("that is a function is looked at at once, and every five seconds", async () => {
    let well = true
    let looks = 0
    const { health, clock, told } = withProbes({
      own: () => {
        looks++
        return well
      },
    })
    assert.equal(health.status(""), "SERVING")
    well = false
    await clock.advance(4_999)
    assert.equal(health.status("test.Parrot"), "SERVING")
    await clock.advance(1)
    assert.equal(health.status("test.Parrot"), "NOT_SERVING")
    assert.equal(health.status(""), "NOT_SERVING")
    await clock.advance(10_000)
    assert.deepEqual(told, ["own: the probe says that it is unwell"])
    well = true
    await clock.advance(5_000)
    assert.equal(health.status(""), "SERVING")
    assert.deepEqual(told, ["own: the probe says that it is unwell", "own well"])
    assert.equal(looks, 5)
  })

  it("that throws or rejects, whatever it throws, counts as unwell and is told", async () => {
    const throwing = (what: unknown) => () => {
      throw what
    }
    const { health, told } = withProbes({
      error: throwing(new Error("no database")),
      nothing: throwing(undefined),
      text: throwing("text"),
      // biome-ignore lint/suspicious/noThenProperty: what only looks like a promise is what this is about
      thenable: () => ({ then: throwing(new Error("no promise")) }),
      // biome-ignore lint/suspicious/noThenProperty: the same
      hostile: () => Object.defineProperty({}, "then", { get: throwing(new Error("no then")) }),
      rejecting: async () => throwing(new Error("no cache"))(),
    })
    await settled()
    assert.equal(health.status(""), "NOT_SERVING")
    assert.deepEqual(told, [
      "error: no database",
      "nothing: the probe failed",
      "text: text",
      "hostile: no then",
      "rejecting: no cache",
      "thenable: no promise",
    ])
  })

  it("that takes its time counts as unwell until it has answered once", async () => {
    let answer!: (value: unknown) => void
    const { health, clock, told } = withProbes({ own: () => new Promise((resolve) => (answer = resolve)) })
    assert.equal(health.status(""), "NOT_SERVING")
    await clock.advance(1_000)
    answer(undefined)
    await settled()
    assert.equal(health.status(""), "SERVING")
    assert.deepEqual(told, [])
  })

  it("that does not answer is unwell after its time, is not asked again meanwhile, and may still recover", async () => {
    const answers: ((value: unknown) => void)[] = []
    const check = (): Promise<unknown> => new Promise((resolve) => answers.push(resolve))
    const { health, clock, told } = withProbes({ own: { check, intervalMs: 100, timeoutMs: 50 } })
    answers[0]!(true)
    await clock.advance(149)
    assert.equal(health.status(""), "SERVING")
    await clock.advance(1)
    assert.equal(health.status(""), "NOT_SERVING")
    await clock.advance(10_000)
    assert.equal(answers.length, 2)
    answers[1]!(true)
    await settled()
    assert.equal(health.status(""), "SERVING")
    assert.deepEqual(told, ["own: the probe has not answered within 50 ms", "own well"])
  })

  it("of some services concerns no others", () => {
    const { health } = withProbes({ own: { check: () => false, services: ["test.Parrot"] } })
    assert.equal(health.status("test.Parrot"), "NOT_SERVING")
    assert.equal(health.status(""), "SERVING")
    health.set("test.Parrot", "SERVING")
    assert.equal(health.status("test.Parrot"), "NOT_SERVING")
  })

  it("recovers after so many good looks in a row", async () => {
    const looks = [true, false, true, false, true, true, true]
    const { health, clock } = withProbes({ own: { check: () => looks.shift(), intervalMs: 10, recoverAfter: 2 } })
    const seen: (string | undefined)[] = []
    for (let i = 0; i < 6; i++, await clock.advance(10)) seen.push(health.status(""))
    assert.deepEqual(seen, ["SERVING", "NOT_SERVING", "NOT_SERVING", "NOT_SERVING", "NOT_SERVING", "SERVING"])
  })

  it("is left alone from the beginning of a shutdown, and what it still answers is of no matter", async () => {
    let answer!: (value: unknown) => void
    let looks = 0
    const check = (): Promise<unknown> => {
      looks++
      return new Promise((resolve) => (answer = resolve))
    }
    const { health, clock, told, shutdown } = withProbes({ own: check })
    await shutdown()
    answer(false)
    await clock.advance(60_000)
    assert.equal(looks, 1)
    assert.equal(clock.pending, 0)
    assert.deepEqual(told, [])
    assert.equal(health.status(""), "NOT_SERVING")
  })

  it("whose trouble nobody wants to hear is said on stderr, and a listener that throws harms nothing", (t) => {
    const printed = t.mock.method(console, "error", () => {})
    const unwell = { own: () => false }
    addHealth(createServer(), { probes: unwell })
    const onProbe = mock.fn(() => {
      throw new Error("deaf")
    })
    const health = addHealth(createServer(), { probes: unwell, onProbe })
    assert.equal(health.status(""), "NOT_SERVING")
    assert.equal(onProbe.mock.callCount(), 1)
    assert.deepEqual(
      printed.mock.calls.map(({ arguments: [text] }) => text),
      ["[FARCALL_PROBE_UNWELL] the health probe own is unwell:", "[FARCALL_CALLBACK_FAILED] onProbe failed:"],
    )
  })
})

describe("eventLoopStall", () => {
  it("is unwell after the event loop stood still, for as many looks as it takes to trust it again", async () => {
    const { health, clock, told } = withProbes({
      loop: eventLoopStall({ maxMs: 200, intervalMs: 100, recoverAfter: 3 }),
    })
    clock.holdUp(200)
    await clock.advance(100)
    assert.equal(health.status(""), "SERVING")
    clock.holdUp(201)
    await clock.advance(100)
    assert.equal(health.status(""), "NOT_SERVING")
    await clock.advance(200)
    assert.equal(health.status(""), "NOT_SERVING")
    await clock.advance(100)
    assert.equal(health.status(""), "SERVING")
    assert.deepEqual(told, ["loop: the event loop stood still for 201 ms, the limit is 200", "loop well"])
  })

  it("takes no limit that is none", () => {
    for (const maxMs of [0, -1, Number.NaN]) assert.throws(() => eventLoopStall({ maxMs }), RangeError)
  })
})

describe("memoryPressure", () => {
  it("goes by the heap and by all that the process has", () => {
    for (const [options, status, trouble] of [
      [{}, "SERVING", undefined],
      [{ maxHeap: 1e-6 }, "NOT_SERVING", /^memory: the heap has \d+ bytes of \d+, the limit is 0.000001 of them$/],
      [{ maxRss: 1 }, "NOT_SERVING", /^memory: the process has \d+ bytes of memory, the limit is 1$/],
      [{ maxRss: 2 ** 50, maxHeap: 1 }, "SERVING", undefined],
    ] as const) {
      const { health, told } = withProbes({ memory: memoryPressure(options) })
      assert.equal(health.status(""), status)
      if (trouble === undefined) assert.deepEqual(told, [])
      else assert.match(told.join("\n"), trouble)
    }
  })

  it("takes no limit that is none", () => {
    for (const maxHeap of [0, 1.1, Number.NaN]) assert.throws(() => memoryPressure({ maxHeap }), RangeError)
    assert.throws(() => memoryPressure({ maxRss: 0 }), RangeError)
  })
})
