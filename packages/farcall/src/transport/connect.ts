import { connect, type OnReadOpts, type Socket } from "node:net"
import type { TLSSocket } from "node:tls"
import type { ClientTransport, TransportListener } from "../client/transport.js"
import { withReason } from "../core/reason.js"
import {
  type Address,
  formatAddress,
  type HttpProxy,
  isLoopbackHost,
  joinHostPort,
  type TcpAddress,
} from "./address.js"
import { ClientWire } from "./client-wire.js"
import type { Credentials } from "./credentials.js"
import { openTunnel } from "./http-tunnel.js"
import { type Http2ClientOptions, startHttp2Client } from "./http2-client.js"
import { readBuffer } from "./read-buffer.js"
import { SocketAuth } from "./socket-auth.js"
import { explainHandshakeError, protocolFault, startTls } from "./tls-client.js"
import type { TlsCredentials } from "./tls-credentials.js"

export interface ConnectOptions extends Http2ClientOptions {
  /** Plaintext when left out. */
  readonly credentials?: Credentials | undefined
}

/**
 * Connects to an address and speaks HTTP/2 there. Resolves once the server's SETTINGS have arrived.
 * @param signal ends the attempt
 * @param awaits is told what has not happened yet
 * @throws Error saying which address and why, with the system's error as its cause
 */
export async function connectHttp2(
  address: Address,
  listener: TransportListener,
  options: ConnectOptions,
  signal: AbortSignal,
  awaits: Awaits = () => {},
): Promise<ClientTransport> {
  if (address.kind === "in-memory") throw new Error(`${formatAddress(address)} is reached by no socket`)
  const { credentials, clock } = options
  if (credentials?.kind === "tls") {
    await credentials.refresh(clock.now())
    const wire = await connectTls(address, credentials, options.authority, signal, awaits)
    awaits(settings)
    return speakHttp2(wire, listener, { ...options, secure: true }, signal)
  }
  const local = credentials?.kind === "local"
  if (local && address.kind === "tcp" && !isLoopbackHost(address.host)) {
    throw withReason(
      "FARCALL_PLAINTEXT",
      new Error(`${formatAddress(address)} is not on this machine, as local() wants it`),
    )
  }
  // Loopback can be listened to by anyone on the machine; gRPC's own local credentials draw the line here too.
  const secure = local && address.kind === "unix"
  const wire = await connectPlaintext(address, signal, awaits)
  awaits(settings)
  return speakHttp2(wire, listener, { ...options, secure }, signal)
}

type Awaits = (what: string) => void

const settings = "the server has accepted, and has not sent the SETTINGS of HTTP/2"
const handshake = "the server has accepted, and the TLS handshake has not ended"

async function speakHttp2(
  wire: ClientWire,
  listener: TransportListener,
  options: Http2ClientOptions,
  signal: AbortSignal,
): Promise<ClientTransport> {
  try {
    return await startHttp2Client(wire, listener, options, signal)
  } catch (error) {
    throw wire.explainSilence(error as Error)
  }
}

type SocketAddress = Exclude<Address, { kind: "in-memory" }>

async function connectPlaintext(address: SocketAddress, signal: AbortSignal, awaits: Awaits): Promise<ClientWire> {
  if (address.kind === "tcp" && address.proxy !== undefined) {
    return new ClientWire(await connectByProxy(address, address.proxy, signal, awaits))
  }
  return openSocket(signal, "connect", (onread) => connect({ ...placeOf(address), onread }), {
    wireOf: (socket) => new ClientWire(socket, pathOf(address)),
    explain: (error) => error,
  })
}

async function connectTls(
  address: SocketAddress,
  credentials: TlsCredentials,
  authority: string,
  signal: AbortSignal,
  awaits: Awaits,
): Promise<ClientWire> {
  const proxy = address.kind === "tcp" ? address.proxy : undefined
  const place =
    proxy === undefined
      ? placeOf(address)
      : { socket: await connectByProxy(address as TcpAddress, proxy, signal, awaits) }
  if (proxy !== undefined) awaits(handshake)
  return openSocket(
    signal,
    "secureConnect",
    (onread) =>
      startTls(place, formatAddress(address), credentials, authority, onread).once("connect", () => awaits(handshake)),
    {
      wireOf(socket: TLSSocket) {
        const fault = protocolFault(socket)
        if (fault !== undefined) throw fault
        return new ClientWire(socket, pathOf(address), new SocketAuth(socket))
      },
      explain: explainHandshakeError,
    },
  )
}

function connectByProxy(address: TcpAddress, proxy: HttpProxy, signal: AbortSignal, awaits: Awaits): Promise<Socket> {
  awaits(`the proxy ${joinHostPort(proxy.host, proxy.port)} has not answered CONNECT`)
  return openTunnel(address, proxy, signal)
}

interface Opening<S> {
  wireOf(socket: S): ClientWire
  explain(error: Error): Error
}

/** @param event what a socket has when it is ready */
function openSocket<S extends Socket>(
  signal: AbortSignal,
  event: string,
  open: (onread: OnReadOpts) => S,
  { wireOf, explain }: Opening<S>,
): Promise<ClientWire> {
  return new Promise((resolve, reject) => {
    let wire: ClientWire | undefined
    const socket = open({
      buffer: readBuffer,
      callback: (size: number): boolean => {
        wire?.read(readBuffer, size)
        return true
      },
    })
    const settle = (): void => {
      signal.removeEventListener("abort", abandoned)
      socket.off("error", failed)
      socket.off(event, connected)
    }
    const failed = (error: Error): void => {
      settle()
      // What the system says next of a socket that is given up concerns nobody.
      socket.on("error", () => {})
      socket.destroy()
      reject(explain(error))
    }
    const abandoned = (): void => failed(new Error("the attempt to connect was given up"))
    const connected = (): void => {
      settle()
      try {
        wire = wireOf(socket)
      } catch (error) {
        failed(error as Error)
        return
      }
      resolve(wire)
    }
    socket.on("error", failed)
    socket.on(event, connected)
    signal.addEventListener("abort", abandoned)
    if (signal.aborted) abandoned()
  })
}

function placeOf(address: SocketAddress): { path: string } | { host: string; port: number } {
  return address.kind === "unix" ? { path: address.path } : { host: address.host, port: address.port }
}

function pathOf(address: SocketAddress): string | undefined {
  return address.kind === "unix" ? address.path : undefined
}
