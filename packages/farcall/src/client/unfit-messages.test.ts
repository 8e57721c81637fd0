import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { StatusError } from "../core/status-error.js"
import type { Servicer } from "../server/servicer.js"
import { failureOf, Gate, textsOf, until } from "../test-support/outcome.js"
import { callEach, Parrot, type Text, talkative } from "../test-support/parrot.js"
import { createTestPair, type TestPair, type TestPairOptions } from "../testing/test-pair.js"

for (const transport of ["memory", "tcp"] as const) {
  const pair = (
    servicer: Partial<Servicer<typeof Parrot>> = talkative,
    options: TestPairOptions = {},
  ): Promise<TestPair<typeof Parrot>> =>
    createTestPair(Parrot, servicer, { transport, server: { onHandlerError: () => {} }, ...options })

  describe(`messages that do not fit over ${transport}`, () => {
    const unreadable = { text: "?" }
    const unwritable = { text: "!" }

    it("29. requests that cannot be written: INTERNAL at the client, the handler's call cancelled", async () => {
      await using under = await pair()
      const { client } = under
      let stopped = false
      function* bad(): Generator<Text> {
        try {
          yield { text: "a" }
          yield unwritable
        } finally {
          stopped = true
        }
      }
      const calls = [
        client.say(unwritable),
        textsOf(client.repeat(unwritable)),
        client.gather(bad()),
        textsOf(client.chat([unwritable])),
      ].map(failureOf)
      for (const call of calls) {
        const error = await call
        assert.deepEqual(
          [error.code, error.message],
          ["INTERNAL", "the request is no test.Text: text: not to be written"],
        )
        assert.ok(error.cause instanceof TypeError)
      }
      assert.equal(stopped, true)
      const call = client.gather()
      const error = await failureOf(call.write(unwritable))
      assert.equal(error.code, "INTERNAL")
      assert.equal(await failureOf(call.response), error)
      assert.equal(await call.write({ text: "a" }), false)
    })

    it("29. requests that cannot be read: INTERNAL from the server, and a handler that reads them is told", async () => {
      const seen: string[] = []
      await using under = await pair({
        ...talkative,
        async gather(requests) {
          await textsOf(requests).catch((error: StatusError) => seen.push(error.code))
          return { text: "" }
        },
      })
      const { client } = under
      for (const call of [
        client.say(unreadable),
        textsOf(client.repeat(unreadable)),
        client.gather([{ text: "a" }, unreadable]),
        textsOf(client.chat([unreadable])),
      ].map(failureOf)) {
        const error = await call
        assert.deepEqual([error.code, error.message], ["INTERNAL", "the request is no test.Text: text: not to be read"])
      }
      await until(() => seen.length === 1)
      assert.deepEqual(seen, ["INTERNAL"])
    })

    it("29. responses that cannot be written: INTERNAL from the server, after those that could, and the handler is stopped", async () => {
      const log: string[] = []
      await using under = await pair({
        say: () => unwritable,
        gather: async () => unwritable,
        *repeat() {
          try {
            yield { text: "a" }
            yield unwritable
            log.push("went on")
          } finally {
            log.push("repeat stopped")
          }
        },
        async *chat() {
          try {
            yield unwritable
          } finally {
            log.push("chat stopped")
          }
        },
      })
      const { client } = under
      const received: string[] = []
      const repeated = async (): Promise<void> => {
        for await (const { text } of client.repeat({ text: "" })) received.push(text)
      }
      for (const call of [client.say({ text: "" }), client.gather([]), repeated(), textsOf(client.chat([]))].map(
        failureOf,
      )) {
        const error = await call
        assert.deepEqual(
          [error.code, error.message],
          ["INTERNAL", "the response is no test.Text: text: not to be written"],
        )
      }
      assert.deepEqual(received, ["a"])
      await until(() => log.length === 2)
      assert.deepEqual(log.sort(), ["chat stopped", "repeat stopped"])
    })

    it("29. responses that cannot be read: INTERNAL at the client, and the handler's call is cancelled", async () => {
      const stopped = new Gate()
      await using under = await pair({
        say: () => unreadable,
        gather: () => unreadable,
        async *repeat() {
          try {
            for (;;) yield { text: `?${"x".repeat(10_000)}` }
          } finally {
            stopped.open()
          }
        },
        *chat() {
          yield unreadable
        },
      })
      const { client } = under
      for (const call of callEach(client).map(failureOf)) {
        const error = await call
        assert.deepEqual(
          [error.code, error.message],
          ["INTERNAL", "the response is no test.Text: text: not to be read"],
        )
      }
      await stopped.opened
    })

    const long = { text: "x".repeat(101) }
    const fits = { text: "x".repeat(100) }

    it("30. above the limits of either side, in either direction: RESOURCE_EXHAUSTED, and at them they pass", async () => {
      const limits = [
        [{ channel: { maxSendMessageLength: 100 } }, "message is 101 bytes, the limit for sending is 100"],
        [
          { channel: { maxReceiveMessageLength: 100 } },
          "message is 101 bytes, the limit is 100 (maxReceiveMessageLength)",
        ],
        [{ server: { maxSendMessageLength: 100 } }, "message is 101 bytes, the limit for sending is 100"],
        [
          { server: { maxReceiveMessageLength: 100 } },
          "message is 101 bytes, the limit is 100 (maxReceiveMessageLength)",
        ],
      ] as const
      for (const [options, message] of limits) {
        await using under = await pair(
          {
            say: (request) => request,
            gather: async (requests) => (await requests[Symbol.asyncIterator]().next()).value,
            *repeat(request) {
              yield request
            },
            async *chat(requests) {
              yield* requests
            },
          },
          options,
        )
        const { client } = under
        const calls = (request: Text): Promise<unknown>[] => [
          client.say(request),
          client.gather([request]),
          textsOf(client.repeat(request)),
          textsOf(client.chat([request])),
        ]
        for (const call of calls(long).map(failureOf)) {
          const error = await call
          // What this side finds too long says whose it was.
          const told = error.message.replace(/, at (in-memory|ipv4):\S+$/, "")
          assert.deepEqual([error.code, told], ["RESOURCE_EXHAUSTED", message])
        }
        await Promise.all(calls(fits))
      }
    })

    it("30. the default for receiving is 4 MiB", async () => {
      await using under = await pair({ say: (request) => request })
      assert.equal((await under.client.say({ text: "x".repeat(4 * 1024 * 1024) })).text.length, 4 * 1024 * 1024)
      const error = await failureOf(under.client.say({ text: "x".repeat(4 * 1024 * 1024 + 1) }))
      assert.equal(error.message, "message is 4194305 bytes, the limit is 4194304 (maxReceiveMessageLength)")
    })
  })
}
