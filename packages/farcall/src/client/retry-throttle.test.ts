import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { Metadata } from "../core/metadata.js"
import { StatusError } from "../core/status-error.js"
import { armed, retryPair, Watched } from "../test-support/retry-pair.js"
import { ConfigChoice } from "./config-choice.js"

describe("the throttle of retries", () => {
  const config = { retryThrottling: { maxTokens: 4, tokenRatio: 0.5 } }

  it("54. allows none while no more than half of the tokens are left, which successes give back", async () => {
    let fail = true
    let attempts = 0
    await using pair = retryPair(
      {
        say: (request) => {
          attempts++
          if (fail) throw new StatusError("UNAVAILABLE")
          return request
        },
      },
      { ...armed, config },
    )
    const { client, clock, tokens } = pair
    const first = new Watched(client.say({ text: "" }))
    await clock.advance(60_000)
    // 4 → 3: tried again; → 2: half, no more.
    assert.equal(attempts, 2)
    assert.equal(first.error?.attempts, 2)
    assert.equal(tokens(), 2)
    const second = new Watched(client.say({ text: "" }))
    await clock.advance(60_000)
    assert.equal(second.error?.attempts, 1)
    assert.equal(tokens(), 1)
    fail = false
    for (let i = 0; i < 5; i++) {
      const good = new Watched(client.say({ text: "" }))
      await clock.advance(1)
      assert.ok(good.value)
    }
    assert.equal(tokens(), 3.5)
    for (let i = 0; i < 5; i++) {
      const good = new Watched(client.say({ text: "" }))
      await clock.advance(1)
      assert.ok(good.value)
    }
    assert.equal(tokens(), 4, "never more than maxTokens")
  })

  it("54. counts only what is worth another attempt, and a pushback that says no", async () => {
    let error = new StatusError("INVALID_ARGUMENT")
    await using pair = retryPair(
      {
        say: () => {
          throw error
        },
      },
      { ...armed, config },
    )
    new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(1)
    assert.equal(pair.tokens(), 4)
    error = new StatusError("INVALID_ARGUMENT", "", { trailers: new Metadata({ "grpc-retry-pushback-ms": "-1" }) })
    new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(1)
    assert.equal(pair.tokens(), 3)
  })

  it("54. has as large a part of its tokens left when another service config takes its place", () => {
    const choice = new ConfigChoice(undefined, {})
    const throttleOf = (maxTokens: number) => {
      assert.equal(choice.update({ retryThrottling: { maxTokens, tokenRatio: 0.5 } }), undefined)
      return choice.current!.throttle!
    }
    const first = throttleOf(4)
    for (let i = 0; i < 3; i++) first.failed()
    const second = throttleOf(20)
    assert.equal(second.tokens, 5)
    assert.equal(second.allows, false)
    assert.equal(throttleOf(20), second)
    for (let i = 0; i < 12; i++) second.succeeded()
    assert.ok(second.allows)
    choice.update({})
    assert.equal(choice.current!.throttle, undefined)
    assert.equal(throttleOf(10).tokens, 10, "nothing has been throttled: there is nothing to go on with")
  })
})
