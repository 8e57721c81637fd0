import { Metadata } from "farcall"
import type { Header } from "./gen/connectrpc/conformance/v1/conformance_pb.js"

type HeaderInit = Pick<Header, "name" | "value">

/** The suite has the values of binary keys as they stand on the wire, in base64. */
export function toMetadata(headers: readonly HeaderInit[], into: Metadata = new Metadata()): Metadata {
  for (const { name, value } of headers) {
    for (const one of value) into.append(name, isBinary(name) ? new Uint8Array(Buffer.from(one, "base64")) : one)
  }
  return into
}

export function toHeaders(metadata: Metadata): HeaderInit[] {
  const byName = new Map<string, string[]>()
  for (const [name, value] of metadata) {
    const text = typeof value === "string" ? value : Buffer.from(value).toString("base64").replace(/=+$/, "")
    const values = byName.get(name)
    if (values === undefined) byName.set(name, [text])
    else values.push(text)
  }
  return [...byName].map(([name, value]) => ({ name, value }))
}

function isBinary(name: string): boolean {
  return name.toLowerCase().endsWith("-bin")
}
