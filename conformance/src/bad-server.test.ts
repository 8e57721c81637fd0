import assert from "node:assert/strict"
import { test } from "node:test"
import { createChannel, createClient } from "farcall"
import { Parrot } from "../../packages/farcall/dist/test-support/parrot.js"
import { type BadServerCase, wholeResponse } from "../../packages/http2/dist/test-support/bad-server/bad-server-case.js"
import { badServerCases } from "../../packages/http2/dist/test-support/bad-server/cases.js"
import { codeOf } from "./test-support/code-of.js"
import { type ScriptedConnection, ScriptedServer } from "./test-support/scripted-server.js"

/**
 * The engine's suite of bad servers once more, over sockets and with the whole client: two calls meet the server, each
 * ends in the status that is due, and another call on the same channel succeeds.
 */
for (const one of badServerCases) {
  test(`${one.rule}: ${one.name}: ${one.outcome}`, { timeout: 20_000 }, async () => {
    await using server = await ScriptedServer.listen((connection) =>
      connection.index === 0 ? misbehave(connection, one) : behave(connection),
    )
    await using channel = createChannel(`127.0.0.1:${server.port}`, {
      http2: one.options,
      backoff: { initialMs: 10, maxMs: 10 },
    })
    const client = createClient(Parrot, channel)
    const statuses = await Promise.all(["one", "three"].map((text) => codeOf(client.say({ text }))))
    assert.deepEqual(statuses, one.first ? ["UNAVAILABLE", "UNAVAILABLE"] : expectedStatuses(one))
    const again = await client.say({ text: "again" }, { waitForReady: true, timeoutMs: 5_000 })
    assert.deepEqual(again, { text: "fine" })
    assert.equal(server.connections.length > 1, one.outcome.startsWith("connection") || endsByGoAway(server))
  })
}

async function misbehave(connection: ScriptedConnection, one: BadServerCase): Promise<void> {
  const { source } = connection
  if (one.first) {
    connection.polite = false
    connection.say(...one.say(source))
    return
  }
  connection.greet()
  await connection.request(1)
  connection.say(...one.say(source))
  if (one.outcome.startsWith("connection")) return
  if (one.outcome === "tolerated" && !one.answered) connection.say(...wholeResponse(source, 1))
  connection.say(...wholeResponse(source, 3))
  await behave(connection, 2)
}

/** Answers each request, from the one of that number on. */
async function behave(connection: ScriptedConnection, from = 0): Promise<void> {
  if (from === 0) connection.greet()
  for (let number = from; ; number++) {
    await connection.until(() => connection.closed || connection.requests.length > number, "a request had come")
    if (connection.closed) return
    connection.say(...wholeResponse(connection.source, connection.requests[number]!))
  }
}

function expectedStatuses(one: BadServerCase): string[] {
  const lost = one.outcome.startsWith("connection")
  const own = lost ? "UNAVAILABLE" : one.outcome === "tolerated" ? "OK" : "INTERNAL"
  return [one.status ?? own, one.neighbour ?? (lost ? "UNAVAILABLE" : "OK")]
}

function endsByGoAway(server: ScriptedServer): boolean {
  return server.connections[0]!.closed && server.connections[0]!.received("RST_STREAM").length === 0
}
