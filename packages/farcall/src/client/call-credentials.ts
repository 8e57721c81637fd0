import { Metadata, type MetadataInit } from "../core/metadata.js"
import { badOption, withReason } from "../core/reason.js"

/** What proves who makes a call: metadata that is made for each. */
export interface CallCredentials {
  readonly kind: "call"
  /** What goes along with a call. A StatusError that it throws ends the call, any other error as UNAUTHENTICATED. */
  metadataFor(call: CredentialsRequest): Promise<Metadata>
}

/** The call, or the attempt at it, that credentials are asked for. */
export interface CredentialsRequest {
  /** `https://example.com/package.Service`: what tokens of gRPC's are made out to. */
  readonly serviceUrl: string
  /** The method's name alone. */
  readonly methodName: string
  /** Aborted when the call is over: its deadline has passed, or it was cancelled. */
  readonly signal: AbortSignal
}

/**
 * Call credentials by a function, which is asked for each attempt at a call once there is a connection for it. Keeping what
 * it gave last, where that is good for several calls, is its own affair.
 */
export function callCredentials(
  generate: (call: CredentialsRequest) => MetadataInit | Promise<MetadataInit>,
): CallCredentials {
  if (typeof generate !== "function") throw badOption("callCredentials: a function must be given")
  return { kind: "call", metadataFor: async (call) => new Metadata(await generate(call)) }
}

/** An access token of OAuth 2.0 (RFC 6750 §2.1), or what gives one: `authorization: Bearer …`. */
export function accessToken(token: string | ((call: CredentialsRequest) => string | Promise<string>)): CallCredentials {
  const give = typeof token === "function" ? token : () => token
  return callCredentials(async (call) => {
    const text = await give(call)
    if (typeof text !== "string" || text === "")
      throw withReason("FARCALL_CREDENTIALS_FAILED", new TypeError("accessToken: there is no token"))
    return { authorization: `Bearer ${text}` }
  })
}

export function isCallCredentials(value: { readonly kind: string }): value is CallCredentials {
  return value.kind === "call"
}

/** Several as one: all are asked at once, and what they give goes along in their order. */
export function combineCalls(all: readonly CallCredentials[]): CallCredentials {
  for (const one of all) {
    if (one?.kind !== "call") throw badOption("combine: call credentials must be made by callCredentials()")
  }
  return {
    kind: "call",
    async metadataFor(call) {
      const metadata = new Metadata()
      for (const part of await Promise.all(all.map((one) => one.metadataFor(call)))) metadata.merge(part)
      return metadata
    },
  }
}
