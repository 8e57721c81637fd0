/**
 * What a client and a server say to one another on one connection: enough for either to play its part, and to know what
 * it must hear of the other. The same object, as JSON, is read by the peer in Go (conformance/go/http2-peer).
 */
export interface Conversation {
  readonly seed: number
  readonly client: EndSettings
  readonly server: EndSettings
  /** So many exchanges may be under way. */
  readonly concurrency: number
  readonly exchanges: readonly Exchange[]
  readonly changes: readonly Change[]
  /** Who says GOAWAY when all is done, and with which code; null: the client just leaves. */
  readonly goAway: { readonly by: End; readonly code: number } | null
}

export type End = "client" | "server"

/** What an end announces as the connection begins. A peer that has no such knob leaves it out. */
export interface EndSettings {
  readonly streamWindow: number
  readonly maxFrameSize: number
  readonly headerTableSize: number
  /** Of a server; 0 on a client. */
  readonly maxConcurrentStreams: number
  /** Frames are padded. */
  readonly padding: boolean
}

/** Settings that an end announces when the exchange with that number has begun. Go's cannot, and does not. */
export interface Change {
  readonly by: End
  readonly at: number
  readonly streamWindow?: number
  readonly headerTableSize?: number
  readonly maxConcurrentStreams?: number
}

/** Byte strings: every char code is one byte. Names are lower-case. */
export type Field = readonly [name: string, value: string]

export interface Exchange {
  readonly request: {
    readonly method: string
    /** Begins with the number of the exchange: `/3/…`. */
    readonly path: string
    readonly authority: string
    readonly fields: readonly Field[]
    readonly body: Body | null
    /** Only behind a body, which may be empty. */
    readonly trailers: readonly Field[] | null
  }
  readonly response: {
    /** Whether the server waits for the end of the request before it answers. */
    readonly afterRequest: boolean
    readonly informational: readonly Head[]
    readonly head: Head
    readonly body: Body | null
    readonly trailers: readonly Field[] | null
  }
  readonly ending: Ending
}

export interface Head {
  readonly status: number
  readonly fields: readonly Field[]
}

/** Content (see `bodies.ts`), and the sizes of the pieces in which it is given to be sent. */
export interface Body {
  readonly seed: number
  readonly chunks: readonly number[]
}

/**
 * How an exchange ends. Resets stand where both ends know what has been heard by then, for else what is seen would be a
 * matter of luck:
 *
 * - whole: both ends say all of it;
 * - early: the server answers in full, reads nothing of the request, and wants nothing of it (RFC 9113 §8.1);
 * - reset-at-headers: the server resets on the request's headers;
 * - reset-at-body: the server resets when it has read `at` bytes of the request, having said nothing;
 * - reset-amid: the client sends `at` pieces of its body and waits for the headers and all the content of the response,
 *   which has no end; then it resets (`by` client), or sends one piece more, on which the server resets.
 */
export type Ending =
  | { readonly kind: "whole" | "early"; readonly by: End; readonly code: 0; readonly at: 0 }
  | {
      readonly kind: "reset-at-headers" | "reset-at-body"
      readonly by: "server"
      readonly code: number
      readonly at: number
    }
  | { readonly kind: "reset-amid"; readonly by: End; readonly code: number; readonly at: number }
