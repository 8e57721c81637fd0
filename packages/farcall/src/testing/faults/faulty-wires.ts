import type { Limits } from "@farcall/http2"
import type { Clock } from "../../core/clock.js"
import { inMemoryWires } from "../../transport/in-memory.js"
import type { Wire } from "../../transport/wire.js"
import type { PlannedFault } from "./fault.js"
import { FaultyLink, type LinkEnd } from "./faulty-link.js"

/** Limits of HTTP/2 for both sides of a link: header blocks stand for themselves, so that any can be dropped. */
export const linkLimits: Partial<Limits> = { headerTableSize: 0 }

/** A client's and a server's wire, joined in memory by a link on which the fault strikes. */
export function faultyWires(
  clock: Clock,
  plan?: PlannedFault,
): { readonly client: Wire; readonly server: Wire; readonly link: FaultyLink } {
  const [client, near] = inMemoryWires(clock)
  const [far, server] = inMemoryWires(clock)
  return { client, server, link: new FaultyLink(clock, memoryEnd(near), memoryEnd(far), plan) }
}

function memoryEnd(wire: Wire): LinkEnd {
  return { wire, reset: () => wire.destroy() }
}
