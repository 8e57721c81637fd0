import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { StatusError } from "../core/status-error.js"
import { textsOf } from "../test-support/outcome.js"
import { armed, failing, retryPair, Watched } from "../test-support/retry-pair.js"
import { settled } from "../test-support/settled.js"
import { ReplayBuffer } from "./replay-buffer.js"
import { ReplayMemory } from "./retry-resources.js"

describe("the buffer of a call's requests", () => {
  const message = (length: number): Uint8Array => new Uint8Array(length)

  it("holds as much as its call may keep, and as all calls may keep together", () => {
    const memory = new ReplayMemory(100)
    const buffer = new ReplayBuffer(60, memory)
    const other = new ReplayBuffer(60, memory)
    assert.deepEqual([buffer.fits(message(60)), buffer.fits(message(61))], [true, false])
    buffer.keep(message(50))
    assert.deepEqual([buffer.fits(message(10)), buffer.fits(message(11))], [true, false])
    assert.deepEqual([other.fits(message(50)), other.fits(message(51))], [true, false])
    buffer.free(1)
    assert.equal(memory.used, 0)
    assert.deepEqual([buffer.fits(message(60)), other.fits(message(60))], [true, true])
  })

  it("counts its requests from the first one on, whatever has gone", () => {
    const memory = new ReplayMemory(100)
    const buffer = new ReplayBuffer(100, memory)
    const messages = [1, 2, 3, 4].map(message)
    for (const kept of messages.slice(0, 2)) buffer.keep(kept)
    for (const passed of messages.slice(2)) buffer.pass(passed)
    assert.equal(memory.used, 3, "what only waits for its turn is not kept")
    buffer.free(1)
    assert.deepEqual([buffer.count, memory.used], [4, 2])
    assert.deepEqual(
      [1, 2, 3].map((index) => buffer.at(index)),
      messages.slice(1),
    )
    buffer.free(3)
    assert.deepEqual([buffer.count, memory.used], [4, 0])
    assert.equal(buffer.at(3), messages[3])
    buffer.free(4)
    const { messages: left } = buffer as unknown as { messages: unknown[] }
    assert.deepEqual(left, [], "not even places are left of what has gone")
    buffer.pass(messages[0]!)
    assert.deepEqual([buffer.count, buffer.at(4)], [5, messages[0]])
  })
})

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
