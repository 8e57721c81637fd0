import { type Figure, lessIsBetter, moreIsBetter } from "../measure/figure.js"
import { h2load, h2loadAtRate, requireH2load, type UnaryLoad } from "../measure/h2load.js"
import { median, quantile } from "../measure/median.js"
import { type ServerProcess, startServer } from "../measure/pinned-process.js"
import { processCpuMicros } from "../measure/process-cpu.js"
import { cpp } from "../peers/cpp.js"
import { go } from "../peers/go.js"
import { nghttpd } from "../peers/nghttpd.js"
import { type Peer, PeerMissing } from "../peers/peer.js"
import { alternate } from "./alternate.js"
import { greeterCall } from "./greeter-call.js"
import { answer, callsFor, echoCall, framed, method, type OneCall } from "./one-call.js"
import { programs } from "./programs.js"
import type { Bench, Workload } from "./workload.js"

/** How many times better than each peer. */
type Goals = Readonly<Record<string, number>>

/** Who is measured, and how its connections are made. */
interface Lineup {
  readonly secured: boolean
  /** Starts our server on a core. */
  readonly ours: (core: number) => Promise<ServerProcess>
  readonly peers: readonly Peer[]
}

const grpcJs: Peer = { name: "grpc-js", start: (core) => startServer(core, programs.grpcJsServer, []) }

const inPlaintext: Lineup = {
  secured: false,
  ours: (core) => startServer(core, programs.echoServer, ["--host", "127.0.0.1", "--port", "0"]),
  peers: [grpcJs, cpp, go, nghttpd(method, framed(answer))],
}

/** Those that have the Greeter. */
const greeters: Lineup = {
  secured: false,
  ours: (core) => startServer(core, programs.farcallServer, []),
  peers: [grpcJs, go],
}

const overTls: Lineup = {
  secured: true,
  ours: (core) => startServer(core, programs.farcallServer, ["--tls"]),
  peers: [{ name: "grpc-js", start: (core) => startServer(core, programs.grpcJsServer, ["--tls"]) }],
}

/** examples/echo itself beside equal servers of others, under h2load. */
export const unaryServers: readonly Workload[] = [
  unaryServer("unary-4x100", 4, 100, { "grpc-js": 20, "C++": 4, nghttpd: 1 }),
  unaryServer("unary-10x10", 10, 10, {}),
  unaryServer("unary-100x1", 100, 1, { "grpc-js": 5, "C++": 1.3 }),
  unaryServer("unary-50x20", 50, 20, { "grpc-js": 10, "grpc-go": 3 }, greeters, greeterCall),
  unaryServer("tls-unary-4x100", 4, 100, { "grpc-js": 20 }, overTls),
  unaryServer("tls-unary-10x10", 10, 10, {}, overTls),
  unaryServer("tls-unary-100x1", 100, 1, {}, overTls),
  {
    name: "unary-at-10k",
    title: "unary server at 10,000 requests/s, 4 connections",
    run(bench) {
      return withServers(bench, this.title, inPlaintext, (servers) => measureAtRate(bench, this.title, servers))
    },
  },
]

function unaryServer(
  name: string,
  connections: number,
  streams: number,
  goals: Goals,
  lineup: Lineup = inPlaintext,
  call: OneCall = echoCall,
): Workload {
  const size = call === echoCall ? "" : `, ${call.size} B`
  const shape = `${connections} connections × ${streams} call${streams === 1 ? "" : "s"}${size}`
  const title = `unary server${lineup.secured ? ", TLS" : ""}, ${shape}`
  const load = { connections, streams, ...call }
  return {
    name,
    title,
    run: (bench) =>
      withServers(bench, title, lineup, (servers) => measureFullSpeed(bench, title, lineup, servers, load, goals)),
  }
}

/** One call, so many times at once. */
type CallLoad = UnaryLoad & OneCall

/** Starts our server and all that are there of the others, one after another on the same core. */
async function withServers(
  bench: Bench,
  title: string,
  { ours, peers }: Lineup,
  measure: (servers: ReadonlyMap<string, ServerProcess>) => Promise<Figure[]>,
): Promise<Figure[]> {
  requireH2load()
  const servers = new Map<string, ServerProcess>()
  try {
    servers.set("farcall", await ours(bench.cores.server))
    for (const peer of peers) {
      bench.progress(`${title}: starting ${peer.name}`)
      try {
        servers.set(peer.name, await peer.start(bench.cores.server))
      } catch (error) {
        if (!(error instanceof PeerMissing)) throw error
        bench.skip(`the comparison with ${peer.name}`, error.message)
      }
    }
    return await measure(servers)
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()))
  }
}

async function measureFullSpeed(
  bench: Bench,
  title: string,
  { secured }: Lineup,
  servers: ReadonlyMap<string, ServerProcess>,
  load: CallLoad,
  goals: Goals,
): Promise<Figure[]> {
  const calls = await warmUp(bench, title, servers, load, secured)
  const samples = await alternate(bench, title, [...servers.keys()], async (name) => {
    const { pid, port } = servers.get(name)!
    const before = processCpuMicros(pid)
    const rate = await h2load(bench.cores.load, urlOf(load, port, secured), load, calls.get(name)!)
    return { rate, cpu: (processCpuMicros(pid) - before) / calls.get(name)! }
  })
  const cpu = (name: string): number => median(samples[name]!.map((sample) => sample.cpu))
  const rate = (name: string): number => median(samples[name]!.map((sample) => sample.rate))
  return others(servers).flatMap((name) => [
    lessIsBetter(title, "CPU µs/request", cpu("farcall"), name, cpu(name), goals[name]),
    moreIsBetter(title, "requests/s", rate("farcall"), name, rate(name)),
  ])
}

const callsPerSecond = 10_000

async function measureAtRate(
  bench: Bench,
  title: string,
  servers: ReadonlyMap<string, ServerProcess>,
): Promise<Figure[]> {
  const load: CallLoad = { connections: 4, streams: 100, ...echoCall }
  await warmUp(bench, title, servers, load)
  const samples = await alternate(bench, title, [...servers.keys()], async (name) => {
    const calls = Math.round(callsPerSecond * bench.seconds)
    return h2loadAtRate(bench.cores.load, urlOf(load, servers.get(name)!.port), load, calls, callsPerSecond)
  })
  const at = (name: string, share: number): number => median(samples[name]!.map((run) => quantile(run, share)))
  return others(servers).flatMap((name) => [
    lessIsBetter(title, "p50 µs", at("farcall", 0.5), name, at(name, 0.5)),
    lessIsBetter(title, "p99 µs", at("farcall", 0.99), name, at(name, 0.99), name === "grpc-js" ? 20 : undefined),
  ])
}

function others(servers: ReadonlyMap<string, ServerProcess>): string[] {
  return [...servers.keys()].filter((name) => name !== "farcall")
}

/** Warms all servers up, and says how many calls each answers in the time of one measurement. */
async function warmUp(
  bench: Bench,
  title: string,
  servers: ReadonlyMap<string, ServerProcess>,
  load: CallLoad,
  secured = false,
): Promise<ReadonlyMap<string, number>> {
  const calls = new Map<string, number>()
  for (const [name, server] of servers) {
    bench.progress(`${title}: warming up ${name}`)
    // What h2load counts says nothing of a message's content. A file server ends its response without gRPC's trailers.
    if (name !== "nghttpd") await load.check(`127.0.0.1:${server.port}`, secured)
    calls.set(name, await callsFor(bench, urlOf(load, server.port, secured), load))
  }
  return calls
}

function urlOf({ method }: OneCall, port: number, secured = false): string {
  return `${secured ? "https" : "http"}://127.0.0.1:${port}/${method}`
}
