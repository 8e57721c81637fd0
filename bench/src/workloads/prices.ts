import { type AskedProcess, startAsked } from "../measure/asked-process.js"
import { type Figure, lessIsBetter } from "../measure/figure.js"
import { median } from "../measure/median.js"
import { BARE, type Feature, features } from "../prices/features.js"
import { observing } from "../prices/observing.js"
import type { ClientQuestion, Slice } from "../processes/priced-client.js"
import type { ServerQuestion } from "../processes/priced-server.js"
import { programs } from "./programs.js"
import type { Bench, Workload } from "./workload.js"

/** What a call's features add to it. */
export const prices: Workload = pricesOf("prices", "price of a feature", features)

/** What being looked at adds to a call: tracers, metrics, spans. */
export const overhead: Workload = pricesOf("overhead", "price of being looked at", observing)

/**
 * What each feature adds to a unary call: CPU of its server and of its client, beside calls that are the same without
 * it. Both are measured in turns, a moment each; a pair of processes for each feature, so that nobody pays for how
 * another's calls were compiled, and new pairs each run.
 */
function pricesOf(name: string, title: string, features: ReadonlyMap<string, Feature>): Workload {
  return { name, title, run: (bench) => measure(bench, title, features) }
}

async function measure(bench: Bench, title: string, features: ReadonlyMap<string, Feature>): Promise<Figure[]> {
  const samples = new Map<string, Difference[]>()
  for (let run = 1; run <= bench.runs; run++) {
    const pairs = new Map<string, Pair>()
    const pairOf = async (name: string): Promise<Pair> => {
      if (!pairs.has(name)) pairs.set(name, await startPair(bench, name))
      return pairs.get(name)!
    }
    try {
      for (const [name, { beside = BARE }] of features) {
        if (name === BARE) continue
        bench.progress(`${title}: ${name}, run ${run} of ${bench.runs}`)
        const difference = await compare(bench, await pairOf(name), await pairOf(beside))
        samples.set(name, [...(samples.get(name) ?? []), difference])
        if (![...features.values()].some((feature) => feature.beside === name)) {
          await stop(pairs.get(name)!)
          pairs.delete(name)
        }
      }
    } finally {
      await Promise.all([...pairs.values()].map(stop))
    }
  }
  return [...samples].flatMap(([name, differences]) => figures(name, features.get(name)!, differences))
}

interface Pair {
  readonly server: AskedProcess<ServerQuestion, number>
  readonly client: AskedProcess<ClientQuestion, Slice>
}

/** Microseconds of CPU a call. */
interface Cost {
  readonly server: number
  readonly client: number
}

interface Difference {
  readonly without: Cost
  readonly added: Cost
}

async function startPair(bench: Bench, name: string): Promise<Pair> {
  const server = startAsked<ServerQuestion, number>(bench.cores.server, programs.pricedServer, [name])
  const port = await server.ask("port")
  const client = startAsked<ClientQuestion, Slice>(bench.cores.load, programs.pricedClient, [name, String(port)])
  const pair = { server, client }
  await warmUp(pair, Math.max(1.5, bench.seconds) * 1e6)
  return pair
}

/** What it takes to compile what is hot is not the call's price. Counted in CPU, however busy the machine is. */
async function warmUp(pair: Pair, micros: number): Promise<void> {
  const begun = performance.now()
  while (performance.now() - begun < 15_000) {
    const { cpu } = await pair.client.ask(250)
    micros -= cpu
    if (micros <= 0) return
  }
}

async function stop({ server, client }: Pair): Promise<void> {
  await Promise.all([client.stop(), server.stop()])
}

/** How long the two take turns, in milliseconds. */
const TURN = 50

async function compare(bench: Bench, priced: Pair, plain: Pair): Promise<Difference> {
  const without: Cost[] = []
  const added: Cost[] = []
  for (let turn = 0; turn < (bench.seconds * 1000) / TURN; turn++) {
    const before = await slice(plain, TURN)
    const between = await slice(priced, TURN)
    without.push(before)
    added.push({ server: between.server - before.server, client: between.client - before.client })
  }
  return { without: middle(without), added: middle(added) }
}

async function slice({ server, client }: Pair, milliseconds: number): Promise<Cost> {
  const before = await server.ask("cpu")
  const { calls, cpu } = await client.ask(milliseconds)
  return { server: ((await server.ask("cpu")) - before) / calls, client: cpu / calls }
}

function middle(costs: readonly Cost[]): Cost {
  return { server: median(costs.map(({ server }) => server)), client: median(costs.map(({ client }) => client)) }
}

/** Of each end, and of the call as a whole, for which the goal is: what slows one end down shows a little on the other. */
function figures(name: string, { beside = BARE, atMost }: Feature, differences: readonly Difference[]): Figure[] {
  const without = middle(differences.map((difference) => difference.without))
  const added = middle(differences.map((difference) => difference.added))
  const figure = (end: string, plain: number, more: number, goal?: number): Figure =>
    lessIsBetter(`price: ${name}`, `${end} CPU µs/call, ${signed(more)}`, plain + more, `with ${beside}`, plain, goal)
  const goal = atMost === undefined ? undefined : Math.round(100 / atMost) / 100
  return [
    figure("server", without.server, added.server),
    figure("client", without.client, added.client),
    figure("both", without.server + without.client, added.server + added.client, goal),
  ]
}

function signed(micros: number): string {
  return `${micros < 0 ? "−" : "+"}${Math.abs(micros).toFixed(2)}`
}
