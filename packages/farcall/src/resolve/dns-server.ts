import { Resolver } from "node:dns/promises"
import { withReason } from "../core/reason.js"
import type { Lookup } from "./dns.js"
import type { TextLookup } from "./dns-service-config.js"

/**
 * Looks host names up at a DNS server of one's own choice, past the system's configuration: AAAA and A are asked for at
 * once, and what comes of either is taken.
 * @param server an IP address, with a port or without (53): `10.0.0.53`, `[2001:db8::53]:5353`
 */
export function lookupAt(server: string): Lookup {
  return async (host) => {
    // One of its own for each question: what is late for one is no answer to the next.
    const resolver = new Resolver({ timeout: FIRST_TIMEOUT_MS, tries: TRIES })
    resolver.setServers([server])
    const answers = await Promise.allSettled([resolver.resolve6(host), resolver.resolve4(host)])
    const found = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []))
    if (found.length > 0) return found.map((address) => ({ address }))
    const errors = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason as LookupError] : []))
    // That there is nothing of one family says less than whatever happened to the other.
    const telling = errors.find(({ code }) => code !== "ENODATA") ?? errors[0]
    const why = telling === undefined ? "it has no addresses" : (telling.code ?? telling.message)
    throw withReason(
      "FARCALL_NAME_NOT_FOUND",
      new Error(`DNS server ${server} does not know ${JSON.stringify(host)}: ${why}`, { cause: telling }),
    )
  }
}

/** The same for TXT records. */
export function lookupTextAt(server: string): TextLookup {
  return (name) => {
    const resolver = new Resolver({ timeout: FIRST_TIMEOUT_MS, tries: TRIES })
    resolver.setServers([server])
    return resolver.resolveTxt(name)
  }
}

type LookupError = Error & { readonly code?: string }

/** A question is asked again once, with more time; together that is well within a look-up's 20 s. */
const FIRST_TIMEOUT_MS = 3_000
const TRIES = 2
