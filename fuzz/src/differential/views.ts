import { type BodyView, viewOfBody } from "./bodies.js"
import type { Conversation, End, Exchange, Field } from "./conversation.js"

/** What each end made of a conversation: what it heard of the other. `null`: it cannot know, or it is a matter of luck. */
export interface ClientView {
  readonly exchanges: readonly (ResponseView | null)[]
  readonly goAway: number | null
  /** What went wrong with the connection as a whole. */
  readonly fault: string | null
}

export interface ServerView {
  readonly exchanges: readonly (RequestView | null)[]
  readonly goAway: number | null
  readonly fault: string | null
}

export interface ResponseView {
  readonly informational: readonly { readonly status: number; readonly fields: readonly Field[] }[]
  readonly status: number | null
  readonly fields: readonly Field[] | null
  readonly body: BodyView | null
  readonly trailers: readonly Field[] | null
  /** `end`, or the code of the reset. */
  readonly end: "end" | number | null
}

export interface RequestView {
  readonly method: string
  readonly scheme: string | null
  readonly path: string
  readonly authority: string
  readonly fields: readonly Field[]
  readonly body: BodyView | null
  readonly trailers: readonly Field[] | null
  readonly end: "end" | number | null
}

/** The implementations of HTTP/2 that take part. */
export type PeerName = "ours" | "node" | "go"

/** Who plays which part. */
export type Pairing = { readonly [Role in End]: PeerName }

export function nameOf({ client, server }: Pairing): string {
  return `${client} → ${server}`
}

/** What a client that makes no mistake hears, if its server makes none. */
export function expectedOfClient({ exchanges, goAway }: Conversation, pairing: Pairing): ClientView {
  return {
    exchanges: exchanges.map((exchange) => responseView(exchange, pairing)),
    goAway: goAway?.by === "server" && pairing.client !== "go" ? codeFor(pairing.server, goAway.code, 0) : null,
    fault: null,
  }
}

export function expectedOfServer({ exchanges, goAway }: Conversation, pairing: Pairing): ServerView {
  return {
    exchanges: exchanges.map((exchange) => requestView(exchange, pairing)),
    goAway: goAway?.by === "client" && pairing.server !== "go" ? codeFor(pairing.client, goAway.code, 0) : null,
    fault: null,
  }
}

function responseView({ request, response, ending }: Exchange, { client, server }: Pairing): ResponseView {
  const nothing = { informational: [], status: null, fields: null, body: null, trailers: null }
  if (ending.kind === "reset-at-headers" || ending.kind === "reset-at-body") {
    return { ...nothing, end: codeFor(server, ending.code, 2) }
  }
  const rules = fieldRules(server, client, response.head.fields)
  const whole = ending.kind !== "reset-amid"
  return {
    informational: response.informational.map(({ status, fields }) => ({ status, fields: rules(fields) })),
    status: response.head.status,
    fields: rules(response.head.fields),
    body: viewOfBody(request.method === "HEAD" ? null : response.body),
    trailers: whole && response.trailers !== null ? rules(response.trailers) : null,
    end: whole ? "end" : ending.by === "server" ? codeFor(server, ending.code, 2) : null,
  }
}

function requestView({ request, ending }: Exchange, { client, server }: Pairing): RequestView {
  const rules = fieldRules(client, server, request.fields)
  const whole = ending.kind === "whole"
  return {
    method: request.method,
    scheme: server === "go" ? null : "http",
    path: request.path,
    authority: request.authority,
    fields: rules(request.fields),
    body: whole ? viewOfBody(request.body) : null,
    trailers: whole && request.trailers !== null ? rules(request.trailers) : null,
    end: whole
      ? "end"
      : ending.kind === "reset-amid" && ending.by === "client"
        ? codeFor(client, ending.code, 8)
        : null,
  }
}

/** Go's API has one code for each role: a handler that panics, a request that is cancelled; and GOAWAY says NO_ERROR. */
function codeFor(peer: PeerName, code: number, ofGo: number): number {
  return peer === "go" ? ofGo : code
}

/** Brings what was noted down into the form of what is expected: leaves out what is not compared, and applies the rules. */
export function comparedClient(view: ClientView, conversation: Conversation, pairing: Pairing): ClientView {
  const expected = expectedOfClient(conversation, pairing)
  return {
    exchanges: expected.exchanges.map((wanted, i) => {
      const got = view.exchanges[i]
      if (wanted === null || got === null || got === undefined) return null
      const rules = fieldRules(pairing.server, pairing.client, conversation.exchanges[i]!.response.head.fields)
      const ending = conversation.exchanges[i]!.ending
      return {
        informational: got.informational.map(({ status, fields }) => ({ status, fields: rules(fields) })),
        status: got.status,
        fields: got.fields === null ? null : rules(got.fields),
        body: wanted.body === null && got.body?.length === 0 ? null : got.body,
        trailers: got.trailers === null || got.trailers.length === 0 ? null : rules(got.trailers),
        end: ending.kind === "reset-amid" && ending.by === "client" ? null : got.end,
      }
    }),
    goAway: expected.goAway === null ? null : view.goAway,
    fault: view.fault,
  }
}

export function comparedServer(view: ServerView, conversation: Conversation, pairing: Pairing): ServerView {
  const expected = expectedOfServer(conversation, pairing)
  return {
    exchanges: expected.exchanges.map((wanted, i) => {
      const got = view.exchanges[i]
      if (wanted === null || got === null || got === undefined) return null
      const rules = fieldRules(pairing.client, pairing.server, conversation.exchanges[i]!.request.fields)
      return {
        ...got,
        fields: rules(got.fields),
        body: wanted.body === null ? null : got.body,
        trailers: got.trailers === null || got.trailers.length === 0 ? null : rules(got.trailers),
        end: wanted.end === null ? null : got.end,
      }
    }),
    goAway: expected.goAway === null ? null : view.goAway,
    fault: view.fault,
  }
}

/**
 * In which form fields are compared that `sender` was to send and `receiver` has read:
 *
 * - cookies are one field, joined by "; " (RFC 9113 §8.2.3: they may be sent in crumbs);
 * - a sender that takes an object of fields (node:http2) sends the values of a name together;
 * - where Go takes part, whose fields are a map, only the values of each name have an order; its own `trailer`,
 *   `content-length` and `user-agent` are left out unless they were asked for, `trailer` in any case.
 */
function fieldRules(sender: PeerName, receiver: PeerName, asked: readonly Field[]) {
  const withGo = sender === "go" || receiver === "go"
  const mayAdd = new Set(["content-length", "user-agent"].filter((name) => !asked.some((field) => field[0] === name)))
  return (fields: readonly Field[]): Field[] => {
    const joined = withCookieJoined(fields)
    if (withGo) {
      return joined
        .filter(([name]) => name !== "trailer" && !(sender === "go" && mayAdd.has(name)))
        .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    }
    return sender === "node" ? grouped(joined) : joined
  }
}

function withCookieJoined(fields: readonly Field[]): Field[] {
  const crumbs = fields.filter(([name]) => name === "cookie").map(([, value]) => value)
  const first = fields.findIndex(([name]) => name === "cookie")
  return fields.flatMap((field, i): Field[] =>
    field[0] !== "cookie" ? [field] : i === first ? [["cookie", crumbs.join("; ")]] : [],
  )
}

/** As an object keeps them: names where they occur first, those that look like numbers before all others. */
export function grouped(fields: readonly Field[]): Field[] {
  return Object.entries(objectOf(fields)).flatMap(([name, values]) => values.map((value): Field => [name, value]))
}

/** Without a prototype, as `__proto__` is a name too. */
export function objectOf(fields: readonly Field[]): Record<string, string[]> {
  const made = Object.create(null) as Record<string, string[]>
  for (const [name, value] of fields) (made[name] ??= []).push(value)
  return made
}
