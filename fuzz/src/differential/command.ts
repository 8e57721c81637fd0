import { join } from "node:path"
import { startGoPeer } from "./go-peer.js"
import { reportOf } from "./report.js"
import { runDifferential } from "./run.js"

/**
 * Runs it with all peers that are there, and prints what came of it. Go's programs are in the folder that FARCALL_GO
 * names; without it, those pairings are skipped, and said to be.
 * @returns whether all agreed
 */
export async function compareImplementations(conversations: number, seed: number): Promise<boolean> {
  const begun = performance.now()
  const programs = process.env["FARCALL_GO"]
  const go = programs === undefined ? undefined : startGoPeer(join(programs, "http2-peer"))
  const result = await runDifferential({
    conversations,
    seed,
    ...(go && { go }),
    progress: (done) => process.stderr.isTTY && process.stderr.write(`\r${done} of ${conversations}`),
  }).finally(() => go?.close?.())
  const seconds = ((performance.now() - begun) / 1000).toFixed(0)
  const last = seed + result.conversations - 1
  console.log(`${result.conversations} conversations, seeds ${seed} to ${last}, ${seconds} s`)
  console.log(`  ${result.exchanges} exchanges, each ${result.pairings.join(", ")}`)
  if (go === undefined) console.log("SKIPPED: the pairings with Go, whose programs are wanting")
  for (const disagreement of result.disagreements) console.error(`✗ ${reportOf(disagreement)}`)
  return result.disagreements.length === 0
}
