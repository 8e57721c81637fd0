import assert from "node:assert/strict"
import { after, before, beforeEach, describe, it } from "node:test"
import { StreamTest } from "@farcall/example-stream-test/gen/example_grpc.js"
import { createStreamTest } from "@farcall/example-stream-test/servicer.js"
import { createTestPair, type TestPair } from "farcall/testing"

describe("StreamTest", () => {
  const heard: string[] = []
  let pair: TestPair<typeof StreamTest>
  before(async () => {
    pair = await createTestPair(
      StreamTest,
      createStreamTest((line) => heard.push(line)),
    )
  })
  beforeEach(() => heard.splice(0))
  after(() => pair.close())

  it("answers at the end of the stream", async () => {
    const { message } = await pair.client.clientStream([{ message: "a" }, { message: "b" }])
    assert.equal(message, "ok!🐧")
    assert.deepEqual(heard, ["a", "b"])
  })

  it("answers an empty stream too", async () => {
    const { message } = await pair.client.clientStream([])
    assert.equal(message, "ok!🐧")
    assert.deepEqual(heard, [])
  })

  it("answers `close` at once, while the stream is still open", async () => {
    const call = pair.client.clientStream()
    await call.write({ message: "a" })
    await call.write({ message: "close" })
    const { message } = await call.response
    assert.equal(message, "close!😢")
    assert.deepEqual(heard, ["a", "close"])
  })

  it("does not read on after `close`, and lets go of the client's messages", async () => {
    let taken = 0
    let released = false
    async function* endless() {
      try {
        for (;;) yield { message: taken++ === 0 ? "close" : "too late" }
      } finally {
        released = true
      }
    }
    const { message } = await pair.client.clientStream(endless())
    assert.equal(message, "close!😢")
    assert.deepEqual(heard, ["close"])
    assert.equal(released, true)
  })
})
