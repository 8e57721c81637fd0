import { type ChildProcess, spawn } from "node:child_process"

/** A program that serves, on one core. */
export interface ServerProcess {
  readonly pid: number
  readonly port: number
  stop(): Promise<void>
}

/** Starts a Node program on one core: `startProgram` of it. */
export function startServer(
  core: number,
  program: string,
  args: readonly string[],
  nodeFlags: readonly string[] = [],
): Promise<ServerProcess> {
  return startProgram(core, process.execPath, [...nodeFlags, program, ...args])
}

/**
 * Starts a program on one core, and resolves when it has said on stdout on which port it listens: the last number of its
 * first line. One that has been told a port is not waited for.
 * @throws Error with what it printed when it ends before
 */
export async function startProgram(
  core: number,
  command: string,
  args: readonly string[],
  toldPort?: number,
): Promise<ServerProcess> {
  const child = spawn("taskset", ["-c", String(core), command, ...args], { stdio: ["ignore", "pipe", "pipe"] })
  const output = collectOutput(child)
  const ended = endOf(child)
  const announced = new Promise<number>((resolve, reject) => {
    child.stdout!.on("data", () => {
      const port = /(\d+)\s*\n/.exec(output.stdout)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
    ended.then(
      (code) => reject(new Error(`${[command, ...args].join(" ")} ended with ${code}\n${output.stderr}`)),
      reject,
    )
  })
  announced.catch(() => {}) // of one that has been told its port nobody waits for it
  const port = toldPort ?? (await announced)
  return {
    pid: child.pid!,
    port,
    async stop() {
      child.kill("SIGTERM")
      const forced = setTimeout(() => child.kill("SIGKILL"), 5000)
      await ended
      clearTimeout(forced)
    },
  }
}

/**
 * Runs a program on one core to its end, and returns what it wrote to stdout.
 * @throws Error with what it printed when it ends with anything but 0
 */
export async function runPinned(core: number, command: string, args: readonly string[]): Promise<string> {
  const child = spawn("taskset", ["-c", String(core), command, ...args], { stdio: ["ignore", "pipe", "pipe"] })
  const output = collectOutput(child)
  const code = await endOf(child)
  if (code !== 0) {
    throw new Error(`${[command, ...args].join(" ")}: ended with ${code}\n${output.stdout}${output.stderr}`)
  }
  return output.stdout
}

function collectOutput(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: "", stderr: "" }
  child.stdout!.on("data", (chunk) => (output.stdout += chunk))
  child.stderr!.on("data", (chunk) => (output.stderr += chunk))
  return output
}

function endOf(child: ChildProcess): Promise<number | string | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (code, signal) => resolve(code ?? signal))
  })
}
