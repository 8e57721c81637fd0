import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { double, property as forAll, assert as property } from "fast-check"
import { decodeTimeout, encodeTimeout } from "./timeout.js"

describe("grpc-timeout", () => {
  const readable: readonly [value: string, ms: number][] = [
    ["1H", 3_600_000],
    ["2M", 120_000],
    ["3S", 3_000],
    ["40m", 40],
    ["500u", 0.5],
    ["7n", 7e-6],
    ["0n", 0],
    ["00000001S", 1_000],
    ["99999999H", 99_999_999 * 3_600_000],
  ]
  for (const [value, ms] of readable) {
    it(`2. ${value} is ${ms} ms`, () => assert.equal(decodeTimeout(value), ms))
  }

  for (const value of [
    "",
    "S",
    "5",
    "100000000m",
    "1h",
    "1s",
    "-1S",
    "+1S",
    "1.5S",
    " 1S",
    "1S ",
    "1 S",
    "0x1S",
    "1SS",
  ]) {
    it(`2. ${JSON.stringify(value)} is malformed`, () => assert.equal(decodeTimeout(value), undefined))
  }

  const written: readonly [ms: number, value: string][] = [
    [0, "0n"],
    [-5, "0n"],
    [0.0001, "1u"],
    [1, "1000u"],
    [99_999.999, "99999999u"],
    [100_000, "100000m"],
    [100_000.5, "100001m"],
    [99_999_999, "99999999m"],
    [100_000_000, "100000S"],
    [99_999_999_000, "99999999S"],
    [99_999_999_001, "1666667M"],
    [99_999_999 * 60e3, "99999999M"],
    [99_999_999 * 60e3 + 1, "1666667H"],
    [Number.MAX_SAFE_INTEGER, "99999999H"],
    [1e300, "99999999H"],
  ]
  for (const [ms, value] of written) {
    it(`3. ${ms} ms are written ${value}`, () => assert.equal(encodeTimeout(ms), value))
  }

  it("is never shortened on the wire, nor lengthened by more than a part in ten thousand or a microsecond", () => {
    property(
      forAll(double({ min: 0, max: 99_999_999 * 3_600_000, noNaN: true }), (ms) => {
        const text = encodeTimeout(ms)
        assert.match(text, /^\d{1,8}[HMSmun]$/)
        const back = decodeTimeout(text)!
        assert.ok(back >= ms, `${ms} became ${text}`)
        assert.ok(back <= ms * 1.0001 + 0.001_001, `${ms} became ${text}`)
      }),
    )
  })
})
