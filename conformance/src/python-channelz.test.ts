import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import type { DescriptorProto } from "@bufbuild/protobuf/wkt"
import { compile } from "@farcall/tools"
import { bytesMethod, createChannel, createClient, createServer, StatusError } from "farcall"
import { addChannelz, Channelz } from "farcall/channelz"
import { ChildProgram } from "./test-support/child-program.js"

// channelz between ours and grpcio-channelz, both ways, and the two contracts.
const python = process.env["FARCALL_PYTHON"]
const folder = fileURLToPath(new URL("../python", import.meta.url))
const env = { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: "1" }
const skip = python ? false : "FARCALL_PYTHON names no Python with grpcio; npm test makes one"

const Methods = {
  typeName: "methods.Methods",
  methods: {
    answer: bytesMethod("/methods.Methods/Answer", "unary"),
    fail: bytesMethod("/methods.Methods/Fail", "unary"),
  },
} as const

const nothing = new Uint8Array(0)

/** As protobuf's JSON has it. */
type Json = Record<string, unknown>

describe("channelz", { skip }, () => {
  it("of our server, walked through by grpcio-channelz's stub", async () => {
    await using server = createServer()
    addChannelz(server)
    server.add(Methods, {
      answer: (request) => request,
      fail: () => {
        throw new StatusError("NOT_FOUND", "no such thing")
      },
    })
    const { port } = await server.listen("127.0.0.1:0")
    await using channel = createChannel(`127.0.0.1:${port}`)
    await using broken = createChannel("127.0.0.1:1")
    const client = createClient(Methods, channel)
    await client.answer(nothing)
    await client.answer(nothing)
    await assert.rejects(client.fail(nothing), StatusError)
    await assert.rejects(createClient(Methods, broken).answer(nothing), StatusError)

    const program = new ChildProgram([python!, join(folder, "channelz/client.py"), `${port}`], env, 60_000)
    const lines = await program.end()
    const told = (what: string): Json[] =>
      lines.filter((line) => line.startsWith(`${what} {`)).map((line) => JSON.parse(line.slice(what.length + 1)))

    const channels = told("channel").map((answer) => answer["channel"] as { ref: Json; data: Json })
    assert.deepEqual(
      channels.map(({ ref, data }) => [ref["name"], data["state"], data["calls_started"], data["calls_succeeded"]]),
      [
        [`127.0.0.1:${port}`, { state: "READY" }, "3", "2"],
        ["127.0.0.1:1", { state: "TRANSIENT_FAILURE" }, "1", undefined],
      ],
    )
    assert.deepEqual(
      channels.map(({ data }) => data["calls_failed"]),
      ["1", "1"],
    )
    const { events } = channels[1]!.data["trace"] as { events: Json[] }
    assert.ok(events.some(({ severity, description }) => severity === "CT_WARNING" && /REFUSED/.test(`${description}`)))
    assert.ok(events.some((event) => (event["subchannel_ref"] as Json | undefined)?.["name"] === "ipv4:127.0.0.1:1"))
    assert.equal(told("subchannel").length, 2)
    const [socket] = told("socket").map((answer) => answer["socket"] as { data: Json; local: Json; remote: Json })
    const { data, remote } = socket!
    assert.deepEqual(
      ["streams_started", "streams_succeeded", "messages_sent", "messages_received"].map((name) => data[name]),
      ["3", "3", "3", "2"],
    )
    assert.deepEqual(data["option"], [{ name: "TCP_NODELAY", value: "1" }])
    assert.ok(Number(data["local_flow_control_window"]) > 0 && Number(data["remote_flow_control_window"]) > 0)
    assert.ok(Date.parse(`${data["last_local_stream_created_timestamp"]}`) > Date.now() - 60_000)
    assert.deepEqual(remote, { tcpip_address: { ip_address: "fwAAAQ==", port } })

    const [one] = told("server").map((answer) => answer["server"] as { ref: Json; data: Json })
    assert.equal(one!.ref["name"], `ipv4:127.0.0.1:${port}`)
    assert.ok(Number(one!.data["calls_started"]) > 3)
    assert.equal(told("listening").length, 1)
    const accepted = told("accepted").map((answer) => answer["socket"] as { data: Json; local: Json })
    assert.equal(accepted.length, 2, "ours and Python's")
    assert.deepEqual(accepted[0]!.local, remote)
    assert.deepEqual(lines.slice(-3), [
      "GetChannel NOT_FOUND",
      "GetSocket NOT_FOUND",
      "GetTopChannels INVALID_ARGUMENT",
    ])
  })

  it("of grpcio's server, walked through by our client", async () => {
    const program = new ChildProgram([python!, join(folder, "channelz/server.py")], env, 60_000)
    try {
      const port = Number(await program.firstLine())
      await using channel = createChannel(`127.0.0.1:${port}`)
      const client = createClient(Methods, channel)
      await client.answer(nothing)
      await assert.rejects(client.fail(nothing), StatusError)

      const look = createClient(Channelz, channel)
      const { server: servers, end } = await look.getServers({})
      assert.equal(end, true)
      const [{ ref, data, listenSocket }] = servers as [(typeof servers)[0]]
      assert.equal(data!.callsStarted, 3n, "the look itself is one")
      assert.deepEqual([data!.callsSucceeded, data!.callsFailed], [1n, 1n])
      const { server } = await look.getServer({ serverId: ref!.serverId })
      assert.equal(server!.ref!.serverId, ref!.serverId)
      const { socketRef } = await look.getServerSockets({ serverId: ref!.serverId })
      assert.equal(socketRef.length, 1)
      const { socket } = await look.getSocket({ socketId: socketRef[0]!.socketId })
      assert.ok(socket!.data!.streamsStarted >= 5n)
      assert.ok(socket!.data!.messagesReceived >= 5n)
      assert.equal(socket!.remote!.address.case, "tcpipAddress")
      assert.equal(listenSocket.length, 1)
      assert.deepEqual((await look.getTopChannels({})).channel, [])
      await assert.rejects(look.getChannel({ channelId: 1_000_000n }), { code: "NOT_FOUND" })
    } finally {
      await program.kill()
    }
  })

  it("has the messages, fields, enums and rpcs of grpcio-channelz's contract", async () => {
    const program = new ChildProgram([python!, join(folder, "channelz/contract.py")], env, 60_000)
    const theirs = [...(await program.end())].sort()
    assert.ok(theirs.length > 150)
    const ours = await contractLines()
    assert.deepEqual(ours.sort(), theirs)
  })
})

/** Our contract, as contract.py prints theirs. */
async function contractLines(): Promise<string[]> {
  const name = "grpc/channelz/v1/channelz.proto"
  const text = await readFile(new URL(`../../packages/farcall/proto/${name}`, import.meta.url), "utf8")
  const { files, diagnostics } = compile({ files: [name], read: (path) => (path === name ? text : undefined) })
  assert.deepEqual(diagnostics, [])
  const file = files.find((each) => each.name === name)!
  const lines: string[] = []
  const visit = (message: DescriptorProto, scope: string): void => {
    const full = scope + message.name
    for (const { number, name, label, type, typeName } of message.field) {
      lines.push(`${full} ${number} ${name} ${label} ${type} ${typeName}`)
    }
    for (const { name, value } of message.enumType) {
      for (const one of value) lines.push(`${full}.${name} ${one.number} ${one.name}`)
    }
    for (const nested of message.nestedType) visit(nested, `${full}.`)
  }
  for (const message of file.messageType) visit(message, "")
  for (const { name, method } of file.service) {
    for (const { name: rpc, inputType, outputType } of method) lines.push(`${name} ${rpc} ${inputType} ${outputType}`)
  }
  return lines
}
