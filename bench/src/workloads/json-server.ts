import { lessIsBetter, moreIsBetter } from "../measure/figure.js"
import { h2loadCounting, requireH2load, type UnaryLoad } from "../measure/h2load.js"
import { median } from "../measure/median.js"
import { startServer } from "../measure/pinned-process.js"
import { processCpuMicros } from "../measure/process-cpu.js"
import { alternate } from "./alternate.js"
import { answer, callsFor, framed, message, method } from "./one-call.js"
import { programs } from "./programs.js"
import type { Workload } from "./workload.js"

/** The same call as JSON: HTTP/1.1 needs a connection for each that is under way. */
const loads: Readonly<Record<"farcall" | "fastify", UnaryLoad>> = {
  farcall: { connections: 1, streams: 100, request: framed(message), responseLength: framed(answer).length },
  fastify: {
    protocol: "json over HTTP/1.1",
    connections: 100,
    streams: 1,
    request: Buffer.from(JSON.stringify({ message })),
    responseLength: JSON.stringify({ message: answer }).length,
  },
}

/** gRPC beside what most services speak. */
export const jsonServer: Workload = {
  name: "json-http1",
  title: "100 calls at once, beside JSON over HTTP/1.1",
  async run(bench) {
    requireH2load()
    const { server: core, load: loadCore } = bench.cores
    const servers = {
      farcall: await startServer(core, programs.echoServer, ["--host", "127.0.0.1", "--port", "0"]),
      fastify: await startServer(core, programs.fastifyServer, []),
    }
    try {
      const urlOf = (name: keyof typeof servers): string => `http://127.0.0.1:${servers[name].port}/${method}`
      const calls = { farcall: 0, fastify: 0 }
      for (const name of ["farcall", "fastify"] as const) {
        bench.progress(`${this.title}: warming up ${name}`)
        calls[name] = await callsFor(bench, urlOf(name), loads[name])
      }
      const samples = await alternate(bench, this.title, ["farcall", "fastify"], async (name) => {
        const before = processCpuMicros(servers[name].pid)
        const { rate, bytes } = await h2loadCounting(loadCore, urlOf(name), loads[name], calls[name])
        return { rate, bytes, cpu: (processCpuMicros(servers[name].pid) - before) / calls[name] }
      })
      const middle = (name: keyof typeof servers, what: "rate" | "bytes" | "cpu"): number => {
        return median(samples[name].map((sample) => sample[what]))
      }
      const { title } = this
      return [
        lessIsBetter(title, "CPU µs/request", middle("farcall", "cpu"), "fastify", middle("fastify", "cpu"), 5),
        moreIsBetter(title, "requests/s", middle("farcall", "rate"), "fastify", middle("fastify", "rate")),
        lessIsBetter(title, "bytes/response", middle("farcall", "bytes"), "fastify", middle("fastify", "bytes"), 1),
      ]
    } finally {
      await Promise.all(Object.values(servers).map((server) => server.stop()))
    }
  },
}
