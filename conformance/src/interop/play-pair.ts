import { type CaseName, caseNames, type Outcome, outcomeOf, type Pair } from "./cell.js"
import { clientTlsFlags, type Programs, programsOf } from "./programs.js"

/** Machines that run this may be busy: the soak cases are to be about calls that fail, not about slow ones. */
const patience = ["--soak_per_iteration_max_acceptable_latency_ms=10000", "--soak_overall_timeout_seconds=60"]

/**
 * Plays all cases with a pair of programs, in plaintext or over TLS.
 * @param flags further ones for the client
 * @returns how each went, by the client's word
 */
export async function playPair(
  pair: Pair,
  tls: boolean,
  flags: readonly string[],
): Promise<ReadonlyMap<CaseName, Outcome>> {
  const client = programsOf(pair.client)
  const { program: server, port } = await programsOf(pair.server).serve(tls)
  try {
    const where = ["--server_host=127.0.0.1", `--server_port=${port}`, ...(tls ? clientTlsFlags() : [])]
    const all = [...where, ...patience, ...flags]
    return client.severalCases ? await playAtOnce(client, all) : await playOneByOne(client, all)
  } finally {
    await server.kill()
  }
}

/** All in one process, which prints `name: passed` or `name: failed: why`. */
async function playAtOnce(client: Programs, flags: readonly string[]): Promise<Map<CaseName, Outcome>> {
  const program = client.client([...flags, `--test_case=${caseNames.join(",")}`])
  let silence = "the client said nothing of it"
  await program.end().catch((error: Error) => (silence += `: ${error.message}`))
  return new Map(caseNames.map((name) => [name, outcomeToldOf(name, program.lines, silence)]))
}

function outcomeToldOf(name: CaseName, lines: readonly string[], silence: string): Outcome {
  const line = lines.find((text) => text.startsWith(`${name}: `))?.slice(name.length + 2)
  return line === "passed" ? undefined : (line ?? silence)
}

async function playOneByOne(client: Programs, flags: readonly string[]): Promise<Map<CaseName, Outcome>> {
  const outcomes = new Map<CaseName, Outcome>()
  for (const name of caseNames) {
    const ended = client.client([...flags, `--test_case=${name}`]).end()
    outcomes.set(name, await outcomeOf(ended))
  }
  return outcomes
}
