import { BlockList } from "node:net"
import { badOption } from "../core/reason.js"
import { type HostPort, type HttpProxy, isLoopbackHost, splitHostPort } from "../transport/address.js"
import { ipFamily } from "../transport/ip-family.js"

/** What of the process's environment says by which proxy to connect. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>

/**
 * The proxy for connections to a host, as the environment has it: the first of `grpc_proxy`, `https_proxy` and
 * `http_proxy` that is set, unless the first of `no_grpc_proxy` and `no_proxy` that is set names the host. In lower case or
 * in capitals. Loopback goes by no proxy.
 * @throws TypeError for a variable that cannot be understood
 */
export function environmentProxy({ host, port }: HostPort, environment: ProxyEnvironment): HttpProxy | undefined {
  if (isLoopbackHost(host)) return undefined
  const [name, value] = firstSet(environment, ["grpc_proxy", "https_proxy", "http_proxy"])
  if (value === undefined) return undefined
  const [, exceptions] = firstSet(environment, ["no_grpc_proxy", "no_proxy"])
  if (exceptions?.split(",").some((entry) => isException(entry.trim().toLowerCase(), host.toLowerCase(), port))) {
    return undefined
  }
  return parseProxy(value, `the environment's ${name}`)
}

/**
 * @param where what the user has set, for the error
 * @throws TypeError for anything but `http://host:port`, with user and password or without
 */
export function parseProxy(text: string, where: string): HttpProxy {
  const malformed = badOption(`${where} is no proxy: it must have the form http://[user:password@]host[:port]`)
  let url: URL
  try {
    url = new URL(text.includes("://") ? text : `http://${text}`)
  } catch {
    throw malformed
  }
  if (url.protocol !== "http:" || url.hostname === "") throw malformed
  const host = url.hostname.replace(/^\[|\]$/g, "")
  const port = url.port === "" ? 80 : Number(url.port)
  if (url.username === "" && url.password === "") return { host, port }
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return { host, port, authorization: `Basic ${Buffer.from(user).toString("base64")}` }
}

function firstSet(environment: ProxyEnvironment, names: readonly string[]): [name: string, value: string | undefined] {
  for (const name of names.flatMap((one) => [one, one.toUpperCase()])) {
    const value = environment[name]?.trim()
    if (value !== undefined && value !== "") return [name, value]
  }
  return ["", undefined]
}

/** One entry of `no_proxy`: `*`, an address, a block of them (`10.0.0.0/8`), or a domain with all below it; each with a port or without. */
function isException(entry: string, host: string, port: number | undefined): boolean {
  if (entry === "") return false
  if (entry === "*") return true
  if (entry.includes("/")) return isWithin(entry, host)
  const at = splitHostPort(entry) ?? { host: entry, port: undefined }
  if (at.port !== undefined && at.port !== (port ?? 443)) return false
  const domain = at.host.replace(/^\*?\./, "")
  return host === domain || (ipFamily(host) === 0 && host.endsWith(`.${domain}`))
}

function isWithin(block: string, host: string): boolean {
  const [address = "", bits = ""] = block.split("/")
  const family = ipFamily(address)
  if (family === 0 || ipFamily(host) !== family || !/^\d{1,3}$/.test(bits)) return false
  const kind = family === 4 ? "ipv4" : "ipv6"
  if (Number(bits) > (family === 4 ? 32 : 128)) return false
  const blocks = new BlockList()
  blocks.addSubnet(address, Number(bits), kind)
  return blocks.check(host, kind)
}
