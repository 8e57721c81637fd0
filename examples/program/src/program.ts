import { parseArgs } from "node:util"
import { type Server, StatusError } from "farcall"

/** `HOST:PORT` from the flags `--host` and `--port`; without them, `localhost` and the port given here. */
export function addressFlags(defaultPort: number): string {
  const { values } = parseArgs({ options: addressOptions })
  return addressOf(values, defaultPort)
}

/**
 * The flags of a server whose handlers can run on threads of their own: beside the address, `--workers N` says on how many;
 * 0: on none, but in the server's own.
 */
export function serverFlags(defaults: { readonly port: number; readonly workers: number }): {
  readonly address: string
  readonly workers: number
} {
  const { values } = parseArgs({ options: { ...addressOptions, workers: { type: "string" } } })
  return { address: addressOf(values, defaults.port), workers: Number(values.workers ?? defaults.workers) }
}

const addressOptions = { host: { type: "string" }, port: { type: "string" } } as const

function addressOf(values: { readonly host?: string; readonly port?: string }, defaultPort: number): string {
  const host = values.host ?? "localhost"
  const isBareIPv6 = host.includes(":") && !host.startsWith("[")
  return `${isBareIPv6 ? `[${host}]` : host}:${values.port ?? defaultPort}`
}

/** Serves on until SIGINT or SIGTERM, then gives the calls that are running a second to end. */
export async function untilInterrupted(server: Server): Promise<void> {
  await new Promise<void>((interrupted) => {
    process.once("SIGINT", () => interrupted())
    process.once("SIGTERM", () => interrupted())
  })
  await server.shutdown({ graceMs: 1000 })
}

/** Says on stderr with what code and message a call failed; the program will end with exit 1. */
export function reportFailure(error: unknown): void {
  console.error(error instanceof StatusError ? `${error.code}: ${error.message}` : error)
  process.exitCode = 1
}
