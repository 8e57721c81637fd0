import { isIPv4, isIPv6 } from "node:net"
import { type Address, isLoopbackHost, splitHostPort } from "../transport/address.js"
import { type DnsOptions, dnsName } from "./dns.js"
import type { NameSource } from "./resolver.js"
import { staticName } from "./static.js"
import { unixName } from "./unix.js"

/**
 * Reads a channel's target as gRPC's naming document describes it. A text that begins with no known scheme is a DNS
 * name; a port left out is 443.
 * @throws TypeError that says what came and what forms there are.
 */
export function parseTarget(target: string, dns: DnsOptions = {}): NameSource {
  if (typeof target !== "string" || target === "") throw malformed(target, "it must be a text that is not empty")
  const [, scheme, rest] = /^(dns|unix|ipv4|ipv6):(.*)$/is.exec(target) ?? [undefined, "", target]
  switch (scheme!.toLowerCase()) {
    case "unix":
      return parseUnix(target, rest!)
    case "ipv4":
      return parseAddresses(target, rest!, isIPv4)
    case "ipv6":
      return parseAddresses(target, rest!, isIPv6)
    case "dns":
      return parseDns(target, afterAuthority(target, rest!), dns)
    default:
      return parseDns(target, rest!, dns)
  }
}

function parseDns(target: string, endpoint: string, options: DnsOptions): NameSource {
  const at = splitHostPort(endpoint)
  if (at === undefined) throw malformed(target, `${JSON.stringify(endpoint)} is not host:port`)
  return dnsName(endpoint, at, options)
}

/** `dns:host`, `dns:///host`; `dns://server/host` would name the DNS server to ask. */
function afterAuthority(target: string, rest: string): string {
  if (!rest.startsWith("//")) return rest
  if (!rest.startsWith("///")) throw malformed(target, "the DNS server is the system's and cannot be named")
  return rest.slice(3)
}

function parseUnix(target: string, rest: string): NameSource {
  // unix://absolute has an empty authority, and its path begins with the third slash.
  const path = rest.startsWith("//") ? rest.slice(2) : rest
  if (path === "") throw malformed(target, "the path of the socket is missing")
  if (rest.startsWith("//") && !path.startsWith("/")) throw malformed(target, "a path behind unix:// is absolute")
  return unixName(path)
}

function parseAddresses(target: string, rest: string, isAddress: (host: string) => boolean): NameSource {
  const texts = rest.split(",")
  const addresses = texts.map((text): Address => {
    const at = splitHostPort(text)
    if (at === undefined || !isAddress(at.host))
      throw malformed(target, `${JSON.stringify(text)} is not such an address`)
    return { kind: "tcp", host: at.host, port: at.port ?? 443 }
  })
  return staticName(
    addresses,
    texts[0]!,
    addresses.every((address) => address.kind === "tcp" && isLoopbackHost(address.host)),
  )
}

function malformed(target: unknown, why: string): TypeError {
  const given = typeof target === "string" ? JSON.stringify(target) : typeof target
  return new TypeError(
    `the target ${given} is malformed: ${why}; targets are host:port, dns:///host:port, unix:path, unix:///absolute/path, ` +
      "ipv4:1.2.3.4:5,… and ipv6:[::1]:5,…",
  )
}
