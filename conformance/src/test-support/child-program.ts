import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"

/** A program run by a test: its stdout by lines, and an end that always comes. */
export class ChildProgram {
  /** The complete lines of stdout so far. */
  readonly lines: string[] = []
  private stderr = ""
  private readonly child: ChildProcess
  private readonly name: string
  private readonly ended: Promise<unknown>
  private onLine: (() => void) | undefined

  /**
   * @param limitMs after so many milliseconds the program is killed, whatever it does
   */
  constructor(command: readonly string[], env: Readonly<Record<string, string>>, limitMs: number) {
    const [program, ...flags] = command as readonly [string, ...string[]]
    this.name = command.join(" ")
    // The test runner marks its children by this variable; a program under test is none of them.
    const { NODE_TEST_CONTEXT: _, ...inherited } = process.env
    this.child = spawn(program, flags, {
      env: { ...inherited, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: limitMs,
      killSignal: "SIGKILL",
    })
    this.ended = once(this.child, "close")
    this.ended.catch(() => {}) // Whoever waits for the end is told.
    let rest = ""
    this.child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      const parts = (rest + text).split("\n")
      rest = parts.pop()!
      this.lines.push(...parts)
      this.onLine?.()
    })
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.stderr += text))
  }

  /** The first line of stdout, once it is there. @throws Error when the program ends without one. */
  firstLine(): Promise<string> {
    return this.lineThat(() => true)
  }

  /** The first line of stdout that is as wanted. @throws Error when the program ends without one. */
  async lineThat(isWanted: (line: string) => boolean): Promise<string> {
    for (let seen = 0; ; ) {
      const line = this.lines.slice(seen).find(isWanted)
      if (line !== undefined) return line
      seen = this.lines.length
      const more = new Promise<boolean>((resolve) => (this.onLine = () => resolve(true)))
      if (!(await Promise.race([more, this.ended.then(() => this.lines.length > seen)]))) break
    }
    throw new Error(`${this.name} ended without the line waited for\n${this.lines.join("\n")}\n${this.stderr}`)
  }

  /** Waits for the program's end. @throws Error, with its stderr, when that is not exit 0. */
  async end(): Promise<readonly string[]> {
    await this.ended
    const { exitCode, signalCode } = this.child
    if (exitCode === 0) return this.lines
    throw new Error(`${this.name} ended with ${exitCode ?? signalCode}\n${this.lines.join("\n")}\n${this.stderr}`)
  }

  /** Asks the program to end, as a terminal or a supervisor does. */
  interrupt(signal: "SIGINT" | "SIGTERM"): void {
    this.child.kill(signal)
  }

  /** Ends the program now if it is still there. */
  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill("SIGKILL")
    await this.ended
  }
}

/** A port of the loopback that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, "close")
  return port
}

/** Whether nobody listens on a port of the loopback just now. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1")
  try {
    await once(server, "listening")
  } catch {
    return false
  }
  server.close()
  await once(server, "close")
  return true
}
