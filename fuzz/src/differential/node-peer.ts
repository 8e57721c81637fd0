import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type Http2Session,
  type Http2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
  type Settings,
  sensitiveHeaders,
} from "node:http2"
import type { Server } from "node:net"
import type { Change, EndSettings, Exchange, Field } from "./conversation.js"
import { bye, ClientParts, changesAt, type RequestHead, ServerParts } from "./parts.js"
import { listen, type Peer } from "./peer.js"
import { Heard, type PeerStream } from "./peer-stream.js"
import { objectOf } from "./views.js"

/** Node's own HTTP/2, which is nghttp2's. */
export const nodePeer: Peer = {
  async serve(conversation, signal) {
    const parts = new ServerParts(conversation)
    const server = createServer({ ...optionsFor(conversation.server) })
    const watch = new SessionWatch()
    const closed = new Promise<void>((resolve) => {
      server.on("session", (session) => {
        watch.follow(session, signal)
        session.once("close", resolve)
        server.close()
      })
    })
    server.on("stream", (stream, _headers, _flags, ...[raw]: unknown[]) => {
      const fields = pairs(raw as string[])
      const head = headOf(fields)
      const found = parts.exchangeOf(head.path)
      if (found === undefined) {
        stream.resume()
        if (head.path === bye) {
          void parts.takeLeave(new NodeStream(stream, new Heard(), false), (code) => {
            const { session } = stream
            session?.goaway(code, stream.id, Buffer.from("bye"))
            // With GOAWAY sent and no stream left nghttp2 reads no more, and would not see the client leave.
            stream.once("close", () => session?.close())
          })
        }
        return
      }
      const { exchange, index } = found
      for (const change of changesAt(conversation, "server", index)) stream.session?.settings(settingsOf(change))
      const heard = new Heard()
      const wrapped = new NodeStream(stream, heard, exchange.response.trailers !== null)
      wrapped.listen(exchange.ending.kind !== "early")
      void parts.begin(index, head, wrapped, heard)
    })
    const port = await listen(server as unknown as Server)
    signal.addEventListener("abort", () => server.close())
    return { port, view: closed.then(() => parts.view(watch.goAwayCode, watch.fault)) }
  },

  async call(conversation, port, signal) {
    const session = connect(`http://127.0.0.1:${port}`, optionsFor(conversation.client))
    const watch = new SessionWatch()
    watch.follow(session, signal)
    const closed = new Promise<void>((resolve) => session.once("close", resolve))
    const parts = new ClientParts(conversation)
    const ready = new Promise<void>((resolve) => session.once("remoteSettings", () => resolve()))
    const open = async (exchange: Exchange, index: number) => {
      for (const change of changesAt(conversation, "client", index)) session.settings(settingsOf(change))
      return openRequest(session, exchange)
    }
    const wentAway = new Promise<void>((resolve) => session.once("goaway", () => resolve()))
    await Promise.race([ready.then(() => parts.play(open)), closed])
    if (conversation.goAway?.by === "server") await Promise.race([wentAway, closed])
    if (!session.destroyed) {
      if (conversation.goAway?.by === "client") session.goaway(conversation.goAway.code)
      session.close()
    }
    await closed
    return parts.view(watch.goAwayCode, watch.fault)
  },
}

function openRequest(session: ClientHttp2Session, { request }: Exchange) {
  const { method, path, authority, fields, body, trailers } = request
  const pseudo = { ":method": method, ":scheme": "http", ":path": path, ":authority": authority }
  const heard = new Heard()
  if (session.closed || session.destroyed) {
    heard.onEnd(-1)
    return { stream: lostStream, heard }
  }
  const stream = session.request(outgoing(pseudo, fields), {
    endStream: body === null,
    waitForTrailers: trailers !== null,
  })
  const wrapped = new NodeStream(stream, heard, trailers !== null)
  wrapped.listen(true)
  return { stream: wrapped, heard }
}

/** What is heard of a session apart from its streams. */
class SessionWatch {
  goAwayCode: number | null = null
  fault: string | null = null

  follow(session: Http2Session, signal: AbortSignal): void {
    session.on("goaway", (code) => (this.goAwayCode ??= code))
    session.on("frameError", (type, code) => (this.fault ??= `frame of type ${type} could not be sent (${code})`))
    session.on("error", (error) => {
      // A GOAWAY that has a code is an error to Node as well.
      if (this.goAwayCode === null) this.fault ??= error.message
    })
    signal.addEventListener("abort", () => session.destroy(new Error("out of time")))
  }
}

class NodeStream implements PeerStream {
  readonly #stream: Http2Stream
  readonly #heard: Heard
  readonly #trailersFollow: boolean
  #trailers: readonly Field[] = []

  constructor(stream: Http2Stream, heard: Heard, trailersFollow: boolean) {
    this.#stream = stream
    this.#heard = heard
    this.#trailersFollow = trailersFollow
    stream.on("wantTrailers", () => stream.sendTrailers(outgoing({}, this.#trailers)))
    // Told for every reset; the code is on the stream.
    stream.on("error", () => {})
  }

  listen(reads: boolean): void {
    const stream = this.#stream
    const heard = this.#heard
    const onHead = (headers: IncomingHttpHeaders & { ":status"?: number }, _flags: number, raw: string[]) => {
      heard.onHead(
        headers[":status"] ?? 0,
        pairs(raw).filter(([name]) => name !== ":status"),
      )
    }
    stream.on("headers", onHead as () => void)
    stream.on("response", onHead as () => void)
    stream.on("trailers", ((_headers: object, _flags: number, raw: string[]) =>
      heard.onTrailers(pairs(raw))) as () => void)
    if (reads) {
      stream.on("data", (chunk: Buffer) => heard.onData(chunk))
      stream.on("end", () => heard.onEnd("end"))
    }
    stream.on("close", () => heard.onEnd(stream.rstCode))
  }

  head(status: number, fields: readonly Field[], end: boolean): void {
    const stream = this.#stream as ServerHttp2Stream
    if (stream.destroyed || stream.closed) return
    const headers = outgoing({ ":status": status }, fields)
    if (status < 200) stream.additionalHeaders(headers)
    else stream.respond(headers, { endStream: end, waitForTrailers: this.#trailersFollow, sendDate: false } as object)
  }

  write(bytes: Uint8Array): Promise<void> {
    const stream = this.#stream
    if (stream.destroyed || stream.closed || stream.write(bytes)) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        stream.off("drain", done)
        stream.off("close", done)
        resolve()
      }
      stream.on("drain", done)
      stream.on("close", done)
    })
  }

  end(trailers: readonly Field[] | null): void {
    this.#trailers = trailers ?? []
    if (!this.#stream.destroyed) this.#stream.end()
  }

  reset(code: number): void {
    this.#stream.close(code)
  }

  refuseRest(): void {
    // A reset would take away what nghttp2 has not yet sent of the response, its end at the least.
    this.#stream.resume()
  }
}

/** A request that could not be made. */
const lostStream: PeerStream = {
  head() {},
  write: () => Promise.resolve(),
  end() {},
  reset() {},
  refuseRest() {},
}

function optionsFor(settings: EndSettings) {
  return {
    settings: settingsOf(settings),
    paddingStrategy: settings.padding ? constants.PADDING_STRATEGY_MAX : constants.PADDING_STRATEGY_NONE,
  }
}

function settingsOf({
  streamWindow,
  headerTableSize,
  maxConcurrentStreams,
  ...rest
}: EndSettings | Omit<Change, "by">): Settings {
  return {
    ...(streamWindow !== undefined && { initialWindowSize: streamWindow }),
    ...(headerTableSize !== undefined && { headerTableSize }),
    ...(maxConcurrentStreams && { maxConcurrentStreams }),
    ...("maxFrameSize" in rest && { maxFrameSize: rest.maxFrameSize }),
  }
}

function outgoing(pseudo: Record<string, string | number>, fields: readonly Field[]): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = Object.create(null)
  Object.assign(headers, pseudo)
  for (const [name, values] of Object.entries(objectOf(fields)))
    headers[name] = values.length === 1 ? values[0]! : values
    // Sent as literals that are never indexed.
  ;(headers as { [sensitiveHeaders]?: string[] })[sensitiveHeaders] = ["authorization"]
  return headers
}

function headOf(fields: readonly Field[]): RequestHead {
  const pseudo = new Map(fields.filter(([name]) => name.startsWith(":")))
  return {
    method: pseudo.get(":method") ?? "",
    scheme: pseudo.get(":scheme") ?? null,
    path: pseudo.get(":path") ?? "",
    authority: pseudo.get(":authority") ?? "",
    fields: fields.filter(([name]) => !name.startsWith(":")),
  }
}

function pairs(raw: readonly string[]): Field[] {
  return Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i]!, raw[2 * i + 1]!] as const)
}
