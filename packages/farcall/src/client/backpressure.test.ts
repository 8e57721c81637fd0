import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { defaultLimits } from "@farcall/http2"
import type { MessageQueue } from "../core/message-queue.js"
import { type OpenPair, openPair } from "../test-support/open-pair.js"
import { Gate, until } from "../test-support/outcome.js"
import type { Text } from "../test-support/parrot.js"

/** 100 MB in messages of 16 to 64 KiB. */
const sizes: readonly number[] = Array.from({ length: 2_500 }, (_, i) => 16_384 + ((i * 7_919) % 49_153))
const total = sizes.reduce((sum, size) => sum + size, 0)
assert.ok(total > 100e6)
const filler = "x".repeat(65_536)

/** Gives the messages, and counts the bytes of those that were taken from it. */
class Source {
  given = 0;

  *messages(): Generator<Text> {
    for (const size of sizes) {
      this.given += size
      yield { text: filler.slice(0, size) }
    }
  }
}

/** Reads, pauses at some places until told to go on, and counts the bytes. */
class PausingReader {
  taken = 0
  readonly pauses: readonly Gate[] = [new Gate(), new Gate(), new Gate()]
  /** How many pauses it has come to. */
  paused = 0

  async read(messages: AsyncIterable<Text>): Promise<number> {
    let count = 0
    for await (const { text } of messages) {
      assert.equal(text.length, sizes[count])
      this.taken += text.length
      if (count === this.paused * 900) await this.pauses[this.paused++]?.opened
      count++
    }
    assert.equal(count, sizes.length)
    return this.taken
  }
}

const window = defaultLimits.streamWindow
const sendBuffer = defaultLimits.sendBufferSize

/** Lets the sender run until it can do no more. */
async function still(source: Source): Promise<void> {
  let before = -1
  while (before !== source.given) {
    before = source.given
    for (let turn = 0; turn < 40; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
}

/** At each of the reader's pauses: what is on its way, and where. */
async function atPauses(
  pair: OpenPair,
  sender: "client" | "server",
  source: Source,
  reader: PausingReader,
  backlog: () => number,
): Promise<void> {
  for (const [i, pause] of reader.pauses.entries()) {
    await until(() => reader.paused === i + 1, "the reader's pause")
    await until(() => backlog() > window / 2, "the window's use")
    await still(source)
    const counters = pair.counters()
    const receiving = sender === "client" ? counters.server : counters.client
    const sending = counters[sender]
    assert.ok(source.given < total, "the sender was not held up")
    assert.ok(receiving.inboundHeld <= window, `${receiving.inboundHeld} bytes are held`)
    assert.ok(backlog() <= receiving.inboundHeld, `${backlog()} bytes wait in the queue`)
    assert.ok(sending.outboundQueued <= sendBuffer + 5, `${sending.outboundQueued} bytes are queued`)
    assert.ok(sending.pendingOutput < 1_000, `${sending.pendingOutput} bytes are in the output`)
    const underWay = source.given - reader.taken
    assert.ok(underWay <= window + sendBuffer, `${underWay} bytes are under way`)
    pause.open()
  }
}

for (const transport of ["memory", "tcp"] as const) {
  describe(`backpressure over ${transport}, on 100 MB with a reader that pauses`, () => {
    it("holds a server's stream of responses", async () => {
      const source = new Source()
      await using pair = await openPair({ repeat: () => source.messages() }, transport)
      const reader = new PausingReader()
      const responses = pair.client.repeat({ text: "" })[Symbol.asyncIterator]() as MessageQueue<Text>
      const read = reader.read(responses)
      await atPauses(pair, "server", source, reader, () => responses.backlog)
      assert.equal(await read, total)
    })

    it("holds a client's stream of requests, taken from an iterable", async () => {
      const source = new Source()
      const reader = new PausingReader()
      let queue: MessageQueue<Text> | undefined
      await using pair = await openPair(
        {
          gather: async (requests) => {
            queue = requests as MessageQueue<Text>
            return { text: `${await reader.read(requests)}` }
          },
        },
        transport,
      )
      const call = pair.client.gather(source.messages())
      await atPauses(pair, "client", source, reader, () => queue!.backlog)
      assert.deepEqual(await call, { text: `${total}` })
    })

    if (transport === "memory") {
      it("holds requests written by hand, and responses of the same call", async () => {
        const requests = new Source()
        const responses = new Source()
        const atServer = new PausingReader()
        const atClient = new PausingReader()
        let queue: MessageQueue<Text> | undefined
        await using pair = await openPair(
          {
            async *chat(messages) {
              queue = messages as MessageQueue<Text>
              const read = atServer.read(messages)
              yield* responses.messages()
              await read
            },
          },
          transport,
        )
        const call = pair.client.chat()
        const written = (async () => {
          for (const message of requests.messages()) assert.equal(await call.write(message), true)
          call.end()
        })()
        const replies = call[Symbol.asyncIterator]() as MessageQueue<Text>
        const read = atClient.read(replies)
        await Promise.all([
          atPauses(pair, "client", requests, atServer, () => queue!.backlog),
          atPauses(pair, "server", responses, atClient, () => replies.backlog),
        ])
        await written
        assert.equal(await read, total)
        assert.equal(atServer.taken, total)
      })
    }
  })
}

describe("backpressure", () => {
  it("of one stream does not hold up its neighbours", async () => {
    const source = new Source()
    await using pair = await openPair({ repeat: () => source.messages(), say: (request) => request }, "memory")
    const paused = pair.client.repeat({ text: "" })
    for (let i = 0; i < 3; i++) await paused.headers
    await still(source)
    // More than the connection's own window, while the first stream's is used up.
    for (let i = 0; i < 8; i++) {
      assert.equal((await pair.client.say({ text: "x".repeat(400_000) })).text.length, 400_000)
    }
    paused.cancel()
  })
})
