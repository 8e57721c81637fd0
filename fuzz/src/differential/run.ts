import { isDeepStrictEqual } from "node:util"
import type { Conversation } from "./conversation.js"
import { enginePeer } from "./engine-peer.js"
import { conversationOf } from "./generator.js"
import { nodePeer } from "./node-peer.js"
import type { Peer } from "./peer.js"
import {
  type ClientView,
  comparedClient,
  comparedServer,
  expectedOfClient,
  expectedOfServer,
  nameOf,
  type Pairing,
  type PeerName,
  type ServerView,
} from "./views.js"

export interface DifferentialOptions {
  readonly conversations: number
  /** The first seed; each conversation has the next one. */
  readonly seed: number
  /** Without it the pairings with Go are left out. */
  readonly go?: Peer
  readonly progress?: (done: number) => void
}

export interface DifferentialResult {
  readonly pairings: readonly string[]
  readonly conversations: number
  readonly exchanges: number
  readonly disagreements: readonly Disagreement[]
}

/** A pairing in which somebody heard something else than was to be said. */
export interface Disagreement {
  readonly conversation: Conversation
  readonly pairing: string
  /** Those that were right in the same conversation. */
  readonly right: readonly string[]
  readonly expected: Views
  readonly got: Views
}

interface Views {
  readonly client: ClientView
  readonly server: ServerView
}

/** Ours with everyone, both ways. */
const pairings: readonly Pairing[] = [
  { client: "ours", server: "ours" },
  { client: "ours", server: "node" },
  { client: "node", server: "ours" },
  { client: "ours", server: "go" },
  { client: "go", server: "ours" },
]

const timeLimitMs = 20_000

/** Conversations under way at a time: each waits more than it works. */
const atOnce = 8

/** As many as this disagree: there is no need for more. */
const enough = 20

/** Has the same conversations held by every pairing, and compares what each end heard with what was to be said. */
export async function runDifferential(options: DifferentialOptions): Promise<DifferentialResult> {
  const { conversations, seed, go, progress } = options
  const peers: Partial<Record<PeerName, Peer>> = { ours: enginePeer, node: nodePeer, ...(go && { go }) }
  const taken = pairings.filter(({ client, server }) => peers[client] !== undefined && peers[server] !== undefined)
  const disagreements: Disagreement[] = []
  let exchanges = 0
  let next = 0
  let done = 0
  const work = async () => {
    while (next < conversations && disagreements.length < enough) {
      const conversation = conversationOf(seed + next++)
      exchanges += conversation.exchanges.length
      disagreements.push(...(await disagreementsIn(conversation, taken, peers)))
      progress?.(++done)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return { pairings: taken.map(nameOf), conversations: done, exchanges, disagreements }
}

async function disagreementsIn(
  conversation: Conversation,
  taken: readonly Pairing[],
  peers: Partial<Record<PeerName, Peer>>,
): Promise<Disagreement[]> {
  const held = await Promise.all(
    taken.map(async (pairing) => {
      const got = await hold(conversation, peers[pairing.client]!, peers[pairing.server]!)
      return { pairing, got: compared(got, conversation, pairing), expected: expectedOf(conversation, pairing) }
    }),
  )
  const right = held.filter(({ got, expected }) => isDeepStrictEqual(got, expected))
  return held
    .filter((one) => !right.includes(one))
    .map(({ pairing, expected, got }) => ({
      conversation,
      pairing: nameOf(pairing),
      right: right.map((one) => nameOf(one.pairing)),
      expected,
      got,
    }))
}

/** One conversation between two peers. */
async function hold(conversation: Conversation, client: Peer, server: Peer): Promise<Views> {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), timeLimitMs)
  const serving = await server.serve(conversation, abort.signal)
  const [clientView, serverView] = await Promise.all([
    client.call(conversation, serving.port, abort.signal),
    serving.view,
  ])
  clearTimeout(timer)
  if (!abort.signal.aborted) return { client: clientView, server: serverView }
  const fault = `it had not ended after ${timeLimitMs / 1000} s`
  return { client: { ...clientView, fault }, server: { ...serverView, fault } }
}

function expectedOf(conversation: Conversation, pairing: Pairing): Views {
  return { client: expectedOfClient(conversation, pairing), server: expectedOfServer(conversation, pairing) }
}

function compared({ client, server }: Views, conversation: Conversation, pairing: Pairing): Views {
  return {
    client: comparedClient(client, conversation, pairing),
    server: comparedServer(server, conversation, pairing),
  }
}
