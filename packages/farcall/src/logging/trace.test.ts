import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { globalTracers } from "../core/tracers.js"
import { until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { createTestPair } from "../testing/test-pair.js"
import { frameListeners } from "../trace/trace.js"
import type { Logger } from "./logger.js"
import { trace } from "./trace.js"

describe("trace", () => {
  it("tells a logger, by its levels, until it is ended", async () => {
    const told: string[] = []
    const teller = (level: string) => (line: string) => void told.push(`${level} ${line}`)
    const log: Logger = { debug: teller("debug"), info: teller("info"), warn: teller("warn"), error: teller("error") }
    const end = trace({ areas: "call,http2", log })
    const { client, close } = await createTestPair(Parrot, { say: (request) => request })
    await client.say({ text: "a" })
    await client.gather([{ text: "a" }]).catch(() => {})
    await until(() => told.filter((line) => line.includes("ended")).length === 4)
    assert.ok(told.some((line) => /^debug call +client call=\d+ begins \/test\.Parrot\/Say/.test(line)))
    assert.ok(told.some((line) => /^info call +server call=\d+ .* ended OK/.test(line)))
    assert.ok(told.some((line) => /^error call +client call=\d+ .* ended UNIMPLEMENTED/.test(line)))
    assert.ok(told.some((line) => /^debug http2 +client .* > HEADERS 1 /.test(line)))

    end()
    const before = told.length
    await client.say({ text: "a" })
    await close()
    assert.equal(told.length, before)
    assert.deepEqual(
      [globalTracers.forClients, globalTracers.forServers, frameListeners.size],
      [undefined, undefined, 0],
    )
  })

  it("goes to stderr without one", async (test) => {
    const printed = test.mock.method(console, "error", () => {})
    const end = trace({ areas: "server", verbosity: "info" })
    const { close } = await createTestPair(Parrot, {})
    await close()
    end()
    const lines = printed.mock.calls.map(({ arguments: [line] }) => String(line))
    assert.ok(lines.some((line) => /^server +server=\d+ shuts down/.test(line)))
  })

  it("harms nobody when its logger fails, and says so once", async (test) => {
    const printed = test.mock.method(console, "error", () => {})
    const fail = (): never => {
      throw new Error("the log is full")
    }
    const end = trace({ areas: "all", log: { debug: fail, info: fail, warn: fail, error: fail } })
    const { client, close } = await createTestPair(Parrot, { say: (request) => request })
    assert.deepEqual(await client.say({ text: "a" }), { text: "a" })
    await close()
    end()
    assert.equal(printed.mock.callCount(), 1)
  })

  it("takes areas and verbosities that there are", () => {
    assert.throws(() => trace({ areas: "call,cals" }), /trace: areas names "cals"; there are channel, .*, all$/)
    assert.throws(() => trace({ areas: "call", verbosity: "loud" as never }), /verbosity is "loud"/)
    trace({ areas: "" })()
    trace({ areas: "all", verbosity: "none" })()
    assert.equal(globalTracers.forServers, undefined)
  })
})
