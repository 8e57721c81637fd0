import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"

/** A proxy on loopback that connects by HTTP CONNECT, and looks every name up as 127.0.0.1. */
export interface ConnectProxy {
  /** `http://127.0.0.1:port`. */
  readonly url: string
  /** The heads of all requests. */
  readonly requests: string[]
  close(): void
}

/**
 * @param answer what it says in place of connecting
 * @param ends whether it closes the connection then
 */
export async function startConnectProxy(answer?: string, ends = true): Promise<ConnectProxy> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on("error", () => {}).on("close", () => sockets.delete(socket))
  }
  const server = createServer((client) => {
    keep(client).once("data", (head: Buffer) => {
      requests.push(head.toString("latin1"))
      if (answer !== undefined) {
        client.write(answer)
        if (ends) client.end()
        return
      }
      const port = Number(/^CONNECT \S+:(\d+) /.exec(head.toString("latin1"))![1])
      const upstream = keep(connect(port, "127.0.0.1"))
      upstream.on("connect", () => {
        client.write("HTTP/1.1 200 Connection established\r\nvia: 1.1 test\r\n\r\n")
        client.pipe(upstream).pipe(client)
      })
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as { port: number }
  const close = (): void => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { url: `http://127.0.0.1:${port}`, requests, close }
}
