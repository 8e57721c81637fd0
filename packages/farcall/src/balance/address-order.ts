import { type Address, formatAddress } from "../transport/address.js"
import { ipFamily } from "../transport/ip-family.js"

/** The addresses without those that came before. */
export function distinct(addresses: readonly Address[]): readonly Address[] {
  return [...new Map(addresses.map((address) => [formatAddress(address), address])).values()]
}

/**
 * The addresses in an order that chance decides on, in Fisher and Yates' way.
 * @param random from 0 up to 1
 */
export function shuffled(addresses: readonly Address[], random: () => number): readonly Address[] {
  const all = [...addresses]
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[all[i], all[j]] = [all[j]!, all[i]!]
  }
  return all
}

/**
 * The families of IP in turns, the first address's first, each in its own order (RFC 8305 §4): where one family is cut
 * off, the second attempt gets through. What is no IP address counts as a family of its own.
 */
export function inTurns(addresses: readonly Address[]): readonly Address[] {
  const families = new Map<number, Address[]>()
  for (const address of addresses) {
    const family = familyOf(address)
    const members = families.get(family)
    if (members === undefined) families.set(family, [address])
    else members.push(address)
  }
  const all: Address[] = []
  for (let i = 0; all.length < addresses.length; i++) {
    for (const members of families.values()) if (i < members.length) all.push(members[i]!)
  }
  return all
}

/** RFC 4291 §2.5.5.2: an IPv4 address that is written as one of IPv6 is reached by IPv4. */
function familyOf(address: Address): number {
  if (address.kind !== "tcp") return -1
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address.host) ? 4 : ipFamily(address.host)
}
