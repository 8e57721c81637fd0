import assert from "node:assert/strict"
import { connect } from "node:net"
import { it } from "node:test"
import { defaultLimits } from "@farcall/http2"
import { createServer } from "farcall"
import { Parrot } from "../../../packages/farcall/dist/test-support/parrot.js"
import { headers, preface, rstStream, settings, settingsAck } from "../wire/frame.js"
import { request } from "../wire/header-block.js"

for (const resets of [false, true]) {
  it(`one connection starts a few handlers in each turn of the event loop${resets ? ", however fast it resets" : ""}`, async () => {
    let started = 0
    await using server = createServer().add(Parrot, {
      async gather(requests) {
        started++
        for await (const _ of requests);
        return { text: "" }
      },
    })
    const { port } = await server.listen("127.0.0.1:0")
    const socket = connect(port!, "127.0.0.1")
    socket.on("error", () => {}).resume()
    const block = request("/test.Parrot/Gather")
    const streams = Array.from({ length: 240 }, (_, i) => {
      const open = headers(1 + 2 * i, block)
      return resets ? Buffer.concat([open, rstStream(1 + 2 * i, 8)]) : open
    })
    socket.write(Buffer.concat([preface, settings(), settingsAck, ...streams]))
    let most = 0
    for (let before = 0, turn = 0; started < 240; turn++) {
      assert.ok(turn < 10_000, `only ${started} were started`)
      await new Promise((resolve) => setImmediate(resolve))
      most = Math.max(most, started - before)
      before = started
    }
    // Between two of this test's turns lie one read and one flush, each with its share.
    assert.ok(most <= 2 * defaultLimits.maxStreamsPerTurn, `${most} in one turn`)
    socket.destroy()
  })
}
