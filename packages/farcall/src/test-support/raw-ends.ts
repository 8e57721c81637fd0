import type { ConnectionOptions } from "@farcall/http2"
import { type ConnectingChannel, createChannelWith } from "../client/balanced-channel.js"
import { type ChannelOptions, connectionOptions } from "../client/channel-options.js"
import { type Client, createClient } from "../client/client.js"
import { systemClock } from "../core/clock.js"
import { staticName } from "../resolve/static.js"
import { GrpcServer, loadServing, type ServerOptions } from "../server/server.js"
import type { Servicer } from "../server/servicer.js"
import { startHttp2Client } from "../transport/http2-client.js"
import type { Http2Session } from "../transport/http2-session.js"
import { inMemoryWires } from "../transport/in-memory.js"
import { until } from "./outcome.js"
import { Parrot } from "./parrot.js"
import { framed, RawPeer, type RawStream } from "./raw-peer.js"

/** Our server, and a raw client of it. */
export interface ServerUnderTest extends AsyncDisposable {
  readonly server: GrpcServer
  readonly peer: RawPeer
}

export async function serveRaw(
  servicer: Partial<Servicer<typeof Parrot>>,
  options: ServerOptions = {},
  peerOptions: ConnectionOptions = {},
): Promise<ServerUnderTest> {
  const server = new GrpcServer(options)
  server.add(Parrot, servicer)
  await loadServing()
  const [near, far] = inMemoryWires(systemClock)
  server.accept(far)
  const peer = new RawPeer("client", near, peerOptions)
  await until(() => peer.log.includes("settings"), "the server's SETTINGS")
  return { server, peer, [Symbol.asyncDispose]: () => server.shutdown({ graceMs: 0 }) }
}

/** The head of a call of the parrot's. */
export function callFields(method: "Say" | "Gather" | "Repeat" | "Chat", ...extra: readonly string[]): string[] {
  return requestFields(`/test.Parrot/${method}`, "content-type", "application/grpc", ...extra)
}

export function requestFields(path: string, ...fields: readonly string[]): string[] {
  return [":method", "POST", ":scheme", "http", ":path", path, ":authority", "localhost", "te", "trailers", ...fields]
}

/** Our client, and raw servers: one for each connection that it makes. */
export interface ClientUnderTest extends AsyncDisposable {
  readonly client: Client<typeof Parrot>
  readonly channel: ConnectingChannel
  /** The servers of the connections so far. */
  readonly peers: RawPeer[]
  /** The client's own ends of them, once they are ready. */
  readonly sessions: Http2Session[]
}

/** @param script sets up the server of each connection; what it returns are that server's options */
export function dialRaw(
  script: (peer: RawPeer, index: number) => void,
  { peer: peerOptions, ...options }: ChannelOptions & { readonly peer?: (index: number) => ConnectionOptions } = {},
): ClientUnderTest {
  const peers: RawPeer[] = []
  const sessions: Http2Session[] = []
  const connection = connectionOptions(options)
  const channel = createChannelWith(
    "in-memory:raw",
    {
      name: staticName([{ kind: "in-memory", name: "raw" }], "localhost", true),
      connect: async (_address, listener, { clock, authority, signal }) => {
        const [near, far] = inMemoryWires(systemClock)
        const peer = new RawPeer("server", far, peerOptions?.(peers.length) ?? {})
        peers.push(peer)
        script(peer, peers.length - 1)
        const transport = await startHttp2Client(near, listener, connection(clock, authority), signal)
        sessions.push((transport as unknown as { session: Http2Session }).session)
        return transport
      },
    },
    options,
  )
  return {
    client: createClient(Parrot, channel),
    channel,
    peers,
    sessions,
    [Symbol.asyncDispose]: () => channel.close(),
  }
}

/** A server that does the same to each request. */
export function answering(
  answer: (peer: RawPeer, raw: RawStream) => void,
  options: ChannelOptions = {},
): ClientUnderTest {
  return dialRaw((peer) => {
    peer.onRequest = (raw) => answer(peer, raw)
  }, options)
}

/** Answers a request with these messages, then OK. */
export function answerOk(peer: RawPeer, raw: RawStream, ...texts: readonly string[]): void {
  peer.send(raw, responseFields)
  for (const text of texts) peer.data(raw, framed(text))
  peer.send(raw, okFields, true)
}

/** Answers a request with DATA of one's own, then OK. */
export function answerBytes(peer: RawPeer, raw: RawStream, bytes: Uint8Array): void {
  peer.send(raw, responseFields)
  peer.data(raw, bytes)
  peer.send(raw, okFields, true)
}

/** The headers that begin a gRPC response. */
export const responseFields: readonly string[] = [":status", "200", "content-type", "application/grpc"]

export const okFields: readonly string[] = ["grpc-status", "0"]
