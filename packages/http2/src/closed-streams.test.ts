import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { ClosedStreams } from "./closed-streams.js"

describe("the streams that we have reset", () => {
  it("are excused, and no others", () => {
    const closed = new ClosedStreams(2)
    closed.add(5)
    closed.add(9)
    assert.deepEqual(
      [3, 5, 7, 9, 11].filter((id) => closed.excuses(id)),
      [5, 9],
    )
  })

  it("are kept up to the capacity; what is as old as one that was given up is excused too", () => {
    const closed = new ClosedStreams(2)
    for (const id of [5, 9, 13]) closed.add(id)
    assert.deepEqual(
      [1, 3, 5, 7, 9, 11, 13, 15].filter((id) => closed.excuses(id)),
      [1, 3, 5, 9, 13],
    )
  })

  it("are given up in the order of their resets, which is not that of their ids", () => {
    const closed = new ClosedStreams(1)
    for (const id of [9, 3, 21]) closed.add(id)
    assert.deepEqual(
      [7, 9, 11, 21].filter((id) => closed.excuses(id)),
      [7, 9, 21],
    )
  })
})

describe("the streams that the peer has passed over", () => {
  it("are those between the ends of a gap", () => {
    const closed = new ClosedStreams()
    closed.skip(3, 9)
    assert.deepEqual(
      [1, 3, 5, 7, 9, 11].filter((id) => closed.wasSkipped(id)),
      [5, 7],
    )
  })

  it("are known of 32 gaps, the oldest forgotten first", () => {
    const closed = new ClosedStreams()
    for (let last = 1; last < 1 + 4 * 32; last += 4) closed.skip(last, last + 4)
    assert.equal(closed.wasSkipped(3), true)
    closed.skip(201, 205)
    assert.equal(closed.wasSkipped(3), false)
    assert.equal(closed.wasSkipped(7), true)
    assert.equal(closed.wasSkipped(203), true)
  })

  it("are not forgotten for streams that follow one another", () => {
    const closed = new ClosedStreams()
    closed.skip(1, 5)
    for (let last = 5; last < 1000; last += 2) closed.skip(last, last + 2)
    assert.equal(closed.wasSkipped(3), true)
  })
})
