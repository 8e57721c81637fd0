import type { Socket } from "node:net"
import { Connection } from "../connection.js"
import type { ConnectionHandler, ConnectionOptions, Role } from "../handler.js"

/** The least that joins a connection to a socket: one flush for what a turn has queued. */
export function connectSocket<Owner>(
  socket: Socket,
  role: Role,
  handler: ConnectionHandler<Owner>,
  options?: ConnectionOptions,
): Connection<Owner> {
  const connection = new Connection<Owner>(role, handler, options)
  const flush = () => {
    const segments = connection.takeOutput()
    if (segments.length === 0 || socket.destroyed) return
    socket.cork()
    segments.forEach((segment, i) => {
      socket.write(segment, i === segments.length - 1 ? (error) => error ?? connection.written() : undefined)
    })
    socket.uncork()
  }
  const onOutput = handler.onOutput.bind(handler)
  handler.onOutput = () => {
    onOutput()
    setImmediate(flush)
  }
  socket.on("data", (chunk) => connection.receive(chunk, 0, chunk.length, performance.now()))
  socket.on("end", () => connection.receiveEnd(performance.now()))
  socket.on("error", (error) => connection.fail(error))
  flush()
  return connection
}
