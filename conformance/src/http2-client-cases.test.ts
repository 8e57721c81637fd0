import assert from "node:assert/strict"
import { dirname, join } from "node:path"
import { describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { create, toBinary } from "@bufbuild/protobuf"
import { type Client, createChannel, createClient, StatusError } from "farcall"
import { Parrot } from "../../packages/farcall/dist/test-support/parrot.js"
import { SimpleResponseSchema } from "../interop/dist/gen/grpc/testing/test_pb.js"
import { ChildProgram } from "./test-support/child-program.js"
import { caseServers } from "./test-support/http2-case-servers.js"
import { ScriptedServer } from "./test-support/scripted-server.js"

/** gRPC's HTTP/2 client cases, by their names and sizes, against servers of raw frames. */

const requestSize = 271_828
const responseSize = 314_159

function grpcMessage(body: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(body.length, 1)
  return Buffer.concat([prefix, body])
}

describe("gRPC's HTTP/2 cases, our client", () => {
  const text = "a".repeat(responseSize)
  const response = grpcMessage(Buffer.from(text))

  async function succeeds(client: Client<typeof Parrot>): Promise<void> {
    const reply = await client.say({ text: "q".repeat(requestSize) })
    assert.equal(reply.text.length, responseSize)
    assert.ok(reply.text === text)
  }

  /** RST_STREAM with NO_ERROR before the trailers is INTERNAL (checklist point 26). */
  async function fails(client: Client<typeof Parrot>): Promise<void> {
    await assert.rejects(
      async () => await client.say({ text: "q".repeat(requestSize) }),
      (error) => error instanceof StatusError && error.code === "INTERNAL",
    )
  }

  const calls: Readonly<Record<string, (client: Client<typeof Parrot>) => Promise<void>>> = {
    async goaway(client) {
      await succeeds(client)
      await succeeds(client)
    },
    rst_after_header: fails,
    rst_during_data: fails,
    rst_after_data: fails,
    ping: succeeds,
    async max_streams(client) {
      await succeeds(client)
      await Promise.all(Array.from({ length: 10 }, () => succeeds(client)))
    },
    data_frame_padding: succeeds,
    no_df_padding_sanity_test: succeeds,
  }

  for (const [name, { play, check }] of Object.entries(caseServers)) {
    it(name, { timeout: 60_000 }, async () => {
      await using server = await ScriptedServer.listen((connection) => play(connection, response))
      await using channel = createChannel(`127.0.0.1:${server.port}`)
      await calls[name]!(createClient(Parrot, channel))
      await check?.(server)
    })
  }
})

describe("gRPC's HTTP/2 cases, the interop client", () => {
  const program = join(dirname(dirname(fileURLToPath(import.meta.url))), "interop/dist/client.js")
  const body = new Uint8Array(responseSize)
  const response = grpcMessage(toBinary(SimpleResponseSchema, create(SimpleResponseSchema, { payload: { body } })))

  const start = (...flags: readonly string[]) => new ChildProgram([process.execPath, program, ...flags], {}, 60_000)

  for (const [name, { play, check }] of Object.entries(caseServers)) {
    it(name, { timeout: 60_000 }, async () => {
      await using server = await ScriptedServer.listen((connection) => play(connection, response))
      const where = ["--server_host=127.0.0.1", "--server_port", `${server.port}`, "--use_tls=false"]
      assert.deepEqual(await start(...where, `--test_case=${name}`).end(), [`${name}: passed`])
      await check?.(server)
    })
  }

  it("tells a case that went otherwise by its exit code", async () => {
    const play = caseServers["rst_after_data"]!.play
    await using server = await ScriptedServer.listen((connection) => play(connection, response))
    const where = ["--server_host", "127.0.0.1", "--server_port", `${server.port}`]
    await assert.rejects(start(...where, "--test_case", "ping").end(), /ended with 1\n[\s\S]*reset the stream/)
    await assert.rejects(start(...where, "--test_case", "none").end(), /ended with 1\n[\s\S]*no test case "none"/)
    await assert.rejects(start(...where, "--test_cas", "none").end(), /ended with 1\n[\s\S]*unknown flag --test_cas/)
  })
})
