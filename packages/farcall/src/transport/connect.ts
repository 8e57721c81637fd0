import { connect } from "node:net"
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
  return startHttp2Client(await connectSocket(address, signal), listener, options, signal)
}

/** What every socket reads into: it is used up before the next one reads. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024)

function connectSocket(address: Address, signal: AbortSignal): Promise<SocketWire> {
  return new Promise((resolve, reject) => {
    if (address.kind === "in-memory") throw new Error(`${formatAddress(address)} is reached by no socket`)
    let wire: SocketWire | undefined
    const onread = {
      buffer: readBuffer,
      callback: (size: number): boolean => {
        wire?.read(readBuffer, size)
        return true
      },
    }
    const path = address.kind === "unix" ? address.path : undefined
    const socket = address.kind === "unix" ? connect({ path: address.path, onread }) : connect({ ...address, onread })
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
      wire = new SocketWire(socket, path)
      resolve(wire)
    }
    socket.on("error", failed)
    socket.on("connect", connected)
    signal.addEventListener("abort", abandoned)
    if (signal.aborted) abandoned()
  })
}
