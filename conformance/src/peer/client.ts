import { setTimeout as sleep } from "node:timers/promises"
import { createChannel, createClient, Metadata, StatusError } from "farcall"
import { Peer, type PeerClient } from "../gen/peer_grpc.js"
import { codeOf } from "../test-support/code-of.js"
import { peerFlags } from "./flags.js"
import { unpackText } from "./text-detail.js"

// Plays one case against a server of peer.proto and prints what it saw; the same case played from Python prints the same.
const cases: Readonly<Record<string, (peer: PeerClient) => Promise<void>>> = {
  async cancel(peer) {
    const abort = new AbortController()
    const ended = codeOf(peer.wait({}, { signal: abort.signal }))
    console.log(`handler: ${await fateOfWait(peer, "waiting")}`)
    abort.abort()
    console.log(`call: ${await ended}`)
    console.log(`handler: ${await fateOfWait(peer, "ended")}`)
  },

  async deadline(peer) {
    const { value: left } = await peer.tellTimeLeft({}, { timeoutMs: 10_000 })
    console.log(`time left: ${left > 5_000 && left <= 10_000 ? "as sent" : left}`)
    const ended = codeOf(peer.wait({}, { timeoutMs: 2_000 }))
    console.log(`handler: ${await fateOfWait(peer, "waiting")}`)
    console.log(`call: ${await ended}`)
    console.log(`handler: ${await fateOfWait(peer, "ended")}`)
  },

  async metadata(peer) {
    const metadata = new Metadata({
      "x-text": ["one", "two"],
      "x-bytes-bin": [Uint8Array.from({ length: 256 }, (_, i) => i), new Uint8Array(0)],
    })
    let headers = new Metadata()
    let trailers = new Metadata()
    await peer.exchangeMetadata(
      {},
      { metadata, onHeader: (received) => (headers = received), onTrailer: (received) => (trailers = received) },
    )
    console.log(`headers: ${headers.getAll("x-text").join(", ")}`)
    for (const bytes of trailers.getAll("x-bytes-bin")) {
      console.log(`trailers: ${bytes.length} bytes, ${Buffer.from(bytes).toString("hex")}`)
    }
  },

  async large(peer) {
    const data = Uint8Array.from({ length: 3 * 1024 * 1024 }, (_, i) => i % 256)
    const reply = await peer.reflect({ data })
    console.log(`${reply.data.length} bytes, ${Buffer.compare(reply.data, data) === 0 ? "equal" : "different"}`)
  },

  async many(peer) {
    const replies = await Promise.all(Array.from({ length: 1000 }, (_, i) => peer.echo({ text: `call ${i}` })))
    const right = replies.filter((reply, i) => reply.text === `call ${i}`)
    console.log(`${right.length} right answers of ${replies.length}`)
  },

  async stream(peer) {
    let received = 0
    let inOrder = true
    for await (const { value } of peer.count({ count: 10_000 })) inOrder = value === received++ && inOrder
    console.log(`received ${received}, ${inOrder ? "in order" : "out of order"}`)
    const total = await peer.sum(Array.from({ length: 10_000 }, (_, value) => ({ value })))
    console.log(`sent ${total.count}, sum ${total.sum}`)
  },

  async abort(peer) {
    const ending = { code: 9, message: "Grüße, 100 %:\n„nicht jetzt“ 🐧", detail: "why: übermüdet" }
    try {
      await peer.abort(ending)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      console.log(`${error.code}: ${JSON.stringify(error.message)}`)
      for (const detail of error.details) console.log(`${detail.typeUrl}: ${unpackText(detail)}`)
    }
  },
}

const flags = peerFlags()
const play = cases[flags.case]
if (play === undefined) throw new TypeError(`--case must be one of ${Object.keys(cases).join(", ")}`)
const channel = createChannel(flags.address, { credentials: flags.credentials.client })
await play(createClient(Peer, channel))
await channel.close()

/** Polls until the last call of Wait is in the wanted state on the server: its end there comes a moment later. */
async function fateOfWait(peer: PeerClient, wanted: string): Promise<string> {
  let state = ""
  for (let polls = 0; polls < 500; polls++) {
    state = (await peer.whatBecameOfWait({})).text
    if (state === wanted) break
    await sleep(10)
  }
  return state
}
