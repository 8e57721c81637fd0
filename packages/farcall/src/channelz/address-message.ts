import { isIPv4, isIPv6 } from "node:net"
import type { AddressCodec } from "../gen/grpc/channelz/v1/channelz_codec.js"
import { splitHostPort } from "../transport/address.js"
import type { InitOf } from "./init-of.js"

/** An address as peers are named (`ipv4:127.0.0.1:50051`, `unix:/run/x.sock`, `in-memory:3`), as the message. */
export function addressMessage(name: string): InitOf<typeof AddressCodec> {
  const [, scheme, rest] = /^([^:]+):(.*)$/s.exec(name) ?? ["", "", ""]
  if (scheme === "unix") return { address: { case: "udsAddress", value: { filename: rest } } }
  const place = scheme === "ipv4" || scheme === "ipv6" ? splitHostPort(rest!) : undefined
  const ipAddress = place && addressBytes(place.host)
  if (ipAddress === undefined) return { address: { case: "otherAddress", value: { name } } }
  return { address: { case: "tcpipAddress", value: { ipAddress, port: place!.port ?? 0 } } }
}

/** An IP address as on the wire; `undefined` when it is none. */
export function addressBytes(host: string): Uint8Array | undefined {
  if (isIPv4(host)) return Uint8Array.from(host.split("."), Number)
  if (!isIPv6(host)) return undefined
  // A zone is of this machine alone. URLs write IPv6 without dotted parts (RFC 5952 §4, WHATWG).
  const [address] = host.split("%")
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head, tail] = text.split("::").map((half) => half.split(":").filter(Boolean))
  const zeros = 8 - head!.length - (tail?.length ?? 0)
  const groups = [...head!, ...Array<string>(zeros).fill("0"), ...(tail ?? [])]
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  groups.forEach((group, i) => {
    view.setUint16(2 * i, Number.parseInt(group, 16))
  })
  return bytes
}
