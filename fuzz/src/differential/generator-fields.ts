import type { Random } from "../random.js"
import type { Field } from "./conversation.js"

export const paths: readonly string[] = [
  "/",
  "/a/b",
  "/pkg.Service/Method",
  "/with?query=1&b=%20c",
  "/%E2%82%AC;p=1",
  "//x",
]

export const authorities: readonly string[] = ["peer.test", "peer.test:8080", "127.0.0.1:1", "[::1]:50051"]

/** Fields that may occur once (node:http2 refuses to send more), and those that may occur again. */
const singular: Record<string, readonly string[]> = {
  request: ["user-agent", "authorization", "content-type", "te", "referer", "if-match", "grpc-timeout"],
  informational: [],
  response: ["etag", "location", "content-type", "server", "age", "retry-after"],
}
const plural: Record<string, readonly string[]> = {
  request: ["accept", "accept-language", "cookie", "cookie", "x-forwarded-for", "cache-control", "via"],
  informational: ["link"],
  response: ["set-cookie", "set-cookie", "vary", "cache-control", "via", "link", "accept-ranges"],
}
/** Names of the kind that attack code which keeps fields in objects are among them. */
const own = [
  "x-a",
  "x-b",
  "x-trace-bin",
  "x_under",
  "__proto__",
  "constructor",
  "x-12",
  "7",
  "x!#$%&'*+.^`|~",
  "x-long-name".repeat(9),
]

/** All that a header list of one message may have: together under what every side takes. */
export function randomFields(random: Random, kind: "request" | "informational" | "response"): Field[] {
  const fields: Field[] = []
  const count = random.pick([0, 1, 3, 8, 20])
  const taken = new Set<string>()
  let size = 0
  for (let i = 0; i < count && size < 9000; i++) {
    const name = fieldName(random, kind)
    if (singular[kind]!.includes(name)) {
      if (taken.has(name)) continue
      taken.add(name)
    }
    const value = fieldValue(random, name)
    size += name.length + value.length + 32
    fields.push([name, value])
  }
  return fields
}

export function randomTrailers(random: Random): Field[] {
  return Array.from({ length: 1 + random.below(5) }, () => {
    const name = random.pick(["grpc-status", "x-a", "x-b", "x-trace-bin", "x-checksum"])
    return [name, fieldValue(random, name)] as const
  })
}

function fieldName(random: Random, kind: string): string {
  if (random.oneIn(2)) return random.pick(own)
  return random.pick(random.oneIn(2) && singular[kind]!.length > 0 ? singular[kind]! : plural[kind]!)
}

function fieldValue(random: Random, name: string): string {
  if (name === "te") return "trailers"
  // An empty one is not sent by Go's client, whose own it would take the place of.
  if (name === "user-agent") return `agent/${text(random, 1 + random.below(30), token)}`
  if (name === "cookie") return `${random.pick(["a", "b", "session"])}=${text(random, 1 + random.below(30), token)}`
  if (name.endsWith("-bin")) return Buffer.from(random.bytes(random.below(60))).toString("base64")
  // A value of few kinds is met again in the tables of HPACK.
  if (random.oneIn(3)) return random.pick(["", "1", "gzip", "no-cache", "application/grpc", "a, b, c"])
  const length = random.oneIn(12) ? random.below(4000) : random.below(60)
  return trimmed(text(random, length, random.oneIn(4) ? octets : visible))
}

const token = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~"
const visible = Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i)).join("")
/** RFC 9110 §5.5: also bytes that are not ASCII, and tabs. */
const octets = `${visible}\t${Array.from({ length: 128 }, (_, i) => String.fromCharCode(0x80 + i)).join("")}`

function text(random: Random, length: number, from: string): string {
  let made = ""
  for (let i = 0; i < length; i++) made += from[random.below(from.length)]
  return made
}

/** RFC 9113 §8.2.1: a value neither begins nor ends with white space. Those of ASCII alone: no other is one. */
function trimmed(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, "")
}
