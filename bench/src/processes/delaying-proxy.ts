import { connect, createServer, type Socket } from "node:net"
import { parseArgs } from "node:util"

/**
 * A path of some length: what comes is passed on as many milliseconds later, each way. As on a real one any number of
 * bytes may be under way.
 */
const { values: flags } = parseArgs({ options: { port: { type: "string" }, milliseconds: { type: "string" } } })
const delay = Number(flags.milliseconds)

const server = createServer((near) => {
  const far = connect(Number(flags.port), "127.0.0.1")
  for (const socket of [near, far]) socket.setNoDelay(true)
  passOn(near, far)
  passOn(far, near)
})
server.listen(0, "127.0.0.1", () => console.log(`listening on ${(server.address() as { port: number }).port}`))
process.once("SIGTERM", () => process.exit(0))

function passOn(from: Socket, to: Socket): void {
  from.on("data", (chunk) => later(() => to.write(chunk)))
  from.on("end", () => later(() => to.end()))
  from.on("error", () => to.destroy())
}

function later(act: () => void): void {
  setTimeout(act, delay)
}
