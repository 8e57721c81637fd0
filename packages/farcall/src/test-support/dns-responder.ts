import { createSocket } from "node:dgram"
import { once } from "node:events"

/** What a name has: `undefined` is NXDOMAIN, "silence" no answer at all. */
export type Zone = ReadonlyMap<
  string,
  { readonly a?: readonly string[]; readonly aaaa?: readonly string[]; readonly txt?: readonly string[] } | "silence"
>

export interface DnsResponder {
  /** `127.0.0.1:port`. */
  readonly address: string
  /** Every question that came: `A greeter.test`. */
  readonly questions: string[]
  close(): void
}

/** A DNS server on loopback that answers questions for A, AAAA and TXT (RFC 1035 §4). */
export async function startDnsResponder(zone: Zone): Promise<DnsResponder> {
  const socket = createSocket("udp4")
  const questions: string[] = []
  socket.on("message", (query, from) => {
    const { name, type, end } = readQuestion(query)
    questions.push(`${type === TYPE_A ? "A" : type === TYPE_TXT ? "TXT" : "AAAA"} ${name}`)
    const entry = zone.get(name)
    if (entry === "silence") return
    const records = (type === TYPE_A ? entry?.a : type === TYPE_TXT ? entry?.txt : entry?.aaaa) ?? []
    const header = Buffer.from(query.subarray(0, 12))
    header.writeUInt16BE(0x8180 | (entry === undefined ? NXDOMAIN : 0), 2)
    header.writeUInt16BE(records.length, 6)
    header.fill(0, 8)
    const answers = records.map((record) => {
      const data = type === TYPE_A ? ipv4Bytes(record) : type === TYPE_TXT ? textBytes(record) : ipv6Bytes(record)
      const head = Buffer.from([0xc0, 0x0c, 0, type, 0, 1, 0, 0, 0, 60, data.length >> 8, data.length & 255])
      return Buffer.concat([head, data])
    })
    socket.send(Buffer.concat([header, query.subarray(12, end), ...answers]), from.port, from.address)
  })
  socket.bind(0, "127.0.0.1")
  await once(socket, "listening")
  return { address: `127.0.0.1:${socket.address().port}`, questions, close: () => socket.close() }
}

const TYPE_A = 1
const TYPE_TXT = 16
const NXDOMAIN = 3

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = 12
  while (query[at] !== 0) {
    const length = query[at]!
    labels.push(query.toString("latin1", at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join("."), type: query.readUInt16BE(at + 1), end: at + 5 }
}

function ipv4Bytes(address: string): Buffer {
  return Buffer.from(address.split(".").map(Number))
}

/** In pieces of up to 255 bytes, each with its length in front. */
function textBytes(text: string): Buffer {
  const pieces = text.match(/.{1,255}/gs) ?? []
  return Buffer.concat(pieces.map((piece) => Buffer.concat([Buffer.of(piece.length), Buffer.from(piece, "latin1")])))
}

/** Eight groups, written out. */
function ipv6Bytes(address: string): Buffer {
  return Buffer.from(
    address.split(":").flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
  )
}
