import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { createTestPair, mockClient, mockServicer, rejectsWithStatus } from "farcall/testing"
import { Tallies } from "./gen/tally_grpc.js"
import { Tallies as Described } from "./gen/tally_pb.js"
import { tallies } from "./test-support/tallies.js"

// The stand-ins of farcall/testing with real messages: of generated codecs, and of protobuf-es's.

for (const [what, service] of Object.entries({ "generated codecs": Tallies, "protobuf-es's codec": Described })) {
  describe(`stand-ins with ${what}`, () => {
    it("tell requests by fields of all kinds, with bytes, maps and 64-bit integers", async () => {
      const mock = mockServicer(service)
      mock.expect.vote({ seal: Uint8Array.of(1, 2) }).reply({ votes: { sealed: 1n } })
      mock.expect.vote({ weights: { mine: 5n } }).reply({ votes: { weighed: 5n } })
      mock.expect.vote({ choice: "tea" }).reply({ last: { choice: "tea" } })
      const client = mockClient(service, mock.servicer)
      assert.deepEqual((await client.vote({ choice: "x", seal: Buffer.of(1, 2) })).votes, { sealed: 1n })
      assert.deepEqual((await client.vote({ weights: { mine: 5n, theirs: 6n } })).votes, { weighed: 5n })
      assert.equal((await client.vote({ choice: "tea" })).last?.choice, "tea")
      await rejectsWithStatus(
        client.vote({ choice: "coffee", weights: { mine: 1n } }),
        "UNIMPLEMENTED",
        /does not expect vote\(\{ choice: 'coffee', weights: \{ mine: 1n \} \}\): expected is vote\(\{ seal: Uint8Array/,
      )
    })

    it("give handlers and callers whole messages, with what nobody set", async () => {
      const client = mockClient(service, { exchange: tallies.exchange, vote: ({ weights }) => ({ last: { weights } }) })
      assert.deepEqual((await client.vote({})).last?.weights, {})
      const choices: (string | undefined)[] = []
      for await (const { last } of client.exchange([{ choice: "a" }, {}])) choices.push(last?.choice)
      assert.deepEqual(choices, ["a", ""])
    })

    it("record over a test pair as without one", async () => {
      const mock = mockServicer(service, tallies)
      await using pair = await createTestPair(service, mock.servicer)
      for (const client of [pair.client, mockClient(service, mock.servicer)]) {
        assert.deepEqual((await client.voteAll([{ choice: "a" }, { choice: "a" }])).votes, { a: 2n })
        await rejectsWithStatus(client.vote({}), "INVALID_ARGUMENT", "no choice")
        const [all, one] = [mock.calls.voteAll[0]!, mock.calls.vote[0]!]
        assert.deepEqual(
          all.requests.map(({ choice }) => choice),
          ["a", "a"],
        )
        assert.deepEqual([all.response, all.status?.code], [{ votes: { a: 2n } }, "OK"])
        assert.deepEqual([one.request.choice, one.status?.code], ["", "INVALID_ARGUMENT"])
        mock.verify()
        mock.reset()
      }
    })
  })
}

describe("a mock of a class", () => {
  it("has its methods, bound to it, and names them", async () => {
    class Counter {
      private count = 0n
      vote(): { votes: { all: bigint } } {
        this.count++
        return { votes: { all: this.count } }
      }
    }
    const client = mockClient(Tallies, mockServicer(Tallies, new Counter()).servicer)
    await client.vote({})
    assert.deepEqual((await client.vote({})).votes, { all: 2n })
    await rejectsWithStatus(client.watch({}), "UNIMPLEMENTED", /: vote has a handler$/)
  })
})
