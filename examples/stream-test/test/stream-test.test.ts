import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { StreamTest } from "@farcall/example-stream-test/gen/example_grpc.js"
import { createStreamTest } from "@farcall/example-stream-test/servicer.js"
import { useTestPair } from "farcall/testing/node"

describe("StreamTest", () => {
  let heard: string[]
  const { client } = useTestPair(StreamTest, () => {
    heard = []
    return createStreamTest((line) => heard.push(line))
  })

  it("answers at the end of the stream", async () => {
    const { message } = await client.clientStream([{ message: "a" }, { message: "b" }])
    assert.equal(message, "ok!🐧")
    assert.deepEqual(heard, ["a", "b"])
  })

  it("answers an empty stream too", async () => {
    const { message } = await client.clientStream([])
    assert.equal(message, "ok!🐧")
    assert.deepEqual(heard, [])
  })

  it("answers `close` at once, while the stream is still open", async () => {
    const call = client.clientStream()
    await call.write({ message: "a" })
    await call.write({ message: "close" })
    const { message } = await call.response
    assert.equal(message, "close!😢")
    assert.deepEqual(heard, ["a", "close"])
  })

  it("does not read on after `close`, and lets go of the client's messages", async () => {
    let released = false
    async function* endless() {
      try {
        for (let message = "close"; ; message = "too late") yield { message }
      } finally {
        released = true
      }
    }
    const { message } = await client.clientStream(endless())
    assert.equal(message, "close!😢")
    assert.deepEqual(heard, ["close"])
    assert.equal(released, true)
  })
})
