import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { Metadata } from "../core/metadata.js"
import { StatusError } from "../core/status-error.js"
import { armed, failing, retryPair, retryPolicy, Watched } from "../test-support/retry-pair.js"
import { pushbackOf } from "./attempt-plan.js"

describe("the next attempt of a call comes", () => {
  it("53. after initialBackoff, and each time backoffMultiplier longer up to maxBackoff", async () => {
    const { seen, say } = failing(4, () => pair.clock.now())
    await using pair = retryPair({ say }, armed)
    const call = new Watched(pair.client.say({ text: "hi" }))
    await pair.clock.advance(20_000)
    assert.deepEqual(call.value, { text: "hi" })
    assert.deepEqual(seen, [
      { at: 0, previous: undefined },
      { at: 1_000, previous: "1" },
      { at: 3_000, previous: "2" },
      { at: 7_000, previous: "3" },
    ])
    assert.equal(pair.kept(), 0)
    assert.equal(pair.clock.holds, 1, "the wire alone keeps the process")
  })

  it("53. up to a fifth sooner or later, by chance", async () => {
    for (const [random, at] of [
      [0, 800],
      [0.999_999, 1_200],
    ]) {
      const { seen, say } = failing(2, () => pair.clock.now())
      await using pair = retryPair({ say }, { ...armed, random: () => random! })
      const call = new Watched(pair.client.say({ text: "hi" }))
      await pair.clock.advance(2_000)
      assert.deepEqual(call.value, { text: "hi" })
      assert.equal(Math.round(seen[1]!.at), at)
    }
  })

  it("after maxBackoff at the latest, the first too", async () => {
    const { seen, say } = failing(3, () => pair.clock.now())
    await using pair = retryPair({ say }, { method: { retryPolicy: { ...retryPolicy, maxBackoff: "0.25s" } } })
    const call = new Watched(pair.client.say({ text: "hi" }))
    await pair.clock.advance(1_000)
    assert.ok(!call.pending)
    assert.deepEqual(
      seen.map(({ at }) => at),
      [0, 250, 500],
    )
  })

  it("52. exactly when the server's pushback is over, after which backoff begins anew", async () => {
    const pushbacks = [undefined, "2500", undefined]
    let attempt = 0
    const { seen, say } = failing(
      4,
      () => pair.clock.now(),
      () => {
        const pushback = pushbacks[attempt++]
        const trailers = new Metadata(pushback === undefined ? {} : { "grpc-retry-pushback-ms": pushback })
        return new StatusError("UNAVAILABLE", "busy", { trailers })
      },
    )
    await using pair = retryPair({ say }, { ...armed, random: () => 0.5 })
    const call = new Watched(pair.client.say({ text: "hi" }))
    await pair.clock.advance(20_000)
    assert.ok(!call.pending)
    assert.deepEqual(
      seen.map(({ at }) => at),
      [0, 1_000, 3_500, 4_500],
    )
  })

  it("52. when a pushback is over, which may be as long as 32 bits can say", () => {
    const said = (...pushbacks: string[]) => {
      const fields = ["other", "5", ...pushbacks.flatMap((value) => ["grpc-retry-pushback-ms", value])]
      return pushbackOf({ fields, get: (name) => fields[fields.indexOf(name) + 1], status: "14" })
    }
    assert.equal(said("0"), 0)
    assert.equal(said("2147483647"), 2 ** 31 - 1)
    assert.equal(said("2147483648"), "stop")
    assert.equal(said("1", "1"), "stop")
    assert.equal(pushbackOf({ fields: ["other", "5"], get: () => undefined, status: "14" }), undefined)
    assert.equal(pushbackOf(undefined), undefined)
  })

  it("52. never, after a pushback that is negative, unreadable or said twice", async () => {
    for (const pushback of ["-1", "", "soon", "1.5", "01", "+1", "99999999999", ["1", "1"]]) {
      const { seen, say } = failing(
        2,
        () => 0,
        () => {
          return new StatusError("UNAVAILABLE", "busy", {
            trailers: new Metadata({ "grpc-retry-pushback-ms": pushback }),
          })
        },
      )
      await using pair = retryPair({ say }, armed)
      const call = new Watched(pair.client.say({ text: "hi" }))
      await pair.clock.advance(60_000)
      assert.equal(call.error?.code, "UNAVAILABLE", String(pushback))
      assert.equal(seen.length, 1, String(pushback))
    }
  })
})
