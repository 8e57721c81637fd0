import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { BandwidthEstimate } from "./bandwidth-estimate.js"

const firstPing = 1000

/** A PING that is answered after `time` milliseconds, in which `bytes` have come. */
function roundTrip(estimate: BandwidthEstimate, time: number, bytes: number): void {
  estimate.sent(5000)
  estimate.received(bytes)
  estimate.answered(5000 + time)
}

/** How many bytes come before the next PING is to be sent. */
function bytesToPing(estimate: BandwidthEstimate): number {
  for (let bytes = 1; bytes <= 1_000_000; bytes++) if (estimate.received(1)) return bytes
  throw new Error("no PING is sent")
}

describe("a PING is sent", () => {
  it("when so much has come that an estimate is of use", () => {
    const estimate = new BandwidthEstimate(firstPing)
    assert.equal(estimate.received(600), false)
    assert.equal(estimate.received(399), false)
    assert.equal(estimate.received(1), true)
  })

  it("once at a time", () => {
    const estimate = new BandwidthEstimate(firstPing)
    assert.equal(estimate.measuring, false)
    estimate.sent(0)
    assert.equal(estimate.measuring, true)
    assert.equal(estimate.received(1e9), false)
    estimate.answered(100)
    assert.equal(estimate.measuring, false)
  })

  it("with the next DATA while round trips bring more and more, a tenth at least", () => {
    const estimate = new BandwidthEstimate(firstPing)
    roundTrip(estimate, 100, 10_000)
    assert.equal(bytesToPing(estimate), 1)
    roundTrip(estimate, 100, 10_000)
    assert.equal(bytesToPing(estimate), 2 * firstPing, "no more than before")
    roundTrip(estimate, 100, 11_000)
    assert.equal(bytesToPing(estimate), 4 * firstPing, "not more than a tenth")
    roundTrip(estimate, 100, 11_100)
    assert.equal(bytesToPing(estimate), 1)
  })

  it("less and less often while they bring nothing new", () => {
    const estimate = new BandwidthEstimate(firstPing)
    roundTrip(estimate, 100, 10_000)
    for (const times of [2, 4, 8]) {
      roundTrip(estimate, 100, 10_000)
      assert.equal(bytesToPing(estimate), times * firstPing)
    }
    roundTrip(estimate, 100, 20_000)
    roundTrip(estimate, 100, 20_000)
    assert.equal(bytesToPing(estimate), 2 * firstPing, "after growth it begins again")
  })

  it("a second time at once, whatever the first has brought", () => {
    const estimate = new BandwidthEstimate(firstPing)
    roundTrip(estimate, 100, 0)
    assert.equal(bytesToPing(estimate), 1)
    roundTrip(estimate, 100, 0)
    assert.equal(bytesToPing(estimate), 4 * firstPing)
  })
})

describe("the product", () => {
  it("is the most that a millisecond has brought, by the shortest round trip", () => {
    const estimate = new BandwidthEstimate(firstPing)
    roundTrip(estimate, 100, 50_000)
    assert.equal(estimate.product, 0, "one round trip proves nothing")
    roundTrip(estimate, 80, 16_000)
    assert.equal(estimate.product, 500 * 80)
    roundTrip(estimate, 200, 20_000)
    assert.equal(estimate.product, 500 * 80)
  })

  it("counts what has come since the PING, and not before", () => {
    const estimate = new BandwidthEstimate(firstPing)
    for (let i = 0; i < 2; i++) {
      estimate.received(1_000_000)
      roundTrip(estimate, 100, 50_000)
    }
    assert.equal(estimate.product, 50_000)
  })

  it("is that of round trips of five milliseconds and more, which are fifty together", () => {
    const products = (time: number, count: number) => {
      const estimate = new BandwidthEstimate(firstPing)
      return Array.from({ length: count }, () => {
        roundTrip(estimate, time, 1000 * time)
        return estimate.product
      })
    }
    assert.deepEqual(products(4, 30), new Array(30).fill(0))
    assert.deepEqual(products(5, 10), [...new Array(9).fill(0), 5000])
    assert.deepEqual(products(25, 2), [0, 25_000])
    assert.deepEqual(products(24, 3), [0, 0, 24_000])
  })

  it("stays unknown once a round trip was short: what looks like distance is a busy event loop", () => {
    const estimate = new BandwidthEstimate(firstPing)
    roundTrip(estimate, 0, 500_000)
    for (let i = 0; i < 12; i++) roundTrip(estimate, 40, 500_000)
    assert.equal(estimate.product, 0)
  })

  it("stays what it was when a later round trip is short", () => {
    const estimate = new BandwidthEstimate(firstPing)
    for (const time of [80, 80, 0, 80]) roundTrip(estimate, time, 500_000)
    assert.equal(estimate.product, 500_000)
  })
})
