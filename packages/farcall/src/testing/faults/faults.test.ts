import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { Parrot } from "../../test-support/parrot.js"
import type { PlacedFault } from "./active-fault.js"
import type { FaultRule } from "./fault-rule.js"
import { FaultBoard } from "./faults.js"

const methods = Object.values(Parrot.methods)
const board = (): FaultBoard => new FaultBoard(() => ({ methods, seesCalls: true }))

/** Which of so many calls of a method a rule chooses, from 1. */
function chosen(rule: FaultRule, calls: number, path = "/test.Parrot/Say"): number[] {
  const faults = board()
  faults.add(rule)
  return Array.from({ length: calls }, (_, i) => i + 1).filter(() => faults.choose(path).length > 0)
}

describe("a fault rule chooses calls", () => {
  it("all of them, where it says nothing else", () => {
    assert.deepEqual(chosen({ fault: "cut" }, 3), [1, 2, 3])
  })

  it("by number, of those that its method names", () => {
    assert.deepEqual(chosen({ fault: "cut", nth: 2 }, 4), [2])
    assert.deepEqual(chosen({ fault: "cut", nth: [1, 4] }, 4), [1, 4])
    const faults = board()
    const rule = faults.add({ fault: "cut", method: "Say", nth: 2 }) as PlacedFault
    const paths = ["/test.Parrot/Chat", "/test.Parrot/Say", "/test.Parrot/Chat", "/test.Parrot/Say"]
    assert.deepEqual(
      paths.map((path) => faults.choose(path).length),
      [0, 0, 0, 1],
    )
    assert.equal(rule.offered, 2)
  })

  for (const method of ["/test.Parrot/Say", "test.Parrot/Say", "Say", "say", Parrot.methods.say]) {
    it(`by the name ${typeof method === "string" ? method : "in a definition"}`, () => {
      assert.deepEqual(chosen({ fault: "reset", code: "CANCEL", method }, 1), [1])
      assert.deepEqual(chosen({ fault: "reset", code: "CANCEL", method }, 1, "/test.Parrot/Chat"), [])
    })
  }

  it("by chance, the same for the same seed", () => {
    const rule: FaultRule = { fault: "cut", probability: 0.25, seed: 42 }
    const some = chosen(rule, 1_000)
    assert.ok(some.length > 200 && some.length < 300, `${some.length} of 1,000`)
    assert.deepEqual(chosen(rule, 1_000), some)
    assert.notDeepEqual(chosen({ ...rule, seed: 43 }, 1_000), some)
    assert.deepEqual(chosen({ fault: "cut", probability: 1 }, 3), [1, 2, 3])
  })

  it("and acts no more often than it may, nor once it is removed", () => {
    const faults = board()
    const rule = faults.add({ fault: "cut", times: 2 }) as PlacedFault
    assert.deepEqual([rule.acts(), rule.acts(), rule.acts(), rule.matched], [true, true, false, 2])
    const other = faults.add({ fault: "cut" }) as PlacedFault
    other.remove()
    assert.deepEqual([other.acts(), faults.rules.length, faults.choose("/test.Parrot/Say").length], [false, 1, 1])
    faults.clear()
    assert.deepEqual(faults.rules, [])
  })

  it("or attempts to connect, each rule counting all", () => {
    const faults = board()
    faults.add({ fault: "refuse", nth: [1, 2] })
    faults.add({ fault: "refuse", nth: [2, 4] })
    assert.deepEqual(
      Array.from({ length: 5 }, () => faults.refuses()),
      [true, true, false, true, false],
    )
    assert.deepEqual(
      faults.rules.map(({ matched }) => matched),
      [2, 2],
    )
  })
})

describe("a fault rule that can match nothing is refused", () => {
  const wrong: readonly [rule: object, says: RegExp][] = [
    [{ fault: "cuts" }, /^TypeError: the fault rule \{"fault":"cuts"\} must have a fault, one of refuse, latency, /],
    [{ fault: "toString" }, /must have a fault/],
    [{}, /must have a fault/],
    [{ fault: "cut", nht: 3 }, /says nht, which cut has not: it may say at, after, method, nth, /],
    [{ fault: "cut", nth: 0 }, /can match nothing: nth must be an integer above 0, or a list of such$/],
    [{ fault: "cut", nth: -1 }, /nth must be/],
    [{ fault: "cut", nth: 1.5 }, /nth must be/],
    [{ fault: "cut", nth: [] }, /nth must be/],
    [{ fault: "cut", nth: [1, -2] }, /nth must be/],
    [{ fault: "cut", times: 0 }, /times must be an integer above 0$/],
    [{ fault: "cut", probability: 0 }, /probability must be a number above 0 and up to 1$/],
    [{ fault: "cut", probability: 1.01 }, /probability must be/],
    [{ fault: "cut", probability: Number.NaN }, /probability must be/],
    [{ fault: "cut", probability: 0.5, seed: -1 }, /seed must be an integer below 2³²$/],
    [{ fault: "cut", at: "request" }, /at must be one of request headers, request message, /],
    [{ fault: "cut", after: { requests: -1 } }, /after must be \{ requests: … \} or \{ responses: … \}/],
    [{ fault: "cut", after: { bytes: 1 } }, /after must be/],
    [{ fault: "cut", after: { requests: 1, responses: 1 } }, /after must be/],
    [{ fault: "cut", at: "trailers", after: { requests: 1 } }, /says both at and after/],
    [{ fault: "latency" }, /must say ms$/],
    [{ fault: "latency", ms: -1 }, /ms must be a number of milliseconds/],
    [{ fault: "latency", ms: 1, direction: "up" }, /direction must be "requests" or "responses"$/],
    [{ fault: "bandwidth", bytesPerSecond: 0 }, /bytesPerSecond must be a number above 0$/],
    [{ fault: "reset" }, /must say code$/],
    [{ fault: "reset", code: "OUCH" }, /code must be the name of an error code of HTTP\/2$/],
    [{ fault: "refuse", method: "Say" }, /says method, which refuse has not/],
    [{ fault: "cut", method: "" }, /method must be/],
    [
      { fault: "cut", method: "Whisper" },
      /can match nothing: there is no method Whisper; there are \/test.Parrot\/Say, /,
    ],
    [{ fault: "cut", method: { path: "/test.Parrot/No" } }, /there is no method \/test.Parrot\/No/],
    [{ fault: "cut", method: "Say", at: "between requests" }, /\/test.Parrot\/Say has one message in that direction$/],
    [{ fault: "cut", method: "Gather", at: "between responses" }, /\/test.Parrot\/Gather has one message/],
  ]
  for (const [rule, says] of wrong) {
    it(JSON.stringify(rule), () => {
      const faults = board()
      assert.throws(
        () => faults.add(rule as FaultRule),
        (error) => error instanceof TypeError && says.test(String(error)),
      )
      assert.deepEqual(faults.rules, [])
    })
  }

  it("where calls cannot be seen, when it is about calls", () => {
    const faults = new FaultBoard(() => ({ methods: undefined, seesCalls: false }))
    const aboutCalls: FaultRule[] = [
      { fault: "cut" },
      { fault: "cut", nth: 2 },
      { fault: "close", at: "trailers" },
      { fault: "reset", code: "CANCEL", after: { requests: 1 } },
      { fault: "latency", ms: 1, method: "Say" },
      { fault: "latency", ms: 1, probability: 0.5 },
    ]
    for (const rule of aboutCalls) assert.throws(() => faults.add(rule), /is about calls, and nothing can be seen/)
    const aboutBytes: FaultRule[] = [
      { fault: "cut", after: { requests: 100 }, nth: 2 },
      { fault: "latency", ms: 1 },
      { fault: "stall" },
      { fault: "refuse", probability: 0.5 },
    ]
    for (const rule of aboutBytes) faults.add(rule)
    assert.equal(faults.rules.length, aboutBytes.length)
  })
})

describe("rules that never acted", () => {
  it("are told of on demand, with why", () => {
    const faults = board()
    const rule = faults.add({ fault: "cut", nth: 3, method: Parrot.methods.say })
    faults.add({ fault: "refuse" }).remove()
    faults.choose("/test.Parrot/Say")
    assert.deepEqual(
      faults.unmatched.map((fault) => fault.rule.fault),
      ["cut", "refuse"],
    )
    const said = [
      "2 of 2 fault rules never matched: ",
      '{"fault":"cut","nth":3,"method":"/test.Parrot/Say"}: it has met 1 of the calls that it is about, and acted on none; ',
      '{"fault":"refuse"}: there were no attempts that it is about',
    ]
    assert.throws(() => faults.mustHaveMatched(), { message: said.join("") })
    assert.equal(rule.matched, 0)
  })

  it("are none where all have acted", () => {
    const faults = board()
    faults.mustHaveMatched()
    faults.add({ fault: "refuse" })
    assert.equal(faults.refuses(), true)
    faults.mustHaveMatched()
    assert.deepEqual(faults.unmatched, [])
  })
})
