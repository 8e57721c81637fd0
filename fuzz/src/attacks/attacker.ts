import { connect } from "node:net"
import { errorCodeName } from "@farcall/http2"
import { preface } from "../wire/frame.js"
import type { Attack } from "./attack.js"
import { floods } from "./floods.js"
import { greetingOf, HostileEar } from "./hostile-peer.js"

// A hostile client in a process of its own. Arguments: the attack, the port, for how many milliseconds. It begins anew as
// often as it is cut off, and prints a line of JSON in the end.

/** What the attacker saw. */
export interface AttackerReport {
  readonly connections: number
  readonly cut: number
  /** How long it took until a connection was cut: the median, in milliseconds. */
  readonly cutAfterMs: number | undefined
  readonly code: string | undefined
  readonly bytes: number
}

const [name, port, ms] = process.argv.slice(2)
let until = performance.now() + Number(ms)
const report = name === "half-open" ? await openHalf(Number(port)) : await attack(name!, Number(port))
console.log(JSON.stringify(report))
process.exit()

async function attack(wanted: string, at: number): Promise<AttackerReport> {
  const found = withBurstsMade(floods.find((flood) => flood.name === wanted)!)
  const ends: { afterMs: number; code: string }[] = []
  let connections = 0
  let bytes = 0
  until = performance.now() + Number(ms)
  while (performance.now() < until) {
    connections++
    const end = await once(found, at, (sent) => (bytes += sent))
    if (end !== undefined) ends.push(end)
    // Else a server that cuts at once would be met by nothing but handshakes.
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const times = ends.map(({ afterMs }) => afterMs).sort((a, b) => a - b)
  return { connections, cut: ends.length, cutAfterMs: times[times.length >> 1], code: ends[0]?.code, bytes }
}

/** The same attack, its first bursts made beforehand: to write them is to be all that takes time. */
function withBurstsMade(attack: Attack): Attack {
  if (attack.pauseMs !== undefined) return attack
  const made: Uint8Array[] = []
  const stop = performance.now() + 1500
  for (let bytes = 0; bytes < 64 * 2 ** 20 && performance.now() < stop; ) {
    const burst = attack.burst(made.length)
    if (burst === undefined) break
    made.push(burst)
    bytes += burst.length
  }
  return { ...attack, burst: (n) => made[n] ?? attack.burst(n) }
}

/** One connection, until it is cut or time is up. */
function once(
  attack: Attack,
  at: number,
  sent: (bytes: number) => void,
): Promise<{ afterMs: number; code: string } | undefined> {
  return new Promise((resolve) => {
    const ear = new HostileEar(false)
    const begun = performance.now()
    const socket = connect(at, "127.0.0.1")
    const left = setTimeout(() => socket.destroy(), until - performance.now())
    let n = 0
    const speak = (): void => {
      if (socket.destroyed) return
      const burst = attack.burst(n++)
      if (burst === undefined) return
      sent(burst.length)
      const next = (): void => void (attack.pauseMs ? setTimeout(speak, attack.pauseMs) : setImmediate(speak))
      if (socket.write(burst)) next()
      else socket.once("drain", next)
    }
    socket.on("error", () => {})
    socket.on("connect", () => {
      socket.write(greetingOf(attack))
      if (attack.deaf) socket.pause()
      speak()
    })
    socket.on("data", (chunk) => {
      ear.hear(chunk)
      // It has been told to go, and is not listened to any more: it begins anew at once.
      if (ear.goAwayCode !== undefined) socket.destroy()
    })
    socket.on("close", () => {
      clearTimeout(left)
      if (performance.now() >= until) resolve(undefined)
      else {
        const code = ear.goAwayCode === undefined ? "closed" : errorCodeName(ear.goAwayCode)
        resolve({ afterMs: performance.now() - begun, code })
      }
    })
  })
}

/** Ten thousand connections that begin to speak HTTP/2 and go no further, or as many as the system lets us have. */
async function openHalf(at: number): Promise<AttackerReport> {
  const begun: number[] = []
  const lives: number[] = []
  let connections = 0
  for (let i = 0; i < 10_000 && performance.now() < until; i++) {
    const socket = connect(at, "127.0.0.1", () => {
      connections++
      begun[i] = performance.now()
      socket.write(preface.subarray(0, 3))
    })
    socket.on("error", () => {})
    // Unread, the end would never be seen.
    socket.resume()
    socket.on("close", () => lives.push(performance.now() - begun[i]!))
    if (i % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  // They are cut when the time for a preface is over; a little longer than an attack, for that to be seen.
  while (performance.now() < until + 5000 && lives.length < connections) await new Promise((r) => setTimeout(r, 50))
  lives.sort((a, b) => a - b)
  return {
    connections,
    cut: lives.length,
    cutAfterMs: lives[lives.length >> 1],
    code: "closed",
    bytes: 3 * connections,
  }
}
