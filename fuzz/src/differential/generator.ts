import type { Random } from "../random.js"
import { Random as SeededRandom } from "../random.js"
import { largestBody, lengthOf } from "./bodies.js"
import type { Body, Change, Conversation, Ending, EndSettings, Exchange, Field, Head } from "./conversation.js"
import { authorities, paths, randomFields, randomTrailers } from "./generator-fields.js"

/** The conversation that a seed stands for; the same on every machine. */
export function conversationOf(seed: number): Conversation {
  const random = new SeededRandom(seed)
  const count = random.oneIn(4) ? 1 + random.below(12) : 1 + random.below(4)
  const client = endSettings(random, 0)
  const server = endSettings(random, random.pick([1, 2, 3, 100, 250]))
  const streams = server.maxConcurrentStreams
  const changes = random.oneIn(4)
    ? Array.from({ length: 1 + random.below(3) }, () => change(random, count, streams))
    : []
  // Behind tiny windows large bodies would take for ever.
  const windowsOfAll = [client, server, ...changes].map(({ streamWindow = largestBody }) => streamWindow)
  const smallest = Math.min(...windowsOfAll)
  const most = Math.min(largestBody, 60 * smallest)
  const exchanges = Array.from({ length: count }, (_, i) => exchange(random, i, most))
  return {
    seed,
    client,
    server,
    concurrency: random.pick([1, 2, 5, 12]),
    exchanges,
    changes,
    goAway: random.oneIn(2)
      ? { by: random.pick(["client", "server"]), code: random.oneIn(3) ? random.pick(resetCodes) : 0 }
      : null,
  }
}

const windows = [65_535, 65_535, 262_144, 1 << 20, 20_000, 5000, 1000, 100]

function endSettings(random: Random, maxConcurrentStreams: number): EndSettings {
  return {
    streamWindow: random.pick(windows),
    maxFrameSize: random.pick([16_384, 16_384, 16_385, 40_000, 1 << 20]),
    headerTableSize: random.pick([4096, 4096, 4096, 0, 100, 65_536]),
    maxConcurrentStreams,
    padding: random.oneIn(4),
  }
}

function change(random: Random, exchanges: number, streams: number): Change {
  const by = random.pick(["client", "server"] as const)
  return {
    by,
    at: random.below(exchanges),
    ...(random.oneIn(2) && { streamWindow: random.pick(windows) }),
    ...(random.oneIn(2) && { headerTableSize: random.pick([0, 50, 4096, 10_000]) }),
    // Never fewer: nghttp2 refuses by what it has said before the client can have heard it.
    ...(by === "server" && random.oneIn(2) && { maxConcurrentStreams: streams + 50 }),
  }
}

/**
 * Those of RFC 9113 §7 that say something of a stream, and two that nobody has defined. Not PROTOCOL_ERROR: Go's client
 * makes no further request where a stream was reset with it.
 */
const resetCodes = [2, 3, 5, 7, 8, 8, 8, 11, 13, 0x99, 2 ** 31 - 1]

/** Responses that have no content, whatever their fields say (RFC 9110 §6.4.1). */
const withoutContent = new Set([204, 205, 304])

function exchange(random: Random, index: number, most: number): Exchange {
  const ending = endingKind(random)
  const method = random.pick(
    ending === "whole" ? ["GET", "POST", "POST", "PUT", "HEAD", "DELETE", "PROPFIND"] : ["POST"],
  )
  const bodyOfRequest = requestBody(random, ending, most)
  const requestTrailers =
    bodyOfRequest !== null && ending === "whole" && random.oneIn(3) ? randomTrailers(random) : null
  const requestFields = randomFields(random, "request")
  // Go's client does not say 0 with all methods.
  if (bodyOfRequest !== null && lengthOf(bodyOfRequest) > 0 && ending === "whole" && random.oneIn(3)) {
    requestFields.push(["content-length", String(lengthOf(bodyOfRequest))])
  }
  // Go's server hands out those trailers alone that were announced.
  if (requestTrailers !== null)
    requestFields.push(["trailer", [...new Set(requestTrailers.map(([name]) => name))].join(", ")])
  return {
    request: {
      method,
      path: `/${index}${random.pick(paths)}`,
      authority: random.pick(authorities),
      fields: requestFields,
      body: bodyOfRequest,
      trailers: requestTrailers,
    },
    response: response(random, ending, method === "HEAD", most),
    ending: endingOf(random, ending, bodyOfRequest),
  }
}

function endingKind(random: Random): Ending["kind"] {
  if (!random.oneIn(4)) return "whole"
  return random.pick(["early", "reset-at-headers", "reset-at-body", "reset-amid", "reset-amid", "reset-amid"])
}

function requestBody(random: Random, ending: Ending["kind"], most: number): Body | null {
  if (ending === "whole") return random.oneIn(3) ? null : body(random, most)
  const made = body(random, most)
  // There must be something left to say when it is reset.
  return { ...made, chunks: [1 + random.below(50), ...made.chunks, 1 + random.below(50)] }
}

function endingOf(random: Random, kind: Ending["kind"], request: Body | null): Ending {
  if (kind === "whole" || kind === "early") return { kind, by: "server", code: 0, at: 0 }
  const code = random.pick(resetCodes)
  if (kind === "reset-at-headers") return { kind, by: "server", code, at: 0 }
  if (kind === "reset-at-body") return { kind, by: "server", code, at: random.below(lengthOf(request!)) }
  const by = random.pick(["client", "server"] as const)
  return { kind, by, code, at: request!.chunks.length - (by === "server" ? 1 : 0) }
}

function response(random: Random, ending: Ending["kind"], toHead: boolean, most: number): Exchange["response"] {
  const informational = random.oneIn(5)
    ? Array.from({ length: 1 + random.below(3) }, () => head(random, [102, 103, 199]))
    : []
  const full = head(random, ending === "whole" ? [200, 200, 200, 201, 204, 205, 304, 404, 500, 599] : [200])
  const empty = toHead || withoutContent.has(full.status)
  const content = empty || (ending === "whole" && random.oneIn(5)) ? null : body(random, most)
  const fields = [...full.fields]
  // RFC 9110 §8.6: never with 204.
  if (toHead && full.status !== 204 && random.oneIn(2)) fields.push(["content-length", String(random.below(1e6))])
  else if (content !== null && ending === "whole" && random.oneIn(3)) {
    fields.push(["content-length", String(lengthOf(content))])
  }
  return {
    // A client of Go's does not go on with a request that has such an answer.
    afterRequest: random.oneIn(2) || full.status > 299,
    informational,
    head: { status: full.status, fields },
    body: content,
    trailers: content !== null && random.oneIn(3) ? randomTrailers(random) : null,
  }
}

function head(random: Random, statuses: readonly number[]): Head & { fields: Field[] } {
  const status = random.pick(statuses)
  return { status, fields: randomFields(random, status < 200 ? "informational" : "response") }
}

/** From nothing to several windows, in odd pieces. */
function body(random: Random, most: number): Body {
  const scale = random.pick([0, 1, 200, 200, 5000, 5000, 50_000, 200_000])
  const large = random.oneIn(60) ? largestBody : scale
  const length = Math.min(most, large === 0 ? 0 : 1 + random.below(large))
  const chunks: number[] = []
  const mean = 1 + Math.ceil((2 * length) / random.pick([1, 3, 10, 30]))
  for (let left = length; left > 0; left -= chunks.at(-1)!) chunks.push(Math.min(left, 1 + random.below(mean)))
  return { seed: random.below(largestBody), chunks }
}
