import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { after, before, describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { createServer } from "farcall"
import { addAdmin } from "farcall/admin"
import { addReflection } from "farcall/reflection"
import { protocProgram } from "./protoc.js"
import { ChildProgram, freePort, isFree } from "./test-support/child-program.js"

// grpcurl, which knows nothing of our contracts, lists, describes and calls the six systems by reflection, and asks how
// they fare. What it describes is compared with what it makes of protoc's descriptors. Needs FARCALL_GO, the folder of the
// Go programs.

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const grpcurl = join(process.env["FARCALL_GO"] ?? "", "grpcurl")
const limitMs = 60_000

interface System {
  readonly name: string
  readonly service: string
  /** All that the contract defines beside the service. */
  readonly messages: readonly string[]
  /** Of each method: the requests as JSON, and the responses. */
  readonly calls: Readonly<Record<string, readonly [requests: readonly object[], responses: readonly object[]]>>
}

const five = [0, 1, 2, 3, 4]

const systems: readonly System[] = [
  {
    name: "digestor",
    service: "digestor.Digestor",
    messages: ["digestor.DigestMessage", "digestor.DigestedMessage"],
    calls: {
      GetDigestor: [
        [{ ToDigest: "Test" }],
        [{ Digested: "532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25", WasDigest: true }],
      ],
    },
  },
  {
    name: "user-info",
    service: "example.UserInfo",
    messages: ["example.request", "example.response"],
    calls: { Info: [[{ age: 7, name: "you" }], [{ message: "Hello, you!" }]] },
  },
  {
    name: "stream-test",
    service: "example.StreamTest",
    messages: ["example.request", "example.response"],
    calls: { ClientStream: [[{ message: "a" }, { message: "b" }], [{ message: "ok!🐧" }]] },
  },
  {
    name: "grpc-demo",
    service: "demo.GRPCDemo",
    messages: ["demo.Request", "demo.Response"],
    calls: {
      SimpleMethod: [
        [{ clientId: "1", requestData: "called by grpcurl" }],
        [{ serverId: "1", responseData: "TypeScript server SimpleMethod Ok!!!!" }],
      ],
      ClientStreamingMethod: [
        five.map((i) => ({ clientId: "1", requestData: `message:${i}` })),
        [{ serverId: "1", responseData: "TypeScript server ClientStreamingMethod ok" }],
      ],
      ServerStreamingMethod: [
        [{ clientId: "1", requestData: "called by grpcurl" }],
        five.map((i) => ({ serverId: "1", responseData: `send by TypeScript server, message=${i}` })),
      ],
      BidirectionalStreamingMethod: [
        five.map((i) => ({ clientId: "1", requestData: `message: ${i}` })),
        five.map((i) => ({ serverId: "1", responseData: `send by TypeScript server, message= ${i}` })),
      ],
    },
  },
  {
    name: "format-data",
    service: "example.FormatData",
    messages: ["example.Data"],
    calls: { DoFormat: [[{ text: "hello,world!" }], [{ text: "HELLO,WORLD!" }]] },
  },
  {
    name: "echo",
    service: "echo.Echo",
    messages: ["echo.EchoRequest", "echo.EchoReply"],
    calls: { Reply: [[{ message: "Hello World!" }], [{ message: "You said: Hello World!" }]] },
  },
]

/** Beside what a system has of its own. */
const offered = [
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
]

/** Where protoc's descriptors are put. */
let scratch: string
before(async () => (scratch = await mkdtemp(join(tmpdir(), "farcall-grpcurl-"))))
after(() => rm(scratch, { recursive: true }))

for (const system of systems) {
  describe(`grpcurl and ${system.name}`, () => {
    let server: ChildProgram
    let port: number
    before(async () => {
      port = await freePort()
      server = serverOf(system.name, port)
      await server.firstLine()
    })
    after(() => server.kill())

    it("lists its service, and the methods", async () => {
      assert.deepEqual(await lines(port, "list"), [system.service, ...offered].sort())
      const methods = Object.keys(system.calls).map((method) => `${system.service}.${method}`)
      assert.deepEqual(await lines(port, "list", system.service), methods.sort())
    })

    it("describes all of the contract as it does with protoc's descriptors", async () => {
      for (const symbol of [
        system.service,
        ...Object.keys(system.calls).map((name) => `${system.service}.${name}`),
        ...system.messages,
      ]) {
        assert.deepEqual(await lines(port, "describe", symbol), await describedByProtoc(system, symbol), symbol)
      }
    })

    it("calls every method", () => callEach(system, port))

    it("asks how it fares", async () => {
      for (const service of ["", system.service]) {
        assert.deepEqual(await call(port, "grpc.health.v1.Health/Check", { service }), [{ status: "SERVING" }])
      }
      await assert.rejects(call(port, "grpc.health.v1.Health/Check", { service: "no.Such" }), /Code: NotFound/)
      await assert.rejects(lines(port, "describe", "no.Such"), /Symbol not found: no\.Such/)
    })

    it("watches it until it shuts down, and is told so first", async () => {
      const watch = new ChildProgram(
        [...command({ service: system.service }), `127.0.0.1:${port}`, "grpc.health.v1.Health/Watch"],
        {},
        limitMs,
      )
      await watch.lineThat((line) => line.includes("SERVING"))
      server.interrupt("SIGTERM")
      await server.end()
      await assert.rejects(watch.end(), /Code: Unavailable[\s\S]*the server shuts down/)
      const told = watch.lines.filter((line) => line.includes("status")).map((line) => line.trim())
      assert.deepEqual(told, ['"status": "SERVING"', '"status": "NOT_SERVING"'])
    })
  })
}

describe("grpcurl and the demo, which hosts three contracts on one port, two of which have the same names", () => {
  let demo: ChildProgram
  let port: number
  before(async () => {
    const offset = await freeOffset()
    port = 50051 + offset
    demo = new ChildProgram(
      [process.execPath, join(root, "examples/demo/dist/demo.js"), "--port-offset", `${offset}`],
      {},
      limitMs,
    )
    await demo.lineThat((line) => line.startsWith("Serving on "))
  })
  after(() => demo.kill())

  it("lists and calls all three", async () => {
    const hosted = systems.filter(({ name }) => ["user-info", "stream-test", "echo"].includes(name))
    assert.deepEqual(await lines(port, "list"), [...hosted.map(({ service }) => service), ...offered].sort())
    for (const system of hosted) await callEach(system, port)
  })

  it("describes each service, and of two messages of one name the first", async () => {
    const [userInfo, streamTest] = systems.filter(({ service }) =>
      ["example.UserInfo", "example.StreamTest"].includes(service),
    )
    for (const system of [userInfo!, streamTest!]) {
      assert.deepEqual(await lines(port, "describe", system.service), await describedByProtoc(system, system.service))
    }
    assert.deepEqual(
      await lines(port, "describe", "example.request"),
      await describedByProtoc(userInfo!, "example.request"),
    )
  })
})

describe("grpcurl and channelz", () => {
  it("walks from the servers to a connection, by reflection", async () => {
    await using server = createServer()
    addAdmin(server)
    addReflection(server)
    const port = (await server.listen("127.0.0.1:0")).port!
    assert.ok((await lines(port, "list")).includes("grpc.channelz.v1.Channelz"))
    const ask = (method: string, request: object): Promise<unknown[]> =>
      call(port, `grpc.channelz.v1.Channelz/${method}`, request)
    const [{ server: servers }] = (await ask("GetServers", {})) as [{ server: { ref: { serverId: string } }[] }]
    const { serverId } = servers[0]!.ref
    // The connection that asks is the one that there is.
    const [{ socketRef }] = (await ask("GetServerSockets", { server_id: serverId })) as [{ socketRef: object[] }]
    assert.equal(socketRef.length, 1)
    await assert.rejects(ask("GetSocket", { socket_id: "4711" }), /Code: NotFound/)
  })
})

async function callEach({ service, calls }: System, port: number): Promise<void> {
  for (const [method, [requests, responses]] of Object.entries(calls)) {
    assert.deepEqual(await call(port, `${service}/${method}`, ...requests), responses, method)
  }
}

function serverOf(system: string, port: number): ChildProgram {
  const program = join(root, "examples", system, "dist/server.js")
  return new ChildProgram([process.execPath, program, "--host", "127.0.0.1", "--port", `${port}`], {}, limitMs)
}

function command(...requests: readonly object[]): string[] {
  const data = requests.map((request) => JSON.stringify(request)).join("\n")
  return [grpcurl, "-plaintext", "-max-time", "20", ...(requests.length > 0 ? ["-d", data] : [])]
}

/** What a call answers. @throws Error with what grpcurl says of a failed one */
async function call(port: number, method: string, ...requests: readonly object[]): Promise<unknown[]> {
  const program = new ChildProgram([...command(...requests), `127.0.0.1:${port}`, method], {}, limitMs)
  const text = (await program.end()).join("\n")
  return JSON.parse(`[${text.replaceAll("}\n{", "},\n{")}]`)
}

function lines(port: number, ...words: readonly string[]): Promise<readonly string[]> {
  return new ChildProgram([...command(), `127.0.0.1:${port}`, ...words], {}, limitMs).end()
}

async function describedByProtoc(system: System, symbol: string): Promise<readonly string[]> {
  const protos = join(root, "examples", system.name, "proto")
  const set = join(scratch, `${system.name}.binpb`)
  const files = (await readdir(protos)).filter((name) => name.endsWith(".proto"))
  const { status, stderr } = spawnSync(
    protocProgram(),
    ["-I", protos, `--descriptor_set_out=${set}`, "--include_imports", ...files],
    { encoding: "utf8" },
  )
  assert.equal(status, 0, stderr)
  return new ChildProgram([grpcurl, "-protoset", set, "describe", symbol], {}, limitMs).end()
}

/** An offset at which all of the demo's ports are free. */
async function freeOffset(): Promise<number> {
  for (;;) {
    const offset = 1_000 + Math.floor(Math.random() * 14_000)
    const ports = [5001, 8080, 23333, 50051].map((port) => port + offset)
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return offset
  }
}
