import { spawnSync } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { runPinned } from "./pinned-process.js"

/** Load of unary calls: the same gRPC request again and again. */
export interface UnaryLoad {
  readonly connections: number
  /** Calls at once on each connection. */
  readonly streams: number
  /** The request message with its 5-byte prefix. */
  readonly request: Uint8Array
  /** Bytes of each response message, its prefix included. */
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
 * Makes `calls` unary calls from one core, and checks what h2load counted: every status 200, and every response message
 * there in its full length.
 * @returns requests a second
 * @throws Error when a call failed or its response had another length
 */
export async function h2load(core: number, url: string, load: UnaryLoad, calls: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "farcall-bench-"))
  try {
    const requestFile = join(folder, "request")
    await writeFile(requestFile, load.request)
    const shape = [`-c${load.connections}`, `-m${load.streams}`, "-t1", `-n${calls}`]
    const headers = ["-H", "content-type: application/grpc", "-H", "te: trailers"]
    const output = await runPinned(core, "h2load", [...shape, ...headers, "-d", requestFile, url])
    return requestsPerSecond(output, calls, load.responseLength)
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
