import type { ErrorCode } from "../../frame/error-code.js"
import type { Limits } from "../../limits.js"
import { bytesOf, concat, data, type HeaderSource } from "../frames.js"

type Code = keyof typeof ErrorCode

/**
 * Something that a server does which it should not do, or which few servers do, to a client that has sent two requests,
 * streams 1 and 3, and awaits the answers.
 */
export interface BadServerCase {
  /** What the server does. */
  readonly name: string
  /** The rule that it breaks, or that lets it pass. */
  readonly rule: string
  /** What the client is to do: end the connection, reset stream 1 alone, or take it. */
  readonly outcome: `connection ${Code}` | `stream ${Code}` | "tolerated"
  /** What the server says. `source` encodes its header blocks. */
  say(source: HeaderSource): readonly Uint8Array[]
  /** These are the server's first bytes, in place of its SETTINGS. */
  readonly first?: true
  /** What it says has ended stream 1, with a whole response or a reset. */
  readonly answered?: true
  /** What a gRPC call on stream 1 ends with, when it is not what the outcome says: UNAVAILABLE, INTERNAL or OK. */
  readonly status?: string
  /** The same of the call on stream 3, when it is not UNAVAILABLE with the connection or OK without. */
  readonly neighbour?: string
  /** Limits of the client's that the case is made for. */
  readonly options?: Partial<Limits>
}

/** A case, in the order in which it is read. */
export function bad(
  rule: string,
  name: string,
  outcome: BadServerCase["outcome"],
  say: BadServerCase["say"],
  more: Partial<BadServerCase> = {},
): BadServerCase {
  return { rule, name, outcome, say, ...more }
}

/** A gRPC message in DATA's payload. */
export function message(text: string): Uint8Array {
  return concat([Uint8Array.of(0, 0, 0, 0, text.length), bytesOf(text)])
}

export const responseHead: readonly string[] = [":status", "200", "content-type", "application/grpc"]

export const okTrailers: readonly string[] = ["grpc-status", "0"]

/** A whole response, as a good server gives it. */
export function wholeResponse(source: HeaderSource, streamId: number, text = "fine"): Uint8Array[] {
  return [
    source.headers(streamId, responseHead),
    data(streamId, message(text)),
    source.headers(streamId, okTrailers, true),
  ]
}
