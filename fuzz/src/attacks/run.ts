import { type ChildProcess, fork, spawn } from "node:child_process"
import { cpus, totalmem, type } from "node:os"
import { fileURLToPath } from "node:url"
import { type Client, createChannel, createClient } from "farcall"
import { Parrot } from "../../../packages/farcall/dist/test-support/parrot.js"
import type { AttackerReport } from "./attacker.js"
import { floods } from "./floods.js"
import { playSlowHttp, slowHttpAttacks, slowHttpWanting } from "./slow-http.js"

/** What the server says of itself. */
interface Cost {
  readonly rss: number
  readonly most: number
  readonly cpuMs: number
}

/**
 * Plays each attack from a process of its own against a server in another, on loopback, while an honest client makes
 * calls; prints a table for docs/attacks.md, and where and when it was made.
 * @returns whether no honest call failed
 */
export async function runAttacks(seconds: number, only: readonly string[] | undefined): Promise<boolean> {
  const withTool = Object.keys(slowHttpAttacks)
  const names = [...floods.map(({ name }) => name), "half-open", ...withTool]
  const unknown = only?.filter((name) => !names.includes(name)) ?? []
  if (unknown.length > 0) {
    console.error(`no attack ${unknown.join(", ")}: there are ${names.join(", ")}`)
    return false
  }
  const wanting = slowHttpWanting()
  const taken = (only ?? names).filter((name) => wanting === undefined || !withTool.includes(name))
  console.log(`${machine()} \`npm run fuzz -- attacks${seconds === 10 ? "" : ` --seconds ${seconds}`}\`:\n`)
  console.log(`| attack | connections | cut | after (median) | by | memory, MiB | CPU | honest calls | p50 / p99, ms |`)
  console.log(`|---|---|---|---|---|---|---|---|---|`)
  let well = await row("(none)", seconds)
  for (const name of taken) well = (await row(name, lengthOf(name, seconds))) && well
  if (wanting !== undefined) console.log(`\nSKIPPED: ${withTool.join(", ")}: ${wanting}`)
  return well
}

/** An attack that time alone cuts off goes on until that is seen, if it takes no longer than a handshake may. */
function lengthOf(name: string, seconds: number): number {
  const expect = floods.find((flood) => flood.name === name)?.expect
  const afterMs = (expect?.kind === "cut" && expect.afterMs) || 0
  return afterMs <= 10_000 ? Math.max(seconds, afterMs / 1000 + (afterMs > 0 ? 2 : 0)) : seconds
}

/** What the figures are of. */
function machine(): string {
  const [cpu] = cpus()
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`
  const date = new Date().toISOString().slice(0, 10)
  return `${date}, Node ${process.version}, ${type()}, ${cpus().length} × ${cpu?.model.trim()}, ${memory};`
}

/** One attack on a server of its own. */
async function row(name: string, seconds: number): Promise<boolean> {
  const target = fork(fileURLToPath(new URL("target.js", import.meta.url)), { execArgv: ["--expose-gc"] })
  const { port } = await answer<{ port: number }>(target)
  const channel = createChannel(`127.0.0.1:${port}`)
  const client = createClient(Parrot, channel, { timeoutMs: 10_000 })
  for (let i = 0; i < 500; i++) await client.say({ text: "warm" })
  const before = await costOf(target)
  const begun = performance.now()
  const attacker = name === "(none)" ? undefined : attackBy(name, port, seconds)
  const times: number[] = []
  // The attacker takes a moment to get ready.
  const until = begun + (seconds + 1) * 1000
  const failures = await callUntil(client, until, times)
  const report = await attacker
  const wallMs = performance.now() - begun
  const after = await costOf(target)
  await channel.close()
  target.disconnect()
  times.sort((a, b) => a - b)
  const at = (part: number): string => (times[Math.floor(times.length * part)] ?? 0).toFixed(1)
  const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)
  const cells = [
    name,
    report?.connections ?? "",
    report?.cut ?? "",
    report?.cutAfterMs === undefined
      ? ""
      : `${report.cutAfterMs < 100 ? report.cutAfterMs.toFixed(1) : report.cutAfterMs.toFixed(0)} ms`,
    (report?.cut && report.code) || "",
    `${mib(before.rss)} → ${mib(after.most)}`,
    `${(((after.cpuMs - before.cpuMs) / wallMs) * 100).toFixed(0)} %`,
    `${times.length}${failures > 0 ? `, ${failures} FAILED` : ""}`,
    `${at(0.5)} / ${at(0.99)}`,
  ]
  console.log(`| ${cells.join(" | ")} |`)
  return failures === 0
}

/** One honest call every five milliseconds, not waiting for one another. Returns how many failed. */
async function callUntil(client: Client<typeof Parrot>, until: number, times: number[]): Promise<number> {
  let failures = 0
  const calls: Promise<void>[] = []
  while (performance.now() < until) {
    const begun = performance.now()
    const call = client.say({ text: "honest" }).then(
      () => void times.push(performance.now() - begun),
      () => void failures++,
    )
    calls.push(call)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await Promise.all(calls)
  return failures
}

async function attackBy(name: string, port: number, seconds: number): Promise<AttackerReport> {
  if (name in slowHttpAttacks) return playSlowHttp(name, port, seconds)
  const program = fileURLToPath(new URL("attacker.js", import.meta.url))
  const child = spawn(process.execPath, [program, name, String(port), String(seconds * 1000)], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  let output = ""
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text))
  await new Promise((resolve) => child.on("close", resolve))
  return JSON.parse(output) as AttackerReport
}

function costOf(target: ChildProcess): Promise<Cost> {
  target.send("cost")
  return answer<Cost>(target)
}

function answer<T>(target: ChildProcess): Promise<T> {
  return new Promise((resolve) => target.once("message", (message) => resolve(message as T)))
}
