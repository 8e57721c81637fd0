import { connect, type Socket } from "node:net"
import type { ClientTransport, TransportListener } from "../client/transport.js"
import { type Address, formatAddress } from "./address.js"
import { type Http2ClientOptions, startHttp2Client } from "./http2-client.js"
import { SocketWire } from "./socket.js"

/**
 * Connects to an address and speaks HTTP/2 there. Resolves once the server's SETTINGS have arrived.
 * @param signal ends the attempt
 * @throws Error saying which address and why, with the system's error as its cause
 */
export async function connectHttp2(
  address: Address,
  listener: TransportListener,
  options: Http2ClientOptions,
  signal: AbortSignal,
): Promise<ClientTransport> {
  const socket = await connectSocket(address, signal)
  const wire = new SocketWire(socket, address.kind === "unix" ? address.path : undefined)
  return startHttp2Client(wire, listener, options, signal)
}

function connectSocket(address: Address, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (address.kind === "in-memory") throw new Error(`${formatAddress(address)} is reached by no socket`)
    const socket =
      address.kind === "unix" ? connect({ path: address.path }) : connect({ host: address.host, port: address.port })
    const settle = (): void => {
      signal.removeEventListener("abort", abandoned)
      socket.off("error", failed)
      socket.off("connect", connected)
    }
    const failed = (error: Error): void => {
      settle()
      socket.destroy()
      reject(error)
    }
    const abandoned = (): void => failed(new Error("the attempt to connect was given up"))
    const connected = (): void => {
      settle()
      resolve(socket)
    }
    socket.on("error", failed)
    socket.on("connect", connected)
    signal.addEventListener("abort", abandoned)
    if (signal.aborted) abandoned()
  })
}
