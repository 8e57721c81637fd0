import { spawn, spawnSync } from "node:child_process"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { AttackerReport } from "./attacker.js"

/** The attacks of `slowhttptest`, which speaks HTTP/1.1, by the names of their rows; and its flags for them. */
export const slowHttpAttacks: Readonly<Record<string, readonly string[]>> = {
  "slowhttptest -H (slow headers)": ["-H"],
  "slowhttptest -B (slow body)": ["-B"],
  "slowhttptest -X (slow read)": ["-X", "-w", "1", "-y", "64", "-n", "1", "-z", "1"],
}

/** What is wanting for them, or undefined. */
export function slowHttpWanting(): string | undefined {
  const { error } = spawnSync(program, ["-h"])
  return error === undefined ? undefined : `${program} is not installed (Debian: apt-get install ${program})`
}

/** Opens 200 connections a second, each of which says or reads a little every second, and counts what became of them. */
export async function playSlowHttp(name: string, port: number, seconds: number): Promise<AttackerReport> {
  const folder = await mkdtemp(join(tmpdir(), "slow-http-"))
  try {
    const load = ["-c", `${200 * seconds}`, "-r", "200", "-i", "1", "-l", `${seconds}`]
    const statistics = ["-g", "-o", join(folder, "statistics")]
    const target = ["-u", `http://127.0.0.1:${port}/`, "-p", "3"]
    const child = spawn(program, [...slowHttpAttacks[name]!, ...load, ...statistics, ...target], { stdio: "ignore" })
    await new Promise((resolve) => child.on("close", resolve))
    const [closed, pending, connected] = lastRow(await readFile(join(folder, "statistics.csv"), "utf8"))
    const connections = closed + pending + connected
    return { connections, cut: closed, cutAfterMs: undefined, code: "HTTP/1.1 505", bytes: 0 }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const program = "slowhttptest"

/** Of a table of "Seconds,Closed,Pending,Connected,Service Available", a row a second, each counted from the beginning. */
function lastRow(csv: string): [closed: number, pending: number, connected: number] {
  const [, closed, pending, connected] = csv.trim().split("\n").at(-1)!.split(",").map(Number)
  return [closed!, pending!, connected!]
}
