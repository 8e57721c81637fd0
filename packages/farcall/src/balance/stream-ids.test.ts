import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { createChannelWith } from "../client/balanced-channel.js"
import { type ChannelOptions, connectionOptions } from "../client/channel-options.js"
import { createClient } from "../client/client.js"
import type { ClientTransport } from "../client/transport.js"
import { parseTarget } from "../resolve/target.js"
import { createServer } from "../server/server.js"
import { Parrot } from "../test-support/parrot.js"
import { connectHttp2 } from "../transport/connect.js"
import type { Http2Session } from "../transport/http2-session.js"

/** As many calls as a connection has stream ids here, in place of a thousand million. */
const idsEach = 50
const calls = 1_000

function withFewIds(transport: ClientTransport): ClientTransport {
  const { connection } = (transport as unknown as { session: Http2Session }).session
  const open = connection.openStream.bind(connection)
  let left = idsEach
  connection.openStream = (...head) => (left > 0 && --left >= 0 ? open(...head) : undefined)
  const accepts = (): boolean => Reflect.get(Object.getPrototypeOf(connection), "accepting", connection) as boolean
  Object.defineProperty(connection, "accepting", { get: () => left > 0 && accepts() })
  return transport
}

const options: Record<string, ChannelOptions> = {
  pick_first: {},
  round_robin: { balancing: "round_robin" },
  "several connections": { maxConnectionsPerAddress: 2, balancing: "round_robin" },
}

describe("48. stream ids that are used up under load lose no call, and none runs twice", () => {
  for (const [name, option] of Object.entries(options)) {
    it(name, async () => {
      const seen = new Map<string, number>()
      let connections = 0
      const say = async (request: { text: string }): Promise<{ text: string }> => {
        seen.set(request.text, (seen.get(request.text) ?? 0) + 1)
        await new Promise((resolve) => setImmediate(resolve))
        return request
      }
      await using first = createServer().add(Parrot, { say })
      await using second = createServer().add(Parrot, { say })
      const addresses = await Promise.all([first, second].map((server) => server.listen("127.0.0.1:0")))
      const target = `ipv4:${addresses.join(",")}`
      const connection = connectionOptions(option)
      const parts = {
        name: parseTarget(target),
        connect: async (...[address, listener, { clock, authority, signal, awaits }]: ConnectArguments) => {
          connections++
          return withFewIds(await connectHttp2(address, listener, connection(clock, authority), signal, awaits))
        },
      }
      await using channel = createChannelWith(target, parts, option)
      const client = createClient(Parrot, channel)
      let next = 0
      const worker = async (): Promise<void> => {
        while (next < calls) {
          const text = String(next++)
          assert.equal((await client.say({ text })).text, text)
        }
      }
      await Promise.all(Array.from({ length: 20 }, worker))
      assert.equal(seen.size, calls)
      assert.ok([...seen.values()].every((times) => times === 1))
      assert.ok(connections >= calls / idsEach, `${connections} connections`)
    })
  }
})

type ConnectArguments = Parameters<Parameters<typeof createChannelWith>[1]["connect"]>
