import type { Attributes } from "@opentelemetry/api"
import { splitHostPort } from "../transport/address.js"
import type { CalledTarget } from "./call-metrics.js"

/** A channel's target, with its scheme where it was given without one (gRPC A66: canonical form). */
export function calledTarget(target: string): CalledTarget {
  const uri = hasScheme(target) ? target : `dns:///${target}`
  const endpoint = uri.startsWith("unix:")
    ? uri.replace(/^unix:(\/\/)?/, "")
    : uri.replace(/^[^:]+:(\/\/([^/]*\/)?)?/, "")
  if (!/^(dns|passthrough|ipv4|ipv6):/.test(uri)) return { uri, address: endpoint, port: undefined }
  // Of several addresses there is no one host to name.
  const parts = splitHostPort(endpoint)
  return { uri, address: parts?.host ?? endpoint, port: parts?.port }
}

const hostAndPort = /^[^:/]+:\d+$/

function hasScheme(target: string): boolean {
  return (
    /^(in-memory|unix|unix-abstract):/.test(target) ||
    (/^[a-z][a-z0-9+.-]*:/i.test(target) && !hostAndPort.test(target))
  )
}

/** The server's name and port, out of the `:authority` that a client asked for. */
export function authorityAttributes(authority: string | undefined): Attributes {
  if (authority === undefined) return {}
  const parts = splitHostPort(authority)
  const address = { "server.address": parts?.host ?? authority }
  return parts?.port === undefined ? address : { ...address, "server.port": parts.port }
}

/** The other side's address, out of `ipv4:127.0.0.1:50051`, `ipv6:[::1]:50051`, `unix:/run/x.sock`. */
export function peerAttributes(peer: string): Attributes {
  const colon = peer.indexOf(":")
  const scheme = peer.slice(0, colon)
  const rest = peer.slice(colon + 1)
  if (scheme === "ipv4" || scheme === "ipv6") {
    const parts = splitHostPort(rest)
    if (parts?.port !== undefined) {
      return { "network.peer.address": parts.host, "network.peer.port": parts.port, "network.transport": "tcp" }
    }
  }
  return scheme === "unix"
    ? { "network.peer.address": rest, "network.transport": "unix" }
    : { "network.peer.address": rest }
}
