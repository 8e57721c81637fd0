import assert from "node:assert/strict"
import { okTrailers, responseHead } from "../../../packages/http2/dist/test-support/bad-server/bad-server-case.js"
import { goAway, ping, rstStream, settings } from "../../../packages/http2/dist/test-support/frames.js"
import type { ScriptedConnection, ScriptedServer } from "./scripted-server.js"

/** The server of one of gRPC's HTTP/2 client cases (http2-interop-test-descriptions). */
export interface CaseServer {
  /** What it does on each of its connections, its response's DATA being `response`. */
  play(connection: ScriptedConnection, response: Uint8Array): Promise<void>
  /** What it must have seen in the end. */
  check?(server: ScriptedServer): Promise<void>
}

const wholeFrame = 16_384

export const caseServers: Readonly<Record<string, CaseServer>> = {
  goaway: {
    async play(connection, response) {
      connection.greet()
      const first = await connection.request(0)
      connection.say(goAway(first, 0))
      await respond(connection, first, response)
    },
    async check({ connections }) {
      assert.equal(connections.length, 2, "the second call goes over another connection")
      for (const { requests } of connections) assert.equal(requests.length, 1)
    },
  },

  rst_after_header: {
    async play(connection) {
      connection.greet()
      const stream = await connection.request(0)
      connection.say(connection.source.headers(stream, responseHead), rstStream(stream, 0))
    },
  },

  rst_during_data: {
    play: (connection, response) => dataThenReset(connection, response.subarray(0, response.length / 2)),
  },

  rst_after_data: { play: dataThenReset },

  ping: {
    async play(connection, response) {
      connection.greet()
      const stream = await connection.request(0)
      let sent = 0
      const pings = (): void => {
        for (let i = 0; i < 3; i++) connection.say(ping([0, 0, 0, 0, 0, 0, 0, ++sent]))
      }
      pings()
      connection.say(connection.source.headers(stream, responseHead))
      pings()
      await connection.sendData(stream, response, wholeFrame, undefined)
      pings()
      connection.say(connection.source.headers(stream, okTrailers, true))
    },
    async check({ connections: [connection] }) {
      // The client may send pings of its own; answers carry the flag ACK.
      const acknowledged = () => connection!.received("PING").filter(({ flags }) => (flags & 1) !== 0)
      if (!connection!.closed) await connection!.until(() => acknowledged().length >= 9, "all pings were answered")
      assert.deepEqual(
        acknowledged().map(({ payload }) => payload[7]),
        [1, 2, 3, 4, 5, 6, 7, 8, 9],
      )
    },
  },

  max_streams: {
    async play(connection, response) {
      connection.greet()
      // The limit comes once the connection is made, as SETTINGS of their own.
      connection.say(settings(3, 1))
      for (let number = 0; number < 11; number++) {
        const stream = await connection.request(number)
        // Others, had they been opened, would have come by now.
        await new Promise((resolve) => setTimeout(resolve, 20))
        assert.equal(connection.received("HEADERS").length, number + 1, "more than one stream at a time")
        await respond(connection, stream, response)
      }
    },
    async check({ connections }) {
      assert.deepEqual(
        connections.map(({ requests }) => requests.length),
        [11],
      )
    },
  },

  // Padding that is not counted makes the sender wait for ever, as its window is used up by frames of 5 bytes.
  data_frame_padding: { play: (connection, response) => dribble(connection, response, 255) },

  no_df_padding_sanity_test: { play: (connection, response) => dribble(connection, response, undefined) },
}

async function respond(connection: ScriptedConnection, stream: number, response: Uint8Array): Promise<void> {
  connection.say(connection.source.headers(stream, responseHead))
  await connection.sendData(stream, response, wholeFrame, undefined)
  connection.say(connection.source.headers(stream, okTrailers, true))
}

async function dataThenReset(connection: ScriptedConnection, content: Uint8Array): Promise<void> {
  connection.greet()
  const stream = await connection.request(0)
  connection.say(connection.source.headers(stream, responseHead))
  await connection.sendData(stream, content, wholeFrame, undefined)
  connection.say(rstStream(stream, 0))
}

async function dribble(
  connection: ScriptedConnection,
  response: Uint8Array,
  padding: number | undefined,
): Promise<void> {
  connection.greet()
  const stream = await connection.request(0)
  connection.say(connection.source.headers(stream, responseHead))
  await connection.sendData(stream, response, 5, padding)
  connection.say(connection.source.headers(stream, okTrailers, true))
}
