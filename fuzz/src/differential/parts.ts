import { lengthOf, piecesOf } from "./bodies.js"
import type { Change, Conversation, End, Exchange } from "./conversation.js"
import type { Heard, PeerStream } from "./peer-stream.js"
import type { ClientView, RequestView, ResponseView, ServerView } from "./views.js"

/** The client's part of an exchange whose request has been opened. Resolves when nothing is left to say or to hear. */
async function playClient(stream: PeerStream, heard: Heard, exchange: Exchange): Promise<void> {
  const { request, response, ending } = exchange
  const hold = ending.kind === "reset-amid" ? ending.at : -1
  const atHold = () => heard.status !== null && heard.body.length >= lengthOf(response.body ?? nothing)
  let said = 0
  if (request.body !== null) {
    for (const piece of piecesOf(request.body)) {
      if (said++ === hold) await heard.until(atHold)
      if (heard.end !== null && ending.kind !== "whole") break
      await stream.write(piece)
    }
    if (ending.kind !== "reset-amid") stream.end(request.trailers)
    else if (ending.by === "client") {
      await heard.until(atHold)
      return stream.reset(ending.code)
    }
  }
  await heard.whole()
}

/** The server's part, from the headers of the request on. Resolves when nothing is left to say or to hear. */
async function playServer(stream: PeerStream, heard: Heard, exchange: Exchange): Promise<void> {
  const { request, response, ending } = exchange
  if (ending.kind === "reset-at-headers") return stream.reset(ending.code)
  if (ending.kind === "reset-at-body") {
    await heard.until(() => heard.body.length >= ending.at)
    return stream.reset(ending.code)
  }
  if (ending.kind === "whole" && response.afterRequest) await heard.whole()
  for (const { status, fields } of response.informational) stream.head(status, fields, false)
  stream.head(response.head.status, response.head.fields, response.body === null)
  if (response.body !== null) {
    for (const piece of piecesOf(response.body)) await stream.write(piece)
    if (ending.kind === "reset-amid") {
      if (ending.by === "client") return heard.whole()
      const held = lengthOf({ seed: 0, chunks: request.body!.chunks.slice(0, ending.at) })
      await heard.until(() => heard.body.length > held)
      return stream.reset(ending.code)
    }
    stream.end(response.trailers)
  }
  if (ending.kind === "early") stream.refuseRest()
  else await heard.whole()
}

const nothing = { seed: 0, chunks: [] }

/** The path of a last request, which a server answers when all of its parts are played; then it is time for GOAWAY. */
export const bye = "/bye"

/** A client's parts, and what it has heard in them. */
export class ClientParts {
  readonly #conversation: Conversation
  readonly #heard: Heard[] = []

  constructor(conversation: Conversation) {
    this.#conversation = conversation
  }

  /**
   * Plays all exchanges, as many at a time as the conversation says; then makes the last request.
   * @param open opens the request of an exchange, when the server takes another
   */
  async play(
    open: (exchange: Exchange, index: number) => Promise<{ stream: PeerStream; heard: Heard }>,
  ): Promise<void> {
    const { exchanges, concurrency } = this.#conversation
    let next = 0
    const play = async () => {
      while (next < exchanges.length) {
        const index = next++
        const { stream, heard } = await open(exchanges[index]!, index)
        this.#heard[index] = heard
        await playClient(stream, heard, exchanges[index]!)
      }
    }
    await Promise.all(Array.from({ length: concurrency }, play))
    const { heard } = await open(farewell, -1)
    await heard.whole()
  }

  /** Only when all is over: Node's server may say the end of a response right before it resets. */
  view(goAway: number | null, fault: string | null): ClientView {
    const exchanges = this.#conversation.exchanges.map((_, index): ResponseView | null => {
      const heard = this.#heard[index]
      if (heard === undefined) return null
      const { informational, status, fields, body, trailers, end } = heard
      return { informational, status, fields, body: body.view(), trailers, end }
    })
    return { exchanges, goAway, fault }
  }
}

const farewell: Exchange = {
  request: { method: "GET", path: bye, authority: "peer.test", fields: [], body: null, trailers: null },
  response: { afterRequest: true, informational: [], head: { status: 204, fields: [] }, body: null, trailers: null },
  ending: { kind: "whole", by: "server", code: 0, at: 0 },
}

/** A server's parts, and what it has heard in them. */
export class ServerParts {
  readonly #conversation: Conversation
  readonly #heard: (RequestHead & { readonly heard: Heard })[] = []
  readonly #playing: Promise<void>[] = []

  constructor(conversation: Conversation) {
    this.#conversation = conversation
  }

  /** Which exchange a request belongs to; undefined for the last request, and for what nobody should have asked for. */
  exchangeOf(path: string): { exchange: Exchange; index: number } | undefined {
    const index = Number(/^\/(\d+)\//.exec(path)?.[1] ?? -1)
    const exchange = this.#conversation.exchanges[index]
    return exchange === undefined ? undefined : { exchange, index }
  }

  begin(index: number, head: RequestHead, stream: PeerStream, heard: Heard): Promise<void> {
    this.#heard[index] = { ...head, heard }
    const playing = playServer(stream, heard, this.#conversation.exchanges[index]!)
    this.#playing.push(playing)
    return playing
  }

  /** Answers the last request when all parts are played. */
  async takeLeave(stream: PeerStream, goAway: (code: number) => void): Promise<void> {
    await Promise.all(this.#playing)
    if (this.#conversation.goAway?.by === "server") goAway(this.#conversation.goAway.code)
    stream.head(204, [], true)
  }

  view(goAway: number | null, fault: string | null): ServerView {
    const exchanges = this.#conversation.exchanges.map((_, index): RequestView | null => {
      const entry = this.#heard[index]
      if (entry === undefined) return null
      const { heard, ...head } = entry
      return { ...head, body: heard.body.view(), trailers: heard.trailers, end: heard.end }
    })
    return { exchanges, goAway, fault }
  }
}

export type RequestHead = Pick<RequestView, "method" | "scheme" | "path" | "authority" | "fields">

/** The settings that an end changes when an exchange has begun. */
export function changesAt({ changes }: Conversation, by: End, index: number): readonly Change[] {
  return changes.filter((change) => change.by === by && change.at === index)
}
