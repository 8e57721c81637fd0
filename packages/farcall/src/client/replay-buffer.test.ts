import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { StatusError } from "../core/status-error.js"
import { textsOf } from "../test-support/outcome.js"
import { armed, failing, retryPair, Watched } from "../test-support/retry-pair.js"
import { settled } from "../test-support/settled.js"

describe("requests that may be sent again", () => {
  it("50. are not kept where one is larger than the buffer: there is only the one attempt", async () => {
    for (const [channel, size] of [
      [{}, 262_144],
      [{ maxRetryBytesPerCall: 100 }, 101],
      [{ maxRetryBytesPerChannel: 100 }, 101],
    ] as const) {
      const { seen, say } = failing(2, () => 0)
      await using pair = retryPair({ say }, { ...armed, channel })
      const large = new Watched(pair.client.say({ text: "x".repeat(size) }))
      await pair.clock.advance(60_000)
      assert.equal(large.error?.code, "UNAVAILABLE")
      assert.equal(seen.length, 1)
      assert.equal(pair.kept(), 0)
    }
  })

  it("50. commit to the attempt that is running as they outgrow the buffer", async () => {
    let attempts = 0
    let release: () => void = () => {}
    await using pair = retryPair(
      {
        async gather(requests) {
          attempts++
          const texts = await textsOf(requests)
          await new Promise<void>((resolve) => {
            release = resolve
          })
          if (texts.length < 100) throw new StatusError("UNAVAILABLE", `${texts.length}`)
          return { text: "" }
        },
      },
      { ...armed, channel: { maxRetryBytesPerCall: 100 } },
    )
    const call = pair.client.gather()
    for (let i = 0; i < 20; i++) await call.write({ text: "0123456789" })
    assert.equal(pair.kept(), 0)
    call.end()
    await settled()
    release()
    const response = new Watched(call.response)
    await pair.clock.advance(60_000)
    assert.equal(response.error?.message, "20")
    assert.equal(attempts, 1)
  })

  it("are kept until the end of the call, within a bound for all calls together", async () => {
    const { seen, say } = failing(99, () => 0)
    await using pair = retryPair({ say }, { ...armed, channel: { maxRetryBytesPerChannel: 1_000 } })
    const calls = [1, 2, 3].map(() => new Watched(pair.client.say({ text: "x".repeat(395) })))
    await pair.clock.advance(500)
    assert.equal(pair.kept(), 800)
    assert.deepEqual(
      calls.map(({ pending }) => pending),
      [true, true, false],
    )
    await pair.clock.advance(60_000)
    assert.equal(seen.length, 9)
    assert.equal(pair.kept(), 0)
  })
})
