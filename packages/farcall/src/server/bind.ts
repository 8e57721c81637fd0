import { lookup } from "node:dns/promises"
import { isIPv6, type Server as NetServer } from "node:net"
import type { Clock } from "../core/clock.js"
import { limits } from "../core/limits.js"
import { withReason } from "../core/reason.js"

/**
 * Has sockets listen on every address of a host, all on one port. Where the system has no IPv6, it does without: of a name
 * the other addresses are bound, and in place of `::`, 0.0.0.0.
 * @param where what the user asked for, for errors
 * @throws Error with the system's error as its cause; then nothing listens
 */
export async function bindHost(
  hosts: readonly string[],
  port: number,
  serve: () => NetServer,
  where: string,
): Promise<readonly NetServer[]> {
  const servers: NetServer[] = []
  let bound = port
  let lacking: unknown
  try {
    for (const host of hosts) {
      const server = serve()
      try {
        await bind(server, { host, port: bound }, where)
      } catch (error) {
        if (!isIPv6(host) || !withoutIPv6.has((error as NodeJS.ErrnoException).code)) throw error
        lacking = error
        continue
      }
      servers.push(server)
      bound = (server.address() as { port: number }).port
    }
    if (servers.length > 0) return servers
    if (hosts.includes("::")) return await bindHost(["0.0.0.0"], port, serve, where)
    throw lacking
  } catch (error) {
    for (const server of servers) server.close()
    throw error
  }
}

/** How the system says that it has no IPv6, or has it switched off. */
const withoutIPv6: ReadonlySet<string | undefined> = new Set(["EAFNOSUPPORT", "EADDRNOTAVAIL"])

/** Has one socket listen. @throws as `bindHost` */
export function bind(
  server: NetServer,
  place: { host: string; port: number } | { path: string } | { fd: number },
  where: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void => {
      const error = withReason(
        "FARCALL_CANNOT_LISTEN",
        new Error(`cannot listen on ${where}: ${explain(cause)}`, { cause }),
      )
      reject(Object.assign(error, { code: cause.code }))
    }
    server.once("error", failed)
    server.listen(place, () => {
      server.off("error", failed)
      resolve()
    })
  })
}

/** The addresses of a host, each once. @throws Error as `bindHost`, when there are none or they are not found in time */
export function addressesOf(host: string, where: string, clock: Clock): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      timer.cancel()
      reject(withReason("FARCALL_CANNOT_LISTEN", new Error(`cannot listen on ${where}: ${cause.message}`, { cause })))
    }
    const timer = clock.after(limits.listenLookupMs, () =>
      fail(
        withReason(
          "FARCALL_CANNOT_LISTEN",
          new Error(`looking up ${JSON.stringify(host)} took more than ${limits.listenLookupMs} ms`),
        ),
      ),
    )
    lookup(host, { all: true }).then((found) => {
      timer.cancel()
      resolve([...new Set(found.map((one) => one.address))])
    }, fail)
  })
}

function explain(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "EADDRINUSE":
      return "another program listens there already (EADDRINUSE)"
    case "EACCES":
      return "this user may not (EACCES)"
    case "EADDRNOTAVAIL":
      return "this machine does not have that address (EADDRNOTAVAIL)"
    default:
      return error.message
  }
}
