import { type Figure, lessIsBetter, moreIsBetter } from "../measure/figure.js"
import { h2load, requireH2load, type UnaryLoad } from "../measure/h2load.js"
import { median } from "../measure/median.js"
import { type ServerProcess, startServer } from "../measure/pinned-process.js"
import { processCpuMicros } from "../measure/process-cpu.js"
import { farcallClient } from "../stacks/farcall-client.js"
import { alternate, type Stack } from "./alternate.js"
import { programs } from "./programs.js"
import type { Bench, Workload } from "./workload.js"

/** examples/echo itself beside an equal server of grpc-js, under h2load. */
export const unaryServers: readonly Workload[] = [
  unaryServer("unary-4x100", "unary server, 4 connections × 100 calls", 4, 100, 15),
  unaryServer("unary-100x1", "unary server, 100 connections × 1 call", 100, 1, 3),
]

const message = "Hello, World!"
const answer = `You said: ${message}`

function unaryServer(name: string, title: string, connections: number, streams: number, goal: number): Workload {
  return {
    name,
    title,
    run(bench) {
      const load = { connections, streams, request: framed(message), responseLength: framed(answer).length }
      return measureServers(bench, title, load, goal)
    },
  }
}

async function measureServers(bench: Bench, title: string, load: UnaryLoad, goal: number): Promise<Figure[]> {
  requireH2load()
  const servers: Record<Stack, ServerProcess> = {
    farcall: await startServer(bench.cores.server, programs.echoServer, ["--host", "127.0.0.1", "--port", "0"]),
    "grpc-js": await startServer(bench.cores.server, programs.grpcJsServer, []),
  }
  try {
    const calls: Record<Stack, number> = { farcall: 0, "grpc-js": 0 }
    for (const [stack, server] of Object.entries(servers) as [Stack, ServerProcess][]) {
      bench.progress(`${title}: warming up ${stack}`)
      await checkAnswer(server)
      calls[stack] = await callsFor(bench, server, load)
    }
    const samples = await alternate(bench, title, async (stack) => {
      const { pid, port } = servers[stack]
      const before = processCpuMicros(pid)
      const rate = await h2load(bench.cores.load, echoUrl(port), load, calls[stack])
      return { rate, cpu: (processCpuMicros(pid) - before) / calls[stack] }
    })
    const cpu = (stack: Stack): number => median(samples[stack].map((sample) => sample.cpu))
    const rate = (stack: Stack): number => median(samples[stack].map((sample) => sample.rate))
    return [
      lessIsBetter(title, "CPU µs/request", cpu("farcall"), "grpc-js", cpu("grpc-js"), goal),
      moreIsBetter(title, "requests/s", rate("farcall"), "grpc-js", rate("grpc-js")),
    ]
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()))
  }
}

/** What h2load counts says nothing of a message's content: that is seen here. */
async function checkAnswer(server: ServerProcess): Promise<void> {
  const client = farcallClient(`127.0.0.1:${server.port}`)
  const { message: heard } = await client.reply(message)
  await client.close()
  if (heard !== answer) throw new Error(`the server answered ${JSON.stringify(heard)}, not ${JSON.stringify(answer)}`)
}

/** Warms a server up with ever more calls, and says how many it answers in the time of one measurement. */
async function callsFor(bench: Bench, server: ServerProcess, load: UnaryLoad): Promise<number> {
  const atOnce = load.connections * load.streams
  let calls = atOnce * 20
  for (;;) {
    const rate = await h2load(bench.cores.load, echoUrl(server.port), load, calls)
    if (calls / rate > bench.seconds / 2) return Math.max(atOnce, Math.round(rate * bench.seconds))
    calls = Math.round(Math.min(calls * 4, rate * bench.seconds))
  }
}

function echoUrl(port: number): string {
  return `http://127.0.0.1:${port}/echo.Echo/Reply`
}

/** The message `{ string message = 1 }` behind gRPC's prefix, for texts under 128 bytes. */
function framed(text: string): Uint8Array {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([0, 0, 0, 0, bytes.length + 2, 0x0a, bytes.length]), bytes])
}
