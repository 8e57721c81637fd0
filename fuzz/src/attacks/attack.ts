/** Something that a hostile client does. Its bytes are made one burst after another, for as long as somebody listens. */
export interface Attack {
  readonly name: string
  /** What it is known as, or what it is about. */
  readonly what: string
  /** What the server is to do. */
  readonly expect: Expectation
  /** What is said after preface and SETTINGS, before the bursts. */
  readonly opening?: Uint8Array
  /** Of a client that does not even begin as one. */
  readonly withoutGreeting?: boolean
  /** A client that never reads what it is sent. */
  readonly deaf?: boolean
  /** How long between bursts, in milliseconds; 0, the default, is as fast as the server takes them. */
  readonly pauseMs?: number
  /** The bytes of burst `n`, from 0; undefined when there is nothing more to say. */
  burst(n: number): Uint8Array | undefined
}

export type Expectation =
  /** The connection ends with this code; within so many milliseconds by the limits, where time is what cuts it. */
  | { readonly kind: "cut"; readonly code: string; readonly afterMs?: number }
  /** What it does is allowed, or ends calls alone: the connection goes on, and costs no more than it may. */
  | { readonly kind: "bounded"; readonly reset?: string; readonly status?: number; readonly http?: string }
