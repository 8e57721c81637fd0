import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { Interceptor } from "../core/interceptor.js"
import { StatusError } from "../core/status-error.js"
import type { Servicer } from "../server/servicer.js"
import { failureOf, Gate, textsOf, until, withoutUnhandledRejections } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { retryPair } from "../test-support/retry-pair.js"
import { settled } from "../test-support/settled.js"
import { createTestPair, type TestPair } from "../testing/test-pair.js"
import { type VirtualClock, virtualClock } from "../testing/virtual-clock.js"
import { type LoggedCall, type LoggingOptions, logging } from "./logging.js"

const servicer: Servicer<typeof Parrot> = {
  say: (request) => request,
  gather: async (requests) => ({ text: (await textsOf(requests)).join("") }),
  *repeat(request) {
    yield request
  },
  async *chat(requests) {
    yield* requests
  },
}

const failing: Partial<Servicer<typeof Parrot>> = {
  say: () => {
    throw new StatusError("NOT_FOUND", 'no "Ada"\nhere')
  },
}

interface Logged extends AsyncDisposable {
  readonly client: TestPair<typeof Parrot>["client"]
  readonly clock: VirtualClock
  readonly lines: string[]
  readonly calls: LoggedCall[]
}

async function loggedPair(
  side: "client" | "server",
  served: Partial<Servicer<typeof Parrot>> = servicer,
  options: LoggingOptions = {},
  inner: readonly Interceptor[] = [],
): Promise<Logged> {
  const clock = virtualClock()
  const lines: string[] = []
  const calls: LoggedCall[] = []
  const log = (line: string, call: LoggedCall): void => {
    lines.push(line)
    calls.push(call)
  }
  const interceptors = [logging({ clock, log, ...options }), ...inner]
  const { client, close } = await createTestPair(Parrot, served, {
    transport: "memory",
    server: { clock, onHandlerError: () => {}, ...(side === "server" ? { interceptors } : {}) },
    channel: { clock },
    client: side === "client" ? { interceptors } : {},
  })
  return { client, clock, lines, calls, [Symbol.asyncDispose]: close }
}

for (const side of ["client", "server"] as const) {
  describe(`logging on the ${side}`, () => {
    it("writes one line for a call of each kind", async () => {
      await using pair = await loggedPair(side)
      await pair.client.say({ text: "a" })
      await pair.client.gather([{ text: "a" }, { text: "b" }])
      await textsOf(pair.client.repeat({ text: "a" }))
      await textsOf(pair.client.chat([{ text: "a" }]))
      await until(() => pair.lines.length === 4)
      const lines = pair.lines.map((line) => line.replace(/in-memory:\d+/, "PEER"))
      assert.deepEqual(lines, [
        `${side} unary /test.Parrot/Say PEER OK 0.0 ms`,
        `${side} clientStreaming /test.Parrot/Gather PEER OK 0.0 ms`,
        `${side} serverStreaming /test.Parrot/Repeat PEER OK 0.0 ms`,
        `${side} bidiStreaming /test.Parrot/Chat PEER OK 0.0 ms`,
      ])
    })

    it("tells the status and its text, on one line whatever is in it", async () => {
      await using pair = await loggedPair(side, failing)
      assert.equal((await failureOf(pair.client.say({ text: "a" }))).code, "NOT_FOUND")
      await until(() => pair.lines.length === 1)
      assert.match(pair.lines[0]!, /^\w+ unary \/test\.Parrot\/Say \S+ NOT_FOUND "no \\"Ada\\"\\nhere" 0\.0 ms$/)
    })

    it("measures by its clock until the call is over, its stream of responses with it", async () => {
      const gate = new Gate()
      await using pair = await loggedPair(side, {
        async *repeat(request) {
          yield request
          await gate.opened
          yield request
        },
      })
      const call = pair.client.repeat({ text: "a" })[Symbol.asyncIterator]()
      await call.next()
      await pair.clock.advance(1234)
      assert.deepEqual(pair.lines, [])
      gate.open()
      await call.next()
      await call.next()
      await until(() => pair.calls.length === 1)
      assert.equal(pair.calls[0]!.durationMs, 1234)
      assert.match(pair.lines[0]!, / OK 1234\.0 ms$/)
    })

    it("shows the values of metadata only where it is told to, and the keys of the rest", async () => {
      await using quiet = await loggedPair(side)
      const metadata = { authorization: "Bearer secret", "x-id": ["1", "2"], "x-bin": new Uint8Array([1, 2]) }
      await quiet.client.say({ text: "a" }, { metadata })
      await until(() => quiet.lines.length === 1)
      assert.doesNotMatch(quiet.lines[0]!, /[{}]/)

      await using pair = await loggedPair(side, servicer, { metadata: ["X-ID", "x-bin"] })
      await pair.client.say({ text: "a" }, { metadata })
      await until(() => pair.lines.length === 1)
      assert.match(pair.lines[0]!, /\{.*authorization x-id="1, 2" x-bin="AQI=?"\}$/)
      assert.doesNotMatch(JSON.stringify([...pair.calls[0]!.metadata]), /secret/)
    })

    it("sees what an interceptor further in refuses", async () => {
      const refusing: Interceptor = () => async () => {
        throw new StatusError("PERMISSION_DENIED", "no")
      }
      await using pair = await loggedPair(side, servicer, {}, [refusing])
      await failureOf(pair.client.say({ text: "a" }))
      await until(() => pair.lines.length === 1)
      assert.equal(pair.calls[0]!.status.code, "PERMISSION_DENIED")
    })

    it("does the call no harm when it fails itself", async (test) => {
      const printed = test.mock.method(console, "error", () => {})
      await withoutUnhandledRejections(async () => {
        const log = (): never => {
          throw new Error("the log is full")
        }
        await using pair = await loggedPair(side, servicer, { log })
        assert.deepEqual(await pair.client.say({ text: "a" }), { text: "a" })
        await until(() => printed.mock.callCount() === 1)
      })
    })
  })
}

describe("logging", () => {
  it("on a server tells of a call when it ends, though its handler goes on", async () => {
    const gate = new Gate()
    await using pair = await loggedPair("server", {
      say: async (request) => {
        await gate.opened
        return request
      },
    })
    const failure = failureOf(pair.client.say({ text: "a" }, { timeoutMs: 50 }))
    await settled()
    await pair.clock.advance(50)
    assert.equal((await failure).code, "DEADLINE_EXCEEDED")
    await until(() => pair.calls.length === 1)
    assert.notEqual(pair.calls[0]!.status.code, "OK")
    gate.open()
    await settled()
    assert.equal(pair.lines.length, 1)
  })

  it("counts attempts on a client, and tells on a server which of them it was", async () => {
    const lines: string[] = []
    let failures = 2
    const pair = retryPair(
      {
        say(request) {
          if (failures-- > 0) throw new StatusError("UNAVAILABLE", "later")
          return request
        },
      },
      {
        method: {
          retryPolicy: {
            maxAttempts: 4,
            initialBackoff: "0.1s",
            maxBackoff: "1s",
            backoffMultiplier: 1,
            retryableStatusCodes: ["UNAVAILABLE"],
          },
        },
        client: { interceptors: [logging({ log: (line, call) => lines.push(`${line} by ${call.attempts}`) })] },
      },
    )
    const call = pair.client.say({ text: "a" })
    await pair.clock.advance(500)
    await call
    assert.match(lines[0]!, /in-memory:\d+ OK [\d.]+ ms, 3 attempts by 3$/)
    await pair[Symbol.asyncDispose]()

    await using server = await loggedPair("server")
    await server.client.say({ text: "a" }, { metadata: { "grpc-previous-rpc-attempts": "2" } })
    await until(() => server.calls.length === 1)
    assert.equal(server.calls[0]!.attempts, 3)
  })

  it("of a call that never got a connection has no peer", async () => {
    const calls: LoggedCall[] = []
    const pair = retryPair(servicer, {
      connectError: () => new Error("nobody there"),
      client: { interceptors: [logging({ log: (_line, call) => calls.push(call) })] },
    })
    await failureOf(pair.client.say({ text: "a" }))
    assert.deepEqual([calls[0]!.peer, calls[0]!.status.code], [undefined, "UNAVAILABLE"])
    await pair[Symbol.asyncDispose]()
  })

  it("goes to stderr by default", async (test) => {
    const printed = test.mock.method(console, "error", () => {})
    await using pair = await createTestPair(Parrot, servicer, { client: { interceptors: [logging()] } })
    await pair.client.say({ text: "a" })
    assert.match(String(printed.mock.calls[0]!.arguments[0]), /^client unary \/test\.Parrot\/Say .* OK \d+\.\d ms$/)
  })
})
