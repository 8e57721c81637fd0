import assert from "node:assert/strict"
import { test } from "node:test"
import { type Channel, type Client, createChannel, createClient, StatusError } from "farcall"
import { Parrot } from "../../packages/farcall/dist/test-support/parrot.js"
import { okTrailers, responseHead } from "../../packages/http2/dist/test-support/bad-server/bad-server-case.js"
import { goAway, ping, rstStream, settings } from "../../packages/http2/dist/test-support/frames.js"
import { type ScriptedConnection, ScriptedServer } from "./test-support/scripted-server.js"

/**
 * gRPC's HTTP/2 client cases, by their names (http2-interop-test-descriptions): calls as large as theirs, against a
 * server of raw frames that does what each of them says.
 */
const requestSize = 271_828
const responseSize = 314_159
const request = { text: "q".repeat(requestSize) }
const responseText = "a".repeat(responseSize)
const responseBytes = Buffer.concat([Buffer.alloc(5), Buffer.from(responseText)])
responseBytes.writeUInt32BE(responseSize, 1)

const wholeFrame = 16_384

interface Case {
  /** What the server does on each of its connections. */
  server(connection: ScriptedConnection): Promise<void>
  client(client: Client<typeof Parrot>, server: ScriptedServer): Promise<void>
}

const cases: Readonly<Record<string, Case>> = {
  goaway: {
    async server(connection) {
      connection.greet()
      const first = await connection.request(0)
      connection.say(goAway(first, 0))
      await respond(connection, first)
    },
    async client(client, server) {
      await succeeds(client)
      assert.equal(server.connections.length, 1)
      await succeeds(client)
      assert.equal(server.connections.length, 2, "the second call goes over another connection")
      for (const { requests } of server.connections) assert.equal(requests.length, 1)
    },
  },

  rst_after_header: {
    async server(connection) {
      connection.greet()
      const stream = await connection.request(0)
      connection.say(connection.source.headers(stream, responseHead), rstStream(stream, 0))
    },
    client: fails,
  },

  rst_during_data: {
    async server(connection) {
      connection.greet()
      const stream = await connection.request(0)
      connection.say(connection.source.headers(stream, responseHead))
      await connection.sendData(stream, responseBytes.subarray(0, responseBytes.length / 2), wholeFrame, undefined)
      connection.say(rstStream(stream, 0))
    },
    client: fails,
  },

  rst_after_data: {
    async server(connection) {
      connection.greet()
      const stream = await connection.request(0)
      connection.say(connection.source.headers(stream, responseHead))
      await connection.sendData(stream, responseBytes, wholeFrame, undefined)
      connection.say(rstStream(stream, 0))
    },
    client: fails,
  },

  ping: {
    async server(connection) {
      connection.greet()
      const stream = await connection.request(0)
      let sent = 0
      const pings = (): void => {
        for (let i = 0; i < 3; i++) connection.say(ping([0, 0, 0, 0, 0, 0, 0, ++sent]))
      }
      pings()
      connection.say(connection.source.headers(stream, responseHead))
      pings()
      await connection.sendData(stream, responseBytes, wholeFrame, undefined)
      pings()
      connection.say(connection.source.headers(stream, okTrailers, true))
    },
    async client(client, server) {
      await succeeds(client)
      const [connection] = server.connections
      // The client may send pings of its own; answers carry the flag ACK.
      const acknowledged = () => connection!.received("PING").filter(({ flags }) => (flags & 1) !== 0)
      const answers = (): number[] => acknowledged().map(({ payload }) => payload[7]!)
      await connection!.until(() => answers().length >= 9, "all pings were answered")
      assert.deepEqual(answers(), [1, 2, 3, 4, 5, 6, 7, 8, 9])
    },
  },

  max_streams: {
    async server(connection) {
      connection.greet()
      // The limit comes once the connection is made, as SETTINGS of their own.
      connection.say(settings(3, 1))
      for (let number = 0; number < 11; number++) {
        const stream = await connection.request(number)
        // Others, had they been opened, would have come by now.
        await new Promise((resolve) => setTimeout(resolve, 20))
        assert.equal(connection.received("HEADERS").length, number + 1, "more than one stream at a time")
        await respond(connection, stream)
      }
    },
    async client(client, server) {
      await succeeds(client)
      await Promise.all(Array.from({ length: 10 }, () => succeeds(client)))
      assert.equal(server.connections.length, 1)
      assert.equal(server.connections[0]!.requests.length, 11)
    },
  },

  // Padding that is not counted makes the sender wait for ever, as its window is used up by frames of 5 bytes.
  data_frame_padding: { server: (connection) => dribble(connection, 255), client: succeeds },

  no_df_padding_sanity_test: { server: (connection) => dribble(connection, undefined), client: succeeds },
}

for (const [name, { server: script, client: calls }] of Object.entries(cases)) {
  test(name, { timeout: 60_000 }, async () => {
    await using server = await ScriptedServer.listen(script)
    await using channel: Channel = createChannel(`127.0.0.1:${server.port}`)
    await calls(createClient(Parrot, channel), server)
  })
}

async function respond(connection: ScriptedConnection, stream: number): Promise<void> {
  connection.say(connection.source.headers(stream, responseHead))
  await connection.sendData(stream, responseBytes, wholeFrame, undefined)
  connection.say(connection.source.headers(stream, okTrailers, true))
}

async function dribble(connection: ScriptedConnection, padding: number | undefined): Promise<void> {
  connection.greet()
  const stream = await connection.request(0)
  connection.say(connection.source.headers(stream, responseHead))
  await connection.sendData(stream, responseBytes, 5, padding)
  connection.say(connection.source.headers(stream, okTrailers, true))
}

async function succeeds(client: Client<typeof Parrot>): Promise<void> {
  const { text } = await client.say(request)
  assert.equal(text.length, responseSize)
  assert.ok(text === responseText)
}

/** RST_STREAM with NO_ERROR before the trailers is INTERNAL (checklist point 26). */
async function fails(client: Client<typeof Parrot>): Promise<void> {
  await assert.rejects(
    async () => await client.say(request),
    (error) => error instanceof StatusError && error.code === "INTERNAL",
  )
}
