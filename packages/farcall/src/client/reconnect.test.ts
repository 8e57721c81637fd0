import assert from "node:assert/strict"
import { test } from "node:test"
import type { StatusError } from "../core/status-error.js"
import { createServer, type Server } from "../server/server.js"
import { Parrot } from "../test-support/parrot.js"
import { createChannel } from "./channel.js"
import { createClient } from "./client.js"

async function serve(address: string, greeting: string): Promise<{ server: Server; address: string }> {
  const server = createServer()
  server.add(Parrot, { say: ({ text }) => ({ text: `${greeting} ${text}` }) })
  return { server, address: (await server.listen(address)).toString() }
}

const unexpected = ({ text }: { text: string }): never => assert.fail(`answered: ${text}`)

test("after a server is restarted on its port, the next call succeeds without a word from the user", async () => {
  let { server, address } = await serve("127.0.0.1:0", "0:")
  await using channel = createChannel(address)
  const client = createClient(Parrot, channel)
  for (let round = 0; round < 5; round++) {
    assert.deepEqual(await client.say({ text: "hi" }), { text: `${round}: hi` })
    await server.shutdown()
    server = (await serve(address, `${round + 1}:`)).server
  }
  await channel.close()
  await server.shutdown()
})

test("calls that wait for ready are answered by the server that comes up", async () => {
  const first = await serve("127.0.0.1:0", "first")
  await first.server.shutdown()
  await using channel = createChannel(first.address, { backoff: { initialMs: 20, maxMs: 20 } })
  const client = createClient(Parrot, channel)
  const failed: StatusError = await client.say({ text: "hi" }).then(unexpected, (error) => error)
  assert.equal(failed.code, "UNAVAILABLE")
  assert.match(
    failed.message,
    new RegExp(`^no connection to ${first.address}: connect ECONNREFUSED ${first.address} \\(`),
  )
  const late = await client
    .say({ text: "hi" }, { waitForReady: true, timeoutMs: 50 })
    .then(unexpected, (error: StatusError) => error)
  assert.equal(late.code, "DEADLINE_EXCEEDED")
  assert.match(late.message, /while waiting for a connection to .*: connect ECONNREFUSED /)
  const answers = ["a", "b", "c"].map((text) => client.say({ text }, { waitForReady: true, timeoutMs: 10_000 }))
  const { server } = await serve(first.address, "second")
  assert.deepEqual(await Promise.all(answers), [{ text: "second a" }, { text: "second b" }, { text: "second c" }])
  await channel.close()
  await server.shutdown()
})
