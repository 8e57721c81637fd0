import { once } from "node:events"
import { connect } from "node:net"
import { dirname, join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { ChildProgram, freePort } from "../test-support/child-program.js"
import type { Side } from "./cell.js"

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
const certificates = join(root, "packages/farcall/src/test-support/certificates")
const limitMs = 120_000

/** The interoperability programs of one side. */
export interface Programs {
  /** Whether its client takes several cases at once and prints how each went; if not, its exit code alone tells. */
  readonly severalCases: boolean
  client(flags: readonly string[]): ChildProgram
  /** Starts the server. Resolves to it and its port, once it listens. */
  serve(tls: boolean): Promise<{ readonly program: ChildProgram; readonly port: number }>
}

/**
 * The programs of a side.
 * @throws Error when it needs what is not there: grpc-go the folder FARCALL_GO, grpcio the interpreter FARCALL_PYTHON
 */
export function programsOf(side: Side): Programs {
  switch (side) {
    case "ours":
      return nodePrograms(join(root, "conformance/interop/dist"))
    case "grpc-js":
      return nodePrograms(join(root, "conformance/interop/dist/grpc-js"))
    case "grpcio": {
      const peers = join(root, "conformance/python")
      const stubs = join(root, ".cache/python-stubs/interop")
      const env = { PYTHONPATH: [peers, stubs].join(":"), PYTHONDONTWRITEBYTECODE: "1", PYTHONUNBUFFERED: "1" }
      return tellingPrograms((name) => [wanted("FARCALL_PYTHON"), join(peers, `interop/${name}.py`)], env)
    }
    case "grpc-go":
      return goPrograms(wanted("FARCALL_GO"))
  }
}

/** What makes a client's connections TLS: a name that the server's certificate has beside its address included. */
export function clientTlsFlags(): string[] {
  const roots = `--ca_file=${join(certificates, "authority.pem")}`
  return ["--use_tls=true", "--use_test_ca=true", roots, "--server_host_override=interop.test.example"]
}

function serverTlsFlags(): string[] {
  const [certificate, key] = ["server.pem", "server.key.pem"].map((name) => join(certificates, name))
  return ["--use_tls=true", `--tls_cert_file=${certificate}`, `--tls_key_file=${key}`]
}

function nodePrograms(folder: string): Programs {
  return tellingPrograms((name) => [process.execPath, join(folder, `${name}.js`)], {})
}

/** Programs that say which port they have, and how each case went. */
function tellingPrograms(
  command: (name: "client" | "server") => readonly string[],
  env: Readonly<Record<string, string>>,
): Programs {
  return {
    severalCases: true,
    client: (flags) => new ChildProgram([...command("client"), ...flags], env, limitMs),
    async serve(tls) {
      const flags = ["--port=0", ...(tls ? serverTlsFlags() : [])]
      const program = new ChildProgram([...command("server"), ...flags], env, limitMs)
      const said = await program.lineThat((line) => line.startsWith("Server started, listening on "))
      return { program, port: Number(/\d+$/.exec(said)![0]) }
    },
  }
}

function goPrograms(folder: string): Programs {
  return {
    severalCases: false,
    client: (flags) => new ChildProgram([join(folder, "interop-client"), ...flags], {}, limitMs),
    async serve(tls) {
      const port = await freePort()
      const flags = [`--port=${port}`, ...(tls ? serverTlsFlags() : [])]
      const program = new ChildProgram([join(folder, "interop-server"), ...flags], {}, limitMs)
      try {
        await listening(port)
      } catch (error) {
        await program.kill()
        throw error
      }
      return { program, port }
    },
  }
}

/** Waits until somebody listens on a port of the loopback. @throws Error when nobody does after ten seconds */
async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const socket = connect(port, "127.0.0.1")
    try {
      await once(socket, "connect")
      return
    } catch {
      await setTimeout(50)
    } finally {
      socket.destroy()
    }
  }
  throw new Error(`nobody listens on port ${port}`)
}

function wanted(variable: string): string {
  const value = process.env[variable]
  if (!value) throw new Error(`${variable} is wanting`)
  return value
}
