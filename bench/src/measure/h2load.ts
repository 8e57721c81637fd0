import { spawnSync } from "node:child_process"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { runPinned } from "./pinned-process.js"

/** Load of unary calls: the same request again and again. */
export interface UnaryLoad {
  /** What it is to be: gRPC over HTTP/2 unless something else is said. */
  readonly protocol?: "grpc" | "json over HTTP/1.1"
  readonly connections: number
  /** Calls at once on each connection. */
  readonly streams: number
  /** The request's body: of gRPC the message with its 5-byte prefix. */
  readonly request: Uint8Array
  /** Bytes of each response's body. */
  readonly responseLength: number
}

/** @throws Error that says how to get h2load when it is not there */
export function requireH2load(): void {
  if (spawnSync("h2load", ["--version"]).error === undefined) return
  throw new Error(
    "h2load is missing, which makes the load on unary servers: apt-get install nghttp2-client (Debian, Ubuntu), " +
      "dnf install nghttp2 (Fedora), brew install nghttp2",
  )
}

/**
 * Makes `calls` unary calls from one core, as fast as they are answered, and checks what h2load counted: every status
 * 200, and every response message there in its full length.
 * @returns requests a second
 * @throws Error when a call failed or its response had another length
 */
export async function h2load(core: number, url: string, load: UnaryLoad, calls: number): Promise<number> {
  return (await h2loadCounting(core, url, load, calls)).rate
}

/** The same, with the bytes that one response takes on the wire, headers and all. */
export async function h2loadCounting(
  core: number,
  url: string,
  load: UnaryLoad,
  calls: number,
): Promise<{ readonly rate: number; readonly bytes: number }> {
  return withRequestFile(load.request, async (file) => {
    const output = await runPinned(core, "h2load", [...argumentsOf(load, calls), "-d", file, url])
    const rate = requestsPerSecond(output, calls, load.responseLength)
    return { rate, bytes: Number(/\((\d+)\) total/.exec(output)?.[1]) / calls }
  })
}

/**
 * The same at a given rate.
 * @returns how long each call took, in microseconds, in ascending order
 */
export async function h2loadAtRate(
  core: number,
  url: string,
  load: UnaryLoad,
  calls: number,
  callsPerSecond: number,
): Promise<Float64Array> {
  return withRequestFile(load.request, async (file) => {
    const log = `${file}.log`
    const pace = [`--rps=${callsPerSecond / load.connections}`, `--log-file=${log}`]
    const output = await runPinned(core, "h2load", [...argumentsOf(load, calls), ...pace, "-d", file, url])
    requestsPerSecond(output, calls, load.responseLength)
    // Columns: when it began, its status, how long it took.
    const lines = (await readFile(log, "latin1")).trimEnd().split("\n")
    return Float64Array.from(lines, (line) => Number(line.split("\t")[2])).sort()
  })
}

function argumentsOf(load: UnaryLoad, calls: number): string[] {
  const shape = [`-c${load.connections}`, `-m${load.streams}`, "-t1", `-n${calls}`]
  if (load.protocol === "json over HTTP/1.1") return [...shape, "--h1", "-H", "content-type: application/json"]
  return [...shape, "-H", "content-type: application/grpc", "-H", "te: trailers"]
}

async function withRequestFile<Result>(request: Uint8Array, use: (file: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "farcall-bench-"))
  try {
    const file = join(folder, "request")
    await writeFile(file, request)
    return await use(file)
  } finally {
    await rm(folder, { recursive: true })
  }
}

function requestsPerSecond(output: string, calls: number, responseLength: number): number {
  const counted = (pattern: RegExp): number => Number(pattern.exec(output)?.[1])
  // A call that failed in gRPC's own way has status 200 too, but no message.
  const bytesExpected = calls * responseLength
  if (
    counted(/(\d+) succeeded/) !== calls ||
    counted(/(\d+) 2xx/) !== calls ||
    counted(/\((\d+)\) data/) !== bytesExpected
  ) {
    throw new Error(`not all of ${calls} calls were answered with ${responseLength} bytes each:\n${output}`)
  }
  return counted(/, ([\d.]+) req\/s/)
}
