import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { createChannel } from "../client/channel.js"
import { createClient } from "../client/client.js"
import type { Interceptor } from "../core/interceptor.js"
import { StatusError } from "../core/status-error.js"
import { globalTracers } from "../core/tracers.js"
import { createServer, type ServerOptions } from "../server/server.js"
import type { Servicer } from "../server/servicer.js"
import { failureOf, Gate, textsOf, until, withoutUnhandledRejections } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { retryPair, retryPolicy } from "../test-support/retry-pair.js"
import { settled } from "../test-support/settled.js"
import { createTestPair, type TestPair } from "../testing/test-pair.js"
import { type VirtualClock, virtualClock } from "../testing/virtual-clock.js"
import type { LoggedCall } from "./logged-call.js"
import type { LogLevel } from "./logger.js"
import { type LoggingOptions, levelOf, logging } from "./logging.js"

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
  readonly levels: LogLevel[]
}

async function loggedPair(
  side: "client" | "server",
  served: Partial<Servicer<typeof Parrot>> = servicer,
  options: LoggingOptions = {},
  server: ServerOptions = {},
): Promise<Logged> {
  const clock = virtualClock()
  const lines: string[] = []
  const calls: LoggedCall[] = []
  const levels: LogLevel[] = []
  const log = (line: string, call: LoggedCall, level: LogLevel): void => {
    lines.push(line)
    calls.push(call)
    levels.push(level)
  }
  const tracers = [logging({ log, ...options })]
  const { client, close } = await createTestPair(Parrot, served, {
    transport: "memory",
    clock,
    server: { onHandlerError: () => {}, ...server, ...(side === "server" ? { tracers } : {}) },
    channel: side === "client" ? { tracers } : {},
  })
  return { client, clock, lines, calls, levels, [Symbol.asyncDispose]: close }
}

for (const side of ["client", "server"] as const) {
  const [request, response] = side === "client" ? ["sent", "received"] : ["received", "sent"]

  describe(`logging on the ${side}`, () => {
    it("writes one line for a call of each kind, with what went each way", async () => {
      await using pair = await loggedPair(side)
      await pair.client.say({ text: "abc" })
      await pair.client.gather([{ text: "a" }, { text: "bc" }])
      await textsOf(pair.client.repeat({ text: "a" }))
      await textsOf(pair.client.chat([{ text: "a" }, { text: "b" }]))
      await until(() => pair.lines.length === 4)
      const lines = pair.lines.map((line) => line.replace(/in-memory:\d+/, "PEER"))
      const gathered =
        side === "client"
          ? "received 3 bytes, sent 3 bytes in 2 messages"
          : "received 3 bytes in 2 messages, sent 3 bytes"
      assert.deepEqual(lines, [
        `${side} unary /test.Parrot/Say PEER OK 0.0 ms, received 3 bytes, sent 3 bytes`,
        `${side} clientStreaming /test.Parrot/Gather PEER OK 0.0 ms, ${gathered}`,
        `${side} serverStreaming /test.Parrot/Repeat PEER OK 0.0 ms, received 1 bytes, sent 1 bytes`,
        `${side} bidiStreaming /test.Parrot/Chat PEER OK 0.0 ms, received 2 bytes in 2 messages, sent 2 bytes in 2 messages`,
      ])
      assert.deepEqual(pair.levels, ["info", "info", "info", "info"])
    })

    it("tells the status and its text, on one line whatever is in it", async () => {
      await using pair = await loggedPair(side, failing)
      assert.equal((await failureOf(pair.client.say({ text: "a" }))).code, "NOT_FOUND")
      await until(() => pair.lines.length === 1)
      assert.match(
        pair.lines[0]!,
        new RegExp(
          `^\\w+ unary /test\\.Parrot/Say \\S+ NOT_FOUND "no \\\\"Ada\\\\"\\\\nhere" 0\\.0 ms, ${request} 1 bytes$`,
        ),
      )
      assert.equal(pair.calls[0]!.endedBy, "server")
    })

    it("measures by the call's clock until it is over, its stream of responses with it", async () => {
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
      const [received, sent] = side === "client" ? [2, 1] : [1, 2]
      assert.deepEqual([pair.calls[0]!.receivedMessages, pair.calls[0]!.sentMessages], [received, sent])
      assert.match(pair.lines[0]!, new RegExp(` OK 1234\\.0 ms, .*${response} 2 bytes in 2 messages`))
    })

    it("shows no metadata but the request's id, unless asked; then no secrets", async () => {
      const metadata = {
        authorization: "Bearer top-secret",
        "x-api-key": "top-secret",
        "x-tenant": ["1", "2"],
        "x-bin": new TextEncoder().encode("top-secret"),
        "x-request-id": "r 42",
      }
      await using quiet = await loggedPair(side)
      await quiet.client.say({ text: "a" }, { metadata })
      await until(() => quiet.lines.length === 1)
      assert.match(quiet.lines[0]!, / sent 1 bytes, request "r 42"$/)
      assert.deepEqual(Object.keys(quiet.calls[0]!.metadata), [])

      await using open = await loggedPair(side, servicer, { metadata: true, requestId: "x-tenant" })
      await open.client.say({ text: "a" }, { metadata })
      await until(() => open.lines.length === 1)
      const { "user-agent": _, ...told } = open.calls[0]!.metadata
      assert.deepEqual(
        { ...told },
        {
          authorization: "(17 bytes)",
          "x-api-key": "(10 bytes)",
          "x-tenant": "1, 2",
          "x-bin": "(10 bytes)",
          "x-request-id": "r 42",
        },
      )
      assert.match(open.lines[0]!, /, request 1 \{.*x-tenant="1, 2" x-bin="\(10 bytes\)"/)
      assert.doesNotMatch(open.lines[0]! + JSON.stringify(open.calls[0]), /top-secret/)

      await using listed = await loggedPair(side, servicer, { metadata: ["X-Tenant", "x-bin"] })
      await listed.client.say({ text: "a" }, { metadata })
      await until(() => listed.lines.length === 1)
      const { metadata: named } = listed.calls[0]!
      assert.deepEqual(
        [named["x-tenant"], named["x-request-id"], named["authorization"]],
        ["1, 2", "(4 bytes)", "(17 bytes)"],
      )
      assert.equal(Buffer.from(named["x-bin"]!, "base64").toString(), "top-secret")
    })

    it("is given to a logger by the status' level, or not at all", async () => {
      const told: string[] = []
      const teller = (level: string) => (line: string) => told.push(`${level} ${line.split(" ").slice(4, 5)}`)
      const log = { debug: teller("debug"), info: teller("info"), warn: teller("warn"), error: teller("error") }
      const codes = ["OK", "NOT_FOUND", "ABORTED", "INTERNAL"] as const
      const answers: Partial<Servicer<typeof Parrot>> = {
        say(request) {
          const code = codes[Number(request.text)]!
          if (code !== "OK") throw new StatusError(code, "no")
          return request
        },
      }
      await using pair = await loggedPair(side, answers, { log })
      for (const index of codes.keys()) await pair.client.say({ text: `${index}` }).catch(() => {})
      await until(() => told.length === 4)
      assert.deepEqual(told, ["info OK", "info NOT_FOUND", "warn ABORTED", "error INTERNAL"])

      await using some = await loggedPair(side, answers, {
        level: ({ status }) => (status.code === "OK" ? undefined : "debug"),
      })
      for (const index of codes.keys()) await some.client.say({ text: `${index}` }).catch(() => {})
      await until(() => some.levels.length === 3)
      assert.deepEqual(some.levels, ["debug", "debug", "debug"])
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
  it("on a server sees what never comes to a handler", async () => {
    const refusing: Interceptor = () => async () => {
      throw new StatusError("PERMISSION_DENIED", "no")
    }
    await using refused = await loggedPair("server", servicer, {}, { interceptors: [refusing] })
    await failureOf(refused.client.say({ text: "a" }))
    await until(() => refused.lines.length === 1)
    assert.equal(refused.calls[0]!.status.code, "PERMISSION_DENIED")

    const gate = new Gate()
    const waits: Partial<Servicer<typeof Parrot>> = { say: (request) => gate.opened.then(() => request) }
    await using full = await loggedPair("server", waits, {}, { maxRunningCalls: 1, maxQueuedCalls: 0 })
    const running = full.client.say({ text: "a" })
    assert.equal((await failureOf(full.client.say({ text: "b" }))).code, "RESOURCE_EXHAUSTED")
    await until(() => full.lines.length === 1)
    assert.equal(full.levels[0], "warn")
    gate.open()
    await running
  })

  it("on a server tells of methods that are not there, as the client wrote them", async () => {
    const lines: string[] = []
    const server = createServer({ tracers: [logging({ log: (line) => lines.push(line) })] })
    await using channel = createChannel(`${await server.listen("127.0.0.1:0")}`)
    const say = { ...Parrot.methods.say, path: "/test.Parrot/{}" }
    const client = createClient({ ...Parrot, methods: { ...Parrot.methods, say } }, channel)
    assert.equal((await failureOf(client.say({ text: "a" }))).code, "UNIMPLEMENTED")
    await until(() => lines.length === 1)
    assert.match(lines[0]!, /^server unknown \/test\.Parrot\/\{\} ipv4:\S+ UNIMPLEMENTED "/)
    await channel.close()
    await server.shutdown()
  })

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
        method: { retryPolicy: { ...retryPolicy, initialBackoff: "0.1s", backoffMultiplier: 1 } },
        channel: { tracers: [logging({ log: (line, call) => lines.push(`${line} by ${call.attempts}`) })] },
      },
    )
    const call = pair.client.say({ text: "a" })
    await pair.clock.advance(500)
    await call
    assert.match(
      lines[0]!,
      /in-memory:\d+ OK 200\.0 ms, received 1 bytes, sent 3 bytes in 3 messages, 3 attempts by 3$/,
    )
    await pair[Symbol.asyncDispose]()

    await using server = await loggedPair("server")
    await server.client.say({ text: "a" }, { metadata: { "grpc-previous-rpc-attempts": "2" } })
    await until(() => server.calls.length === 1)
    assert.equal(server.calls[0]!.attempts, 3)
    assert.match(server.lines[0]!, /, attempt 3$/)
  })

  it("of a call that never got a connection has no peer", async () => {
    const calls: LoggedCall[] = []
    const pair = retryPair(servicer, {
      connectError: () => new Error("nobody there"),
      channel: { tracers: [logging({ log: (_line, call) => calls.push(call) })] },
    })
    await failureOf(pair.client.say({ text: "a" }))
    assert.deepEqual(
      [calls[0]!.peer, calls[0]!.status.code, calls[0]!.endedBy],
      [undefined, "UNAVAILABLE", "connection"],
    )
    await pair[Symbol.asyncDispose]()
  })

  it("goes to stderr by default, of both sides where it watches the whole process", async (test) => {
    const printed = test.mock.method(console, "error", () => {})
    const remove = globalTracers.add(logging())
    try {
      const { client, close } = await createTestPair(Parrot, servicer)
      await client.say({ text: "a" })
      await close()
    } finally {
      remove()
    }
    const lines = printed.mock.calls.map(({ arguments: [line] }) => String(line)).sort()
    assert.equal(lines.length, 2)
    assert.match(lines[0]!, /^client unary \/test\.Parrot\/Say .* OK \d+\.\d ms, received 1 bytes, sent 1 bytes$/)
    assert.match(lines[1]!, /^server unary \/test\.Parrot\/Say /)
  })

  it("takes a logger or a function", () => {
    assert.throws(() => logging({ log: "stderr" as never }), /log must be an object or a function, not "stderr"/)
    assert.throws(() => logging({ log: {} as never }), /log must be a logger, or a function/)
    assert.equal(levelOf("UNAVAILABLE"), "warn")
  })
})
