import type { Clock } from "../../core/clock.js"
import { inMemoryWires } from "../../transport/in-memory.js"
import type { Wire } from "../../transport/wire.js"
import type { FaultBoard } from "./faults.js"
import { FaultyLink, type LinkEnd } from "./faulty-link.js"

/** A client's and a server's wire, joined in memory by a link on which the rules act. */
export function faultyWires(
  clock: Clock,
  faults: FaultBoard,
  onClosed?: (link: FaultyLink) => void,
): { readonly client: Wire; readonly server: Wire; readonly link: FaultyLink } {
  const [client, near] = inMemoryWires(clock)
  const [far, server] = inMemoryWires(clock)
  return {
    client,
    server,
    link: new FaultyLink(clock, memoryEnd(near, clock), memoryEnd(far, clock), faults, { onClosed }),
  }
}

/** What has been written arrives before a reset does. */
function memoryEnd(wire: Wire, clock: Clock): LinkEnd {
  return { wire, reset: () => clock.defer(() => wire.destroy()) }
}
