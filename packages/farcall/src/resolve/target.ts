import { isIPv4, isIPv6 } from "node:net"
import { withReason } from "../core/reason.js"
import { type Address, type HostPort, type HttpProxy, isLoopbackHost, splitHostPort } from "../transport/address.js"
import { ipFamily } from "../transport/ip-family.js"
import { type DnsOptions, dnsName } from "./dns.js"
import { lookupAt, lookupTextAt } from "./dns-server.js"
import type { NameScheme, NameSource } from "./resolver.js"
import { staticName, unixName } from "./static.js"

export interface TargetOptions {
  readonly dns?: DnsOptions | undefined
  /** The proxy for connections to a host; none when left out. */
  readonly proxyFor?: ((at: HostPort) => HttpProxy | undefined) | undefined
  /** Schemes of one's own, by their names in lower case. They go before gRPC's. */
  readonly schemes?: Readonly<Record<string, NameScheme>> | undefined
}

/**
 * Reads a channel's target as gRPC's naming document describes it. A text that begins with no known scheme is a DNS
 * name; a port left out is 443.
 * @throws TypeError that says what came and what forms there are.
 */
export function parseTarget(target: string, options: TargetOptions = {}): NameSource {
  if (typeof target !== "string" || target === "") throw malformed(target, "it must be a text that is not empty")
  const [, name = "", rest = target] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(target) ?? []
  const scheme = name.toLowerCase()
  const own = options.schemes !== undefined && Object.hasOwn(options.schemes, scheme) && options.schemes[scheme]
  if (own) return own({ target, ...splitAuthority(rest) })
  switch (scheme) {
    case "unix":
      return parseUnix(target, rest)
    case "unix-abstract":
      if (rest === "") throw malformed(target, "the name of the socket is missing")
      // The system tells them from paths by a first byte of zero.
      return unixName(`\0${rest}`)
    case "ipv4":
      return parseAddresses(target, rest, isIPv4)
    case "ipv6":
      return parseAddresses(target, rest, isIPv6)
    case "passthrough":
      return parsePassthrough(target, splitAuthority(rest).endpoint)
    case "dns":
      return parseDns(target, rest, options)
    default:
      return parseHost(target, target, options)
  }
}

/** `//authority/endpoint`, or all of it the endpoint. */
function splitAuthority(rest: string): { authority: string; endpoint: string } {
  const [, authority = "", endpoint = rest] = /^\/\/([^/]*)\/(.*)$/s.exec(rest) ?? []
  return { authority, endpoint }
}

function parseHost(target: string, endpoint: string, { dns, proxyFor }: TargetOptions): NameSource {
  const at = splitHostPort(endpoint)
  if (at === undefined) throw malformed(target, `${JSON.stringify(endpoint)} is not host:port${targetHint(endpoint)}`)
  const proxy = proxyFor?.(at)
  if (proxy === undefined) return dnsName(endpoint, at, dns ?? {})
  // It is the proxy that looks the name up.
  return staticName([{ kind: "tcp", host: at.host, port: at.port ?? 443, proxy }], endpoint, false)
}

/** `dns:host`, `dns:///host`, and `dns://server/host`, which names the DNS server to ask. */
function parseDns(target: string, rest: string, options: TargetOptions): NameSource {
  const { authority, endpoint } = splitAuthority(rest)
  if (authority === "") return parseHost(target, endpoint, options)
  const server = splitHostPort(authority)
  if (server === undefined || ipFamily(server.host) === 0)
    throw malformed(target, `the DNS server ${JSON.stringify(authority)} is no IP address`)
  const dns = { ...options.dns, lookup: lookupAt(authority), textLookup: lookupTextAt(authority) }
  return parseHost(target, endpoint, { ...options, dns })
}

/** The name is not looked up here: who connects (the system, a proxy) is given it as it is. */
function parsePassthrough(target: string, endpoint: string): NameSource {
  const at = splitHostPort(endpoint)
  if (at === undefined) throw malformed(target, `${JSON.stringify(endpoint)} is not host:port`)
  return staticName([{ kind: "tcp", host: at.host, port: at.port ?? 443 }], endpoint, isLoopbackHost(at.host))
}

function parseUnix(target: string, rest: string): NameSource {
  // unix://absolute has an empty authority, and its path begins with the third slash.
  const path = rest.startsWith("//") ? rest.slice(2) : rest
  if (path === "") throw malformed(target, "the path of the socket is missing")
  if (rest.startsWith("//") && !path.startsWith("/")) throw malformed(target, "a path behind unix:// is absolute")
  return unixName(path)
}

/** For those who write what browsers take, or have not awaited `listen`. */
function targetHint(endpoint: string): string {
  if (endpoint === "[object Promise]") return " (await the promise)"
  const [scheme] = /^(http|grpc)s?:\/\//.exec(endpoint) ?? []
  if (scheme === undefined) return ""
  const tls = scheme.endsWith("s://") ? ", TLS is said by { credentials: tls() }" : ""
  return ` (leave ${JSON.stringify(scheme)} out${tls})`
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
  return withReason(
    "FARCALL_BAD_ADDRESS",
    new TypeError(
      `the target ${given} is malformed: ${why}; targets are host:port, dns:///host:port, unix:path, unix:///absolute/path, ` +
        "unix-abstract:name, ipv4:1.2.3.4:5,…, ipv6:[::1]:5,… and passthrough:///host:port",
    ),
  )
}
