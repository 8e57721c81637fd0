import { BlockList } from "node:net"
import { ipFamily } from "./ip-family.js"

/** Where a connection goes to. */
export type Address = TcpAddress | UnixAddress | InMemoryAddress

export interface TcpAddress {
  readonly kind: "tcp"
  /** An IP address, IPv6 without its brackets; a name is left to who connects. */
  readonly host: string
  readonly port: number
  /** Who connects to it in our place. */
  readonly proxy?: HttpProxy | undefined
}

/** A proxy that is asked by HTTP CONNECT. */
export interface HttpProxy {
  readonly host: string
  readonly port: number
  /** The value of `proxy-authorization`. */
  readonly authorization?: string | undefined
}

interface UnixAddress {
  readonly kind: "unix"
  /** One that begins with a zero character is a name in the system's abstract namespace. */
  readonly path: string
}

/** A server of this process that listens on no socket (`farcall/testing`). */
interface InMemoryAddress {
  readonly kind: "in-memory"
  readonly name: string
}

/** As peers are named in gRPC: `ipv4:127.0.0.1:50051`, `ipv6:[::1]:50051`, `unix:/run/x.sock`, `in-memory:7`. */
export function formatAddress(address: Address): string {
  switch (address.kind) {
    case "tcp":
      return `${tcpKinds[ipFamily(address.host)]}:${joinHostPort(address.host, address.port)}`
    case "unix":
      return formatPath(address.path)
    case "in-memory":
      return `in-memory:${address.name}`
  }
}

const tcpKinds: Record<number, string> = { 0: "passthrough", 4: "ipv4", 6: "ipv6" }

/** The path of a unix socket as a target: `unix:/run/x.sock`, `unix-abstract:name`. */
export function formatPath(path: string): string {
  return path.startsWith("\0") ? `unix-abstract:${path.slice(1)}` : `unix:${path}`
}

/** `host:port`, with brackets around an IPv6 address. */
export function joinHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
}

export interface HostPort {
  /** A name or an IP address, IPv6 without its brackets. */
  readonly host: string
  /** `undefined` when the text names none. */
  readonly port: number | undefined
}

/**
 * Takes `host:port`, `host`, `[v6]:port`, `[v6]` and `v6` apart.
 * @returns `undefined` when the text is none of them: an empty host, a port outside 0 to 65535.
 */
export function splitHostPort(text: string): HostPort | undefined {
  // One colon alone stands before a port.
  if (text.indexOf(":") !== text.lastIndexOf(":") && ipFamily(text) === 6) return { host: text, port: undefined }
  const bracketed = /^\[([^\]]*)\](?::(\d{1,5}))?$/.exec(text)
  if (bracketed !== null) return ipFamily(bracketed[1]!) === 6 ? withPort(bracketed[1]!, bracketed[2]) : undefined
  const plain = /^([^\s:/?#[\]@,]+)(?::(\d{1,5}))?$/.exec(text)
  return plain === null ? undefined : withPort(plain[1]!, plain[2])
}

function withPort(host: string, digits: string | undefined): HostPort | undefined {
  if (digits === undefined) return { host, port: undefined }
  const port = Number(digits)
  return port <= 65535 ? { host, port } : undefined
}

/** Whether what is sent to `host` stays on this machine: `localhost`, 127.0.0.0/8, `::1`. */
export function isLoopbackHost(host: string): boolean {
  const family = ipFamily(host)
  if (family === 0) return host.toLowerCase() === "localhost"
  if (family === 4) return host.startsWith("127.")
  // However it is spelt; and IPv4's in IPv6.
  loopback ??= loopbackBlocks()
  return loopback.check(host, "ipv6")
}

let loopback: BlockList | undefined

function loopbackBlocks(): BlockList {
  const blocks = new BlockList()
  blocks.addSubnet("127.0.0.0", 8, "ipv4")
  blocks.addAddress("::1", "ipv6")
  return blocks
}
